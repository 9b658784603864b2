import BookKit
import Foundation

/// The book as one thing to publish: its pages in reading order, and where everything in it is.
///
/// All outputs are made of it: the site, the EPUB and the PDF. The pages are those of `BookKit`; nothing is parsed a
/// second time.
public struct Publication: Sendable {
  public static let title = "Deep Learning Workbook"

  public let root: URL
  /// In reading order; the front page comes first.
  public let pages: [SitePage]
  let places: Places
  let glossary: Glossary

  /// Reads all pages.
  ///
  /// - Parameter root: The repository's root.
  /// - Throws: `BookProblem` when a page cannot be read, or the front page has no line that leads to it.
  public init(root: URL) throws(BookProblem) {
    let book = try Book(root: root)
    self.root = root
    pages = try Self.inOrder(book)
    places = Places(pages)
    glossary = Glossary(pages.first { $0.name == "glossary" }?.page)
  }

  /// The pages in the order of the front page's tables and lists; a heading there begins a part of the book.
  private static func inOrder(_ book: Book) throws(BookProblem) -> [SitePage] {
    let front = SitePage(try book.read("Book/README.md"), name: "index", part: "")
    var pages = [front]
    var part = ""
    for block in front.page.blocks {
      if case .heading(let heading) = block.content { part = plainText(heading.text) }
      for name in block.listedPages where !pages.contains(where: { $0.name == name }) {
        guard book.pages.contains("Book/\(name).md") else { continue }
        pages.append(SitePage(try book.read("Book/\(name).md"), name: name, part: part))
      }
    }
    for path in book.pages where path.hasPrefix("Book/") && !pages.contains(where: { $0.page.path == path }) {
      throw BookProblem(
        path, "nobody finds this page: Book/README.md does not list it",
        advice: "Write a line for it in one of the tables of Book/README.md.")
    }
    return pages
  }

  /// The pages of each part, in reading order, without the front page.
  var parts: [(title: String, pages: [SitePage])] {
    var parts: [(title: String, pages: [SitePage])] = []
    for page in pages.dropFirst() {
      if parts.last?.title == page.part {
        parts[parts.count - 1].pages.append(page)
      } else {
        parts.append((page.part, [page]))
      }
    }
    return parts
  }

  /// All formulas of the book, each once.
  var formulas: Set<Formula> { Set(pages.flatMap(\.formulas)) }

  func page(named name: String) -> SitePage? { pages.first { $0.name == name } }
}

/// A page of the book, and what it is called in all that is published.
public struct SitePage: Sendable {
  public let page: Page
  /// The file's name without its ending: `02-convolution`; the front page is `index`.
  public let name: String
  /// The part of the book that it is in: a heading of the front page.
  public let part: String

  init(_ page: Page, name: String, part: String) {
    (self.page, self.name, self.part) = (page, name, part)
  }

  var file: String { "\(name).html" }
  /// The front page is called by the book's name.
  var title: String { name == "index" ? Publication.title : page.title }

  /// The number that the title begins with, and the rest: `2` and `Convolution`.
  var numberedTitle: (number: String?, text: String) { numbered(title) }

  /// The headings that a list of contents shows.
  var sections: [Heading] { page.headings.filter { $0.level == 2 } }

  var formulas: [Formula] {
    page.allBlocks.flatMap { block -> [Formula] in
      if case .formula(let tex) = block.content { return [Formula(tex, isDisplayed: true)] }
      return block.texts.joined().flatMap(\.andInner).compactMap { inline in
        if case .formula(let tex) = inline { Formula(tex, isDisplayed: false) } else { nil }
      }
    }
  }
}

/// A text's number and the rest: `2.5 Channels` is `2.5` and `Channels`.
func numbered(_ text: String) -> (number: String?, text: String) {
  guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)*) +(.+)/) else { return (nil, text) }
  return (String(match.1), String(match.2))
}

extension Block {
  /// The pages of the book that the rows of a table or the items of a list lead to: the first link of each.
  fileprivate var listedPages: [String] {
    let rows: [[Inline]] =
      switch content {
      case .table(let table): table.rows.map { $0.flatMap { $0 } }
      case .list(let list): list.items.map { $0.flatMap(\.texts).flatMap { $0 } }
      default: []
      }
    return rows.compactMap { row in
      for inline in row.flatMap(\.andInner) {
        guard case .link(_, let target) = inline else { continue }
        return target.wholeMatch(of: /([^\/#:]+)\.md/).map { String($0.1) }
      }
      return nil
    }
  }
}
