import Foundation
import Formats
import Testing

/// The files of the figures, without a browser.
@Suite struct TouchFileTests {
  /// The data are those of the run whose results lie beside them, and not too much to load.
  @Test func dataAreThoseOfTheRun() throws {
    var all = 0
    for figure in TouchFigure.all {
      let bytes = try [UInt8](Data(contentsOf: figure.data))
      let metrics = try figure.metrics()
      #expect(metrics["data_bytes"] == Double(bytes.count), "\(figure.name)")
      #expect(metrics["data_crc32"] == Double(CRC32.checksum(bytes)), "\(figure.name)")
      #expect(bytes.count <= 700_000, "\(figure.name)")
      #expect(FileManager.default.fileExists(atPath: figure.picture.path), "\(figure.name)")
      all += bytes.count
    }
    #expect(all <= 1_500_000)
  }

  /// Whatever lies in `Book/Touch` belongs to a figure, and each figure stands on its page once.
  @Test func eachFigureStandsOnItsPage() throws {
    let folder = TouchFigure.book.appending(path: "Touch")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == (TouchFigure.all.map { "\($0.name).js" } + ["touch.css"]).sorted())
    for figure in TouchFigure.all {
      let page = try String(contentsOf: TouchFigure.book.appending(path: figure.page), encoding: .utf8)
      let markers = page.matches(of: /<!-- figure: (\S+) (\S+) \|/).filter {
        $0.1 == figure.experiment && $0.2 == figure.pictureName
      }
      #expect(markers.count == 1, "\(figure.name)")
    }
  }

  /// A script that a reader may open: not long, and it asks for nothing from anywhere.
  @Test func scriptsAreShortAndAskForNothing() throws {
    for figure in TouchFigure.all {
      let text = try String(contentsOf: figure.script, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(
        lines.count <= 350 && lines.allSatisfy { $0.count <= 125 }, "\(figure.name): \(lines.count) lines")
      for word in ["http:", "https:", "fetch(", "XMLHttpRequest", "import(", "innerHTML", "eval("] {
        #expect(!text.contains(word), "\(figure.name): \(word)")
      }
      #expect(
        text.contains("figure[data-touch=\"${name}\"]") && text.contains("const name = \"\(figure.name)\";"))
    }
  }

  /// Each colour is there for light pages and for dark ones, chosen by the system or by the reader.
  @Test func coloursAreThereForBoth() throws {
    let style = try String(
      contentsOf: TouchFigure.book.appending(path: "Touch/touch.css"), encoding: .utf8)
    func names(_ text: Substring) -> Set<String> {
      Set(text.matches(of: /(--touch-[a-z-]+):/).map { String($0.1) })
    }
    let used = Set(style.matches(of: /var\((--touch-[a-z-]+)\)/).map { String($0.1) })
    let blocks = style.matches(of: /(\S[^{}\n]*)\{\s*\n(\s+--touch-[^}]*)\}/)
    #expect(
      blocks.map { String($0.1).trimmingCharacters(in: .whitespaces) } == [
        ".touch", ":root:not([data-theme=\"light\"]) .touch", "[data-theme=\"dark\"] .touch",
      ])
    for block in blocks { #expect(names(block.2) == names(blocks[0].2)) }
    #expect(used.isSubset(of: names(blocks[0].2)))
  }
}
