import Foundation
import Testing

@testable import Reference

/// The reference of the modules: DocC has nothing to say against any comment, and what stands against one is found.
@Suite struct ReferenceTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every parameter of a list is explained, every link leads somewhere, and what is said of the book is there.
  @Test func docCHasNothingToSay() throws {
    guard Reference.canDocument else { return print("note: \(Reference.howToInstall)") }
    let products = try #require(Reference.productsOfThisProgram, "no built modules around this program")
    let problems = try Reference(root: Self.root, products: products).problems()
    #expect(problems == [], "\(problems.map(\.description).joined(separator: "\n"))")
  }

  /// What DocC writes about a warning becomes a file, a line and a text; of a page in the copy of the catalogue, the
  /// original's. Remarks are left out, and what is said twice is there once.
  @Test func diagnosticsAreRead() throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let file = folder.url.appending(path: "diagnostics.json")
    let warning = """
      { "severity": "warning", "source": "file:///w/Sources/Layers/GRU.swift", "summary": "Parameter 'x' is missing",
        "range": { "start": { "line": 12, "column": 3 }, "end": { "line": 12, "column": 3 } },
        "solutions": [{ "summary": "Document 'x'", "replacements": [] }] }
      """
    let page = """
      { "severity": "error", "source": "file:///tmp/s/Reference.docc/Layers.md", "summary": "no such symbol" }
      """
    let remark = #"{ "severity": "note", "summary": "by the way" }"#
    try Data(#"{ "diagnostics": [\#(warning), \#(warning), \#(page), \#(remark)] }"#.utf8).write(to: file)
    let problems = try ReferenceProblem.all(
      in: file, root: URL(filePath: "/w"),
      catalogue: (copy: URL(filePath: "/tmp/s/Reference.docc"), original: "Sources/Engine/Engine.docc"))
    #expect(
      problems.map(\.description) == [
        "Sources/Layers/GRU.swift:12: Parameter 'x' is missing\n  Document 'x'",
        "Sources/Engine/Engine.docc/Layers.md: no such symbol",
      ])
    try Data("no JSON".utf8).write(to: file)
    #expect(throws: CannotDocument.self) {
      try ReferenceProblem.all(in: file, root: folder.url, catalogue: (copy: folder.url, original: ""))
    }
  }

  /// A folder in which somebody keeps something else is left alone; an earlier reference and an empty folder are not.
  @Test func otherFoldersAreLeftAlone() throws {
    let folder = try Scratch()
    defer { folder.remove() }
    try Reference.checkReplaceable(folder.url)
    try Reference.checkReplaceable(folder.url.appending(path: "new"))
    try folder.write("mine", "letter.txt")
    #expect(throws: CannotDocument.self) { try Reference.checkReplaceable(folder.url) }
    #expect(throws: CannotDocument.self) {
      try Reference.checkReplaceable(folder.url.appending(path: "letter.txt"))
    }
    for name in ["documentation", "data", "metadata.json"] { try folder.write("", name) }
    try Reference.checkReplaceable(folder.url)
  }

  /// Modules that were not built are named, with the command that builds them.
  @Test func whatIsNotBuiltIsNamed() throws {
    guard Reference.canDocument else { return print("note: \(Reference.howToInstall)") }
    let folder = try Scratch()
    defer { folder.remove() }
    let reference = try Reference(root: Self.root, products: folder.url)
    let error = #expect(throws: CannotDocument.self) { try reference.problems() }
    #expect(error?.description.contains("swift build --target NumberText") == true)
    // A build from before the last change of a source has its comments elsewhere.
    try folder.write("", "Modules/NumberText.swiftsourceinfo")
    let longAgo = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)]
    try FileManager.default.setAttributes(
      longAgo, ofItemAtPath: folder.url.path + "/Modules/NumberText.swiftsourceinfo")
    let older = #expect(throws: CannotDocument.self) { try reference.problems() }
    #expect(older?.description.contains("was changed after NumberText was built") == true)
  }
}

/// The lines of comments that name a chapter or a section of the book.
@Suite struct BookReferencesTests {
  private static func book(_ folder: Scratch) throws -> URL {
    try folder.write(
      """
      # 4 Fully connected

      ## 4.1 One layer

      It is called `linear`.

      ## 4.2 Scores *become* probabilities

      `softmax` does it, as in `softmax(x)`:

      ```swift
      let p: Layer = softmax(logits)
      ```
      """, "Book/04-fully-connected.md")
    return folder.url
  }

  private static func inFull(
    _ text: String, about name: String?, site: Bool = false
  ) throws -> (text: String?, missing: [String]) {
    let folder = try Scratch()
    defer { folder.remove() }
    let root = try book(folder)
    if site { try folder.write("", "site/04-fully-connected.html") }
    let references = try BookReferences(
      root: root, site: site ? root.appending(path: "site") : nil, address: "/book")
    var missing: [String] = []
    return (references.inFull(text, about: name, missing: &missing), missing)
  }

  @Test func chaptersHaveTheirTitleAndTheSectionThatNamesTheSymbol() throws {
    #expect(try Self.inFull("chapter 4.", about: nil).text == "chapter 4, Fully connected.")
    #expect(
      try Self.inFull("chapter 4.", about: "softmax").text
        == "chapter 4, Fully connected; it is named in section 4.2, Scores become probabilities.")
    #expect(try Self.inFull("chapter 4.", about: "soft").text == "chapter 4, Fully connected.")
    // A title tells more than any number of mentions.
    #expect(try Self.inFull("chapter 4.", about: "Layer").text?.hasSuffix("section 4.1, One layer.") == true)
    #expect(try Self.inFull("section 4.1.", about: "softmax").text == "section 4.1, One layer.")
    #expect(try Self.inFull("somewhere.", about: nil).text == nil)
  }

  @Test func withASiteTheyAreLinks() throws {
    #expect(
      try Self.inFull("chapter 4.", about: "softmax", site: true).text
        == "[chapter 4, Fully connected](/book/04-fully-connected.html); it is named in "
        + "[section 4.2, Scores become probabilities](/book/04-fully-connected.html#42-scores-become-probabilities)."
    )
  }

  @Test func whatIsNotInTheBookIsFound() throws {
    #expect(try Self.inFull("chapters 4 and 5.", about: nil).missing == ["chapter 5"])
    #expect(try Self.inFull("section 4.9.", about: nil).missing == ["section 4.9"])
    let folder = try Scratch()
    defer { folder.remove() }
    let root = try Self.book(folder)
    #expect(throws: CannotDocument.self) { try BookReferences(root: root, site: folder.url) }
  }

  /// In files of symbols and in the catalogue, with file and line.
  @Test func commentsAreRewritten() throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let references = try BookReferences(root: try Self.book(folder))
    try folder.write(
      """
      { "symbols": [
        { "pathComponents": ["softmax(_:axis:)"],
          "docComment": { "uri": "file://\(folder.url.resolvingSymlinksInPath().path)/Sources/A.swift", "lines": [
            { "text": "The softmax.", "range": { "start": { "line": 4, "character": 4 } } },
            { "text": "- Book: chapter 4.", "range": { "start": { "line": 5, "character": 4 } } },
            { "text": "- Book: section 9.9.", "range": { "start": { "line": 6, "character": 4 } } } ] } },
        { "pathComponents": ["bare"] } ] }
      """, "graphs/A.symbols.json")
    let problems = try references.rewrite(graphs: folder.url.appending(path: "graphs"))
    #expect(problems.map(\.description) == ["Sources/A.swift:7: the book has no section 9.9"])
    let text = try String(contentsOf: folder.url.appending(path: "graphs/A.symbols.json"), encoding: .utf8)
    #expect(text.contains("- Book: chapter 4, Fully connected; it is named in section 4.2"))
    #expect(text.contains("The softmax."))

    try folder.write("- **Layers**\n  - Book: chapter 4.\n- Book: chapter 13.\n", "a.docc/Page.md")
    let found = try references.rewrite(catalogue: folder.url.appending(path: "a.docc"), shownAs: "A.docc")
    #expect(found.map(\.description) == ["A.docc/Page.md:3: the book has no chapter 13"])
    let page = try String(contentsOf: folder.url.appending(path: "a.docc/Page.md"), encoding: .utf8)
    #expect(page.hasPrefix("- **Layers**\n  - Book: chapter 4, Fully connected.\n"))
  }
}

/// A folder for one test.
private struct Scratch {
  let url = FileManager.default.temporaryDirectory.appending(path: "reference-test-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  func remove() { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, _ path: String) throws {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
