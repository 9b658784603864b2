import BookKit
import Foundation
import Testing

@testable import Site

/// The book for e-readers.
@Suite(MadeSite.needsPandoc) struct EPUBTests {
  @Test func theBookIsWhole() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "epub-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "book.epub")
    let publication = try MadeSite.publication.get()
    try publication.writeEPUB(to: file)
    let data = try Data(contentsOf: file)
    #expect(data.starts(with: Array("PK".utf8)))
    // The first file of an EPUB is not packed, so that everybody sees what this is.
    #expect(data.prefix(80).firstRange(of: Data("application/epub+zip".utf8)) != nil)

    let epubcheck = OutsideProgram(
      names: ["epubcheck"], purpose: "the test holds the EPUB to its standard",
      installation: "apt-get install epubcheck")
    guard let program = epubcheck.findIfThere() else {
      print("note: the EPUB was not checked: epubcheck is missing. Install it: \(epubcheck.installation)")
      return
    }
    do {
      // Some systems install an archive for Java under this name.
      let isArchive = try Data(contentsOf: program.file).starts(with: Array("PK".utf8))
      let java = OutsideProgram(names: ["java"], purpose: "epubcheck is a program for it", installation: "")
      let result =
        isArchive
        ? try java.find().run(["-jar", program.file.path, file.path]) : try program.run([file.path])
      #expect(!result.errors.contains("WARNING") && !result.errors.contains("ERROR"), "\(result.errors)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func formulasAreLeftToPandoc() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let html = try book.html("# 1 One\n\nFor $a < b$:\n\n```math\nx^2\n```\n", edition: .forPandoc)
    #expect(html.contains("For <script type=\"math/tex\">a < b</script>:"))
    #expect(html.contains("<script type=\"math/tex; mode=display\">x^2\n</script>"))
  }
}
