import BookKit
import Formats
import Foundation

extension Publication {
  /// Writes the book for e-readers: an EPUB 3 with the formulas as MathML, packed by pandoc.
  ///
  /// - Parameter file: Written whole or not at all.
  /// - Throws: `BookProblem` when pandoc is missing or a page cannot be made, `FileError` when nothing can be written there.
  public func writeEPUB(to file: URL) throws {
    // Finds the formulas that pandoc would leave as TeX, without a word about it in the file.
    _ = try Formulas(of: self)
    let pictures = try self.pictures()
    var html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(Self.title)</title></head><body>\n"
    for page in pages {
      var writer = PageWriter(page, of: self, as: .forPandoc, formulas: nil, pictures: pictures)
      html += writer.html()
    }
    html += "</body></html>\n"
    let scratch = try TemporaryFolder()
    defer { scratch.remove() }
    for picture in pictures.values {
      let target = scratch.url.appending(path: picture.source)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      if let light = picture.lightSVG {
        try light.write(to: target, atomically: false, encoding: .utf8)
      } else {
        try FileManager.default.copyItem(at: picture.file, to: target)
      }
    }
    try html.write(to: scratch.url.appending(path: "book.html"), atomically: false, encoding: .utf8)
    let pandoc = try OutsideProgram.pandoc.find()
    let result = try pandoc.run(
      [
        "--from", "html", "--to", "epub3", "book.html", "--output", "book.epub",
        "--mathml", "--toc", "--toc-depth", "2", "--epub-chapter-level", "1", "--css",
        assets.appending(path: "epub.css").path,
        "--metadata", "title=\(Self.title)", "--metadata", "lang=en", "--metadata",
        "identifier=urn:uuid:6b1c4f0e-3f0a-5d0b-9c0e-5d1b6a2f7c11",
      ], in: scratch.url)
    guard !result.errors.contains("Could not convert TeX math"), !result.errors.contains("Could not fetch")
    else {
      throw BookProblem("pandoc", "the EPUB is not whole", advice: result.errors)
    }
    let data = try Data(contentsOf: scratch.url.appending(path: "book.epub"))
    try AtomicFile.write(data, to: file.path)
  }
}
