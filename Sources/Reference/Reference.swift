import BookKit
import Formats
import Foundation

/// The reference of the modules as a site: what DocC makes of the documentation comments and of the catalogue
/// `Sources/Engine/Engine.docc`.
///
///     let reference = try Reference(root: root, products: products)
///     let problems = try reference.problems()              // what DocC says against the comments; empty is good
///     try reference.write(to: "out/reference")             // the site, whole or not at all
///
/// The symbols come from modules that are built already; nothing is compiled. The comments are read from the sources, at
/// the places that the build noted: a source that has changed since must be built first.
public struct Reference: Sendable {
  /// The modules that the site shows, from the lowest floor up.
  public static let modules = [
    "NumberText", "Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures", "Engine",
    "Workbench", "Ranks", "Practice", "ExerciseKit",
  ]
  /// What the site is called: also the name of its first page.
  static let title = "Deep Learning Workbook"
  static let catalogue = "Sources/Engine/Engine.docc"

  /// The repository's root.
  public let root: URL
  /// Where the modules are that were built: `.build/debug`, with `Modules` in it.
  public let products: URL
  let docc: URL
  let extractor: URL

  /// - Parameters:
  ///   - root: The repository's root.
  ///   - products: Where the modules are that were built: `.build/debug`, with `Modules` in it.
  /// - Throws: `CannotDocument` where DocC, a module or the catalogue is missing.
  public init(root: URL, products: URL) throws(CannotDocument) {
    guard let docc = Tool.find("docc"), let extractor = Tool.find("swift-symbolgraph-extract") else {
      throw CannotDocument(Self.howToInstall)
    }
    (self.docc, self.extractor) = (docc, extractor)
    self.root = root.resolvingSymlinksInPath()
    self.products = products.resolvingSymlinksInPath()
    if !FileManager.default.fileExists(atPath: root.appending(path: Self.catalogue).path) {
      throw CannotDocument("\(root.appending(path: Self.catalogue).path): the catalogue is missing")
    }
  }

  /// Whether the programs are there that make the reference.
  public static var canDocument: Bool {
    Tool.find("docc") != nil && Tool.find("swift-symbolgraph-extract") != nil
  }

  /// What to do where they are not.
  public static let howToInstall =
    "docc and swift-symbolgraph-extract are missing: they come with Swift's toolchain (https://www.swift.org/install); "
    + "the folder of `swift` must be in PATH"

  /// The folder of built modules around the program that is running; nil where there is none.
  public static var productsOfThisProgram: URL? {
    var folder = Bundle.main.executableURL?.resolvingSymlinksInPath()
    #if os(Linux)
      folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    #endif
    while let place = folder, place.path != "/" {
      if FileManager.default.fileExists(atPath: place.path + "/Modules/Tensors.swiftmodule") { return place }
      folder = place.deletingLastPathComponent()
    }
    return nil
  }

  /// What DocC says against the comments and the catalogue, and which chapters and sections of the book they name that do
  /// not exist.
  ///
  /// - Throws: `CannotDocument` where the work itself cannot be done.
  public func problems() throws -> [ReferenceProblem] {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "reference-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    return try convert(in: scratch, BookReferences(root: root))
  }

  /// Writes the site into a folder, whole or not at all.
  ///
  /// - Parameters:
  ///   - path: The folder. An earlier reference there is replaced; anything else is left alone, and this throws.
  ///   - book: A site that `./workbook book --site` has written. It is copied into the folder, as `book`, and pages of the
  ///     reference link there; without it they name chapters and sections.
  ///   - base: The path under which a server shows the folder, such as `/workbook`; empty for its root.
  /// - Returns: What stands against it: then nothing has been written. Empty when the site is there.
  /// - Throws: `CannotDocument` where the work itself cannot be done.
  public func write(to path: String, book: URL? = nil, base: String = "") throws -> [ReferenceProblem] {
    let target = URL(filePath: path).standardizedFileURL
    try Self.checkReplaceable(target)
    let base = base.split(separator: "/").map { "/" + $0 }.joined()
    let references = try BookReferences(root: root, site: book, address: base + "/book")
    let work = try WorkFolder(in: target.deletingLastPathComponent().path, for: "reference")
    let scratch = URL(filePath: work.path)
    let problems = try convert(in: scratch, references, base: base)
    if !problems.isEmpty { return problems }
    let site = scratch.appending(path: "site")
    if let book {
      try FileManager.default.copyItem(at: book, to: site.appending(path: "book"))
    }
    try AtomicFile.write(Self.frontPage.utf8, to: site.appending(path: "index.html").path)
    try work.publish("site", as: target.path)
    return []
  }

  /// Extracts the symbols, rewrites the lines about the book, and lets DocC make `site` in the folder.
  private func convert(
    in scratch: URL, _ references: BookReferences, base: String = ""
  ) throws -> [ReferenceProblem] {
    let (graphs, catalogue) = (scratch.appending(path: "graphs"), scratch.appending(path: "Reference.docc"))
    try AtomicFile.createFolder(graphs.path)
    try SymbolGraphs(of: self).extract(to: graphs)
    try FileManager.default.copyItem(at: root.appending(path: Self.catalogue), to: catalogue)
    var problems = try references.rewrite(graphs: graphs)
    problems += try references.rewrite(catalogue: catalogue, shownAs: Self.catalogue)

    let diagnostics = scratch.appending(path: "diagnostics.json")
    var words = [
      "convert", catalogue.path, "--additional-symbol-graph-dir", graphs.path, "--fallback-display-name",
      Self.title,
      "--fallback-bundle-identifier", "deep-learning-workbook", "--fallback-default-module-kind", "Module",
      "--diagnostics-file", diagnostics.path,
      "--output-path", scratch.appending(path: "site").path,
    ]
    if !base.isEmpty { words += ["--hosting-base-path", base] }
    let (succeeded, text) = try Tool.run(docc, words)
    let found = try ReferenceProblem.all(
      in: diagnostics, root: root, catalogue: (copy: catalogue, original: Self.catalogue))
    if !succeeded, found.isEmpty { throw CannotDocument("docc failed:\n\(text.suffix(2_000))") }
    problems += found
    return problems.sorted { ($0.path, $0.line ?? 0) < ($1.path, $1.line ?? 0) }
  }

  /// An earlier reference may be replaced, and an empty folder; nothing else.
  static func checkReplaceable(_ target: URL) throws(CannotDocument) {
    guard let there = try? FileManager.default.contentsOfDirectory(atPath: target.path) else {
      if FileManager.default.fileExists(atPath: target.path) {
        throw CannotDocument("\(target.path): it is a file; name a folder")
      }
      return
    }
    if !there.isEmpty, !Set(there).isSuperset(of: ["documentation", "data", "metadata.json"]) {
      throw CannotDocument(
        "\(target.path): something else is in there; name another folder, or empty that one")
    }
  }

  /// A site's own first page, which leads on: DocC's would be empty.
  private static var frontPage: String {
    let first = "documentation/\(title.lowercased().replacing(" ", with: "-"))/"
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
      <meta http-equiv="refresh" content="0; url=\(first)"></head>
      <body><p><a href="\(first)">\(title)</a></p></body></html>

      """
  }
}

/// Why the reference cannot be made, and what to do.
public struct CannotDocument: Error, CustomStringConvertible, Equatable {
  public let description: String

  /// A reason in words.
  public init(_ description: String) { self.description = description }
}
