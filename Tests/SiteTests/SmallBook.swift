import BookKit
import Foundation

@testable import Site

/// A repository with a book of two or three pages, in a temporary folder.
struct SmallBook {
  let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "small-book-\(UUID().uuidString)")
    try write(
      """
      # The book

      | page | asks |
      |---|---|
      | [1 One](01-one.md) | What is one? |
      """, to: "Book/README.md")
    try write("# 1 One\n\nWhat is one?\n\n## 1.1 A half\n\nTwo halves, $x + x = 1$.\n", to: "Book/01-one.md")
    for name in ["book.css", "book.js", "epub.css"] {
      let assets = MadeSite.root.appending(path: "Sources/Site/Assets/\(name)")
      try write(try String(contentsOf: assets, encoding: .utf8), to: "Sources/Site/Assets/\(name)")
    }
  }

  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func read(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The files in a folder, also hidden ones.
  func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path)) ?? []).sorted()
  }

  /// A page of its own text, as HTML.
  func html(_ text: String, name: String = "01-one", edition: Edition = .page) throws -> String {
    try write(text, to: "Book/01-one.md")
    let publication = try Publication(root: root)
    let page = publication.page(named: name)!
    var writer = PageWriter(
      page, of: publication, as: edition, formulas: nil, pictures: try publication.pictures())
    return writer.html()
  }

  func remove() { try? FileManager.default.removeItem(at: root) }
}
