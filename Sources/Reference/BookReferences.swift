import BookKit
import Foundation

/// What a comment's line `Book: chapter 4.` means: the chapter's title, the section in which the declaration is named,
/// and where the two are on the book's site.
///
///     - Book: chapter 4.      on `softmax`
///     - Book: [chapter 4, Fully connected](/book/04-fully-connected.html); it is named in [section 4.3, …](…).
///
/// Without a site there is the same text without links.
struct BookReferences {
  /// A chapter's page, in sections.
  private struct Chapter {
    let title: String
    let file: String
    let sections: [Section]
  }

  /// A section, and all code that stands in it.
  private struct Section {
    let number: String
    let title: String
    let anchor: String
    var code: [String] = []
  }

  private let root: URL
  private let address: String?
  private var chapters: [Int: Chapter] = [:]

  /// - Parameters:
  ///   - root: The repository's root.
  ///   - site: The book's site; nil for text without links.
  ///   - address: Where the site is, from the reference's server on: `/book`.
  /// - Throws: `CannotDocument` where a chapter has no page on the site.
  init(root: URL, site: URL? = nil, address: String = "/book") throws {
    self.root = root.resolvingSymlinksInPath()
    self.address = site == nil ? nil : address
    let book = try Book(root: root)
    for path in book.pages {
      let page = try book.read(path)
      guard let number = page.chapter else { continue }
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      let chapter = Chapter(
        title: Self.withoutNumber(page.title), file: "\(name).html", sections: Self.sections(of: page))
      if let site, !FileManager.default.fileExists(atPath: site.appending(path: chapter.file).path) {
        throw CannotDocument(
          "\(site.path): \(chapter.file) is missing; make the book's site anew: ./workbook book --site \(site.path)"
        )
      }
      chapters[number] = chapter
    }
  }

  /// The sections of a page, each with the code that stands in it.
  private static func sections(of page: Page) -> [Section] {
    var sections: [Section] = []
    for block in page.allBlocks {
      switch block.content {
      case .heading(let heading):
        let text = plainText(heading.text)
        if let match = text.prefixMatch(of: /(\d+\.\d+)\.?\s/) {
          sections.append(
            Section(number: String(match.1), title: withoutNumber(text), anchor: heading.anchor))
        }
      case .code(let code, _) where !sections.isEmpty: sections[sections.count - 1].code.append(code)
      default:
        guard !sections.isEmpty else { continue }
        for case .code(let code) in block.texts.joined().flatMap(\.andInner) {
          sections[sections.count - 1].code.append(code)
        }
      }
    }
    return sections
  }

  private static func withoutNumber(_ title: String) -> String {
    String(title.drop { $0.isNumber || $0 == "." || $0 == " " })
  }

  /// What stands after `Book:` in full; nil where it names nothing of the book. What does not exist goes into `missing`.
  ///
  /// - Parameter name: The declaration's name, to find the section that is about it.
  func inFull(_ text: String, about name: String?, missing: inout [String]) -> String? {
    let sections = text.matches(of: /\d+\.\d+/).map { String($0.0) }
    if !sections.isEmpty {
      let parts = sections.compactMap { number -> String? in
        guard let chapter = chapters[Int(number.prefix { $0 != "." }) ?? -1],
          let section = chapter.sections.first(where: { $0.number == number })
        else {
          missing.append("section \(number)")
          return nil
        }
        return link(section, in: chapter)
      }
      return parts.joined(separator: " and ") + "."
    }
    guard text.contains("chapter") else { return nil }
    let numbers = text.matches(of: /\d+/).compactMap { Int($0.0) }
    let parts = numbers.compactMap { number -> String? in
      guard let chapter = chapters[number] else {
        missing.append("chapter \(number)")
        return nil
      }
      let place = link("chapter \(number), \(chapter.title)", to: chapter.file)
      guard let name, let section = Self.section(about: name, in: chapter) else { return place }
      return place + "; it is named in " + link(section, in: chapter)
    }
    return parts.joined(separator: "; ") + "."
  }

  /// The section whose title has the declaration's name; else the one whose code names it most often, of equals the first.
  private static func section(about name: String, in chapter: Chapter) -> Section? {
    guard name.count > 2, let word = try? Regex("\\b\(NSRegularExpression.escapedPattern(for: name))\\b")
    else {
      return nil
    }
    if let titled = chapter.sections.first(where: { $0.title.firstMatch(of: word.ignoresCase()) != nil }) {
      return titled
    }
    let counts = chapter.sections.map { section in
      section.code.reduce(0) { $0 + $1.matches(of: word).count }
    }
    guard let most = counts.max(), most > 0 else { return nil }
    return chapter.sections[counts.firstIndex(of: most)!]
  }

  private func link(_ section: Section, in chapter: Chapter) -> String {
    link("section \(section.number), \(section.title)", to: chapter.file + "#" + section.anchor)
  }

  private func link(_ text: String, to place: String) -> String {
    let text = text.replacing(/[\[\]*_`<>\\]/) { "\\" + $0.0 }
    return address.map { "[\(text)](\($0)/\(place))" } ?? text
  }

  /// Rewrites a line that says `Book: …`, and leaves any other as it is.
  private func rewritten(_ line: String, about name: String?, missing: inout [String]) -> String {
    guard let match = line.wholeMatch(of: /(\s*- Book: )(.+)/),
      let full = inFull(String(match.2), about: name, missing: &missing)
    else { return line }
    return match.1 + full
  }
}

extension BookReferences {
  /// Rewrites the comments in files of symbols.
  ///
  /// - Returns: The comments that name what is not in the book.
  func rewrite(graphs folder: URL) throws -> [ReferenceProblem] {
    var problems: [ReferenceProblem] = []
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    for name in names where name.hasSuffix(".symbols.json") {
      let file = folder.appending(path: name)
      guard var graph = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any],
        var symbols = graph["symbols"] as? [[String: Any]]
      else { throw CannotDocument("\(name): not a file of symbols") }
      for i in symbols.indices {
        guard var comment = symbols[i]["docComment"] as? [String: Any],
          var lines = comment["lines"] as? [[String: Any]]
        else { continue }
        let path = symbols[i]["pathComponents"] as? [String]
        let own = path?.last.map { String($0.prefix { $0 != "(" }) }
        for k in lines.indices {
          guard let text = lines[k]["text"] as? String, text.contains("Book: ") else { continue }
          var missing: [String] = []
          lines[k]["text"] = rewritten(text, about: own, missing: &missing)
          let start = (lines[k]["range"] as? [String: Any])?["start"] as? [String: Any]
          for place in missing {
            let problem = ReferenceProblem(
              path: shortened(comment["uri"] as? String), line: (start?["line"] as? Int).map { $0 + 1 },
              found: "the book has no \(place)")
            if !problems.contains(problem) { problems.append(problem) }
          }
        }
        comment["lines"] = lines
        symbols[i]["docComment"] = comment
      }
      graph["symbols"] = symbols
      try JSONSerialization.data(withJSONObject: graph).write(to: file)
    }
    return problems
  }

  /// Rewrites the pages of a catalogue.
  ///
  /// - Parameter original: What the catalogue is called in the problems.
  /// - Returns: The lines that name what is not in the book.
  func rewrite(catalogue folder: URL, shownAs original: String) throws -> [ReferenceProblem] {
    var problems: [ReferenceProblem] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    where name.hasSuffix(".md") {
      let file = folder.appending(path: name)
      var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
      for i in lines.indices {
        var missing: [String] = []
        lines[i] = rewritten(lines[i], about: nil, missing: &missing)
        problems += missing.map {
          ReferenceProblem(path: "\(original)/\(name)", line: i + 1, found: "the book has no \($0)")
        }
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
    }
    return problems
  }

  private func shortened(_ address: String?) -> String {
    let path = address.flatMap { URL(string: $0)?.path } ?? ""
    return path.hasPrefix(root.path + "/") ? String(path.dropFirst(root.path.count + 1)) : path
  }
}
