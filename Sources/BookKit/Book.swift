import Formats
import Foundation

/// The book's pages, and what they are filled in from.
///
/// Nothing is run: the results are those that were committed, the code is that which is compiled.
public struct Book {
  /// The repository's root, from which all paths go on.
  public let root: URL
  /// All pages, from the root on, by name; and the README, whose numbers come from runs, too.
  public let pages: [String]
  private let sources: BookSources

  /// - Parameters:
  ///   - root: The repository's root.
  ///   - exercises: Those of the catalogue, for the book's index; without them the index is left as it is.
  /// - Throws: `BookProblem` when there is no book.
  public init(root: URL, exercises: [ListedExercise]? = nil) throws(BookProblem) {
    self.root = root
    sources = BookSources(root: root, exercises: exercises)
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Book").path)) ?? []
    let found = names.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }.sorted().map { "Book/\($0)" }
    let hasReadme = FileManager.default.fileExists(atPath: root.appending(path: "README.md").path)
    pages = found + (hasReadme ? ["README.md"] : [])
    if found.isEmpty {
      throw BookProblem(
        "Book", "there are no pages in \(root.path)/Book", advice: "Run this in the workbook's folder.")
    }
  }

  /// The page that `name` means: `02-convolution`, `2` or `Book/02-convolution.md`.
  ///
  /// - Throws: `BookProblem` with the nearest names when there is none.
  public func page(_ name: String) throws(BookProblem) -> String {
    let names = pages.map {
      String($0.dropFirst($0.hasPrefix("Book/") ? "Book/".count : 0).dropLast(".md".count))
    }
    for (page, short) in zip(pages, names) {
      if [page, short, short + ".md"].contains(name) { return page }
      if let number = Int(name), Int(short.prefix { $0.isNumber }) == number { return page }
    }
    throw BookProblem(
      name, "there is no such page in Book", advice: nearest(to: name, among: names, call: "pages"))
  }

  /// A page, or another Markdown file, as blocks.
  ///
  /// - Parameter path: From the root on.
  /// - Throws: `BookProblem` when it cannot be read.
  public func read(_ path: String) throws(BookProblem) -> Page {
    guard let page = sources.page(path) else {
      throw BookProblem(path, "the page cannot be read as UTF-8 text")
    }
    return page
  }

  /// Makes a page anew, in memory.
  ///
  /// - Throws: `BookProblem` when the page cannot be read.
  public func filled(_ page: String) throws(BookProblem) -> FilledPage {
    try PageFiller.fill(read(page), from: sources)
  }

  /// Writes a page, whole or not at all, if that changes it.
  ///
  /// - Returns: Whether it did.
  public func write(_ page: FilledPage) throws -> Bool {
    if page.after == page.before { return false }
    try AtomicFile.write(page.after, to: root.appending(path: page.path).path)
    return true
  }

  /// The files in `Book/Results` that no page shows. Right once all pages have been filled in.
  public func unusedFiles() -> [BookProblem] {
    sources.files(in: "Book/Results").filter { name in
      !name.hasSuffix("/results.json") && !sources.shown.contains(name) && !isDataOfShownFigure(name)
    }.map { name in
      BookProblem(
        "Book/Results/\(name)", "no page shows this file",
        advice: "Show it by <!-- figure: … | … -->, or remove it.")
    }
  }

  /// Whether a file is `NAME.data.js` beside a picture of this name that a page shows: what `Book/Touch/NAME.js` calculates
  /// with.
  private func isDataOfShownFigure(_ file: String) -> Bool {
    guard file.hasSuffix(".data.js") else { return false }
    let picture = file.dropLast(".data.js".count)
    let script = root.appending(path: "Book/Touch/\(picture.split(separator: "/").last ?? "").js")
    return [".svg", ".png"].contains { sources.shown.contains(picture + $0) }
      && FileManager.default.fileExists(atPath: script.path)
  }
}
