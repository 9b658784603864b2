import Foundation

/// An exercise as the book's index lists it.
public struct ListedExercise: Sendable {
  /// Chapter and number: `2.3`.
  public let id: String
  /// The chapter's number.
  public let chapter: Int
  /// What it is about, in a few words.
  public let title: String
  /// What is asked for, in a sentence of Markdown.
  public let task: String
  /// The book's section that it goes with: `2.1`.
  public let section: String
  /// From 1 to 5.
  public let difficulty: Int
  /// How long it takes, as its author estimates.
  public let minutes: Int

  /// An exercise, with all that the index says of it.
  public init(
    id: String, chapter: Int, title: String, task: String, section: String, difficulty: Int, minutes: Int
  ) {
    (self.id, self.chapter, self.title, self.task) = (id, chapter, title, task)
    (self.section, self.difficulty, self.minutes) = (section, difficulty, minutes)
  }
}

/// What is gathered from all pages of the book: the questions to discuss, the references, and an index of exercises.
struct Listings {
  private let pages: [Page]

  /// - Parameter pages: The pages whose contents are gathered, in the order in which they are listed.
  init(_ pages: [Page]) {
    // By chapter, and then the pages that are none.
    self.pages = pages.sorted { ($0.chapter ?? Int.max, $0.path) < ($1.chapter ?? Int.max, $1.path) }
  }

  /// A page's file, as links in the same folder say it.
  private static func file(_ page: Page) -> String { String(page.path.split(separator: "/").last ?? "") }

  // MARK: Exercises

  /// A table for each chapter.
  func exercises(_ exercises: [ListedExercise]) -> [String] {
    var lines: [String] = []
    for chapter in Set(exercises.map(\.chapter)).sorted() {
      let own = exercises.filter { $0.chapter == chapter }
      let page = pages.first { $0.chapter == chapter }
      let minutes = own.map(\.minutes).reduce(0, +)
      lines += [
        "## \(page?.title ?? String(chapter))", "",
        "\(own.count) exercises, about \(hours(minutes)).", "",
        "| exercise | what it gives | section | difficulty | minutes |", "|---|---|---|---|---:|",
      ]
      for exercise in own {
        let difficulty =
          String(repeating: "●", count: exercise.difficulty)
          + String(repeating: "○", count: max(0, 5 - exercise.difficulty))
        lines.append(
          "| \(exercise.id) \(exercise.title) | \(exercise.task.replacing("|", with: "\\|")) | "
            + "\(link(toSection: exercise.section)) | \(difficulty) | \(exercise.minutes) |")
      }
      lines.append("")
    }
    return Array(lines.dropLast())
  }

  /// Rounded to half hours, as estimates are.
  private func hours(_ minutes: Int) -> String {
    let halves = max(1, Int((Double(minutes) / 30).rounded()))
    return halves == 1
      ? "half an hour" : halves == 2 ? "an hour" : "\(halves / 2)\(halves % 2 == 1 ? "½" : "") hours"
  }

  private func link(toSection number: String) -> String {
    for page in pages {
      for heading in page.headings where plainText(heading.text).hasPrefix(number + " ") {
        return "[\(number)](\(Self.file(page))#\(heading.anchor))"
      }
    }
    return number
  }

  // MARK: Questions

  /// The questions under "To discuss" of every page, and where their answers are.
  var questions: [String] {
    var lines: [String] = []
    for page in pages {
      for list in items(of: page, under: "To discuss") {
        lines += ["## \(page.title)", ""]
        for (index, item) in list.enumerated() {
          lines.append("\(index + 1). \(markdown(Self.question(item)))")
        }
        lines += ["", "[The answers](\(Self.file(page))#to-discuss)", ""]
      }
    }
    return Array(lines.dropLast())
  }

  /// The item's text without the answer, which stands after it in italics or in a block of its own.
  private static func question(_ item: [Block]) -> [Inline] {
    guard case .paragraph(var text)? = item.first?.content else { return [] }
    while case .text(let space)? = text.last, space.allSatisfy(\.isWhitespace) { text.removeLast() }
    if case .emphasis? = text.last, text.count > 1 { text.removeLast() }
    return text
  }

  /// The lists that stand under a heading.
  private func items(of page: Page, under title: String) -> [[[Block]]] {
    var isUnder = false
    return page.blocks.compactMap { block in
      if case .heading(let heading) = block.content { isUnder = plainText(heading.text) == title }
      if isUnder, case .list(let list) = block.content { return list.items }
      return nil
    }
  }

  // MARK: References

  /// A work, as the pages' lists name it, and which pages do.
  private struct Work {
    var text: String
    var pages: [Page]
  }

  /// The works under "References" of every page, each once, in the order of names.
  var references: [String] {
    var works: [String: Work] = [:]
    for page in pages {
      for item in items(of: page, under: "References").joined() {
        guard case .paragraph(let text)? = item.first?.content else { continue }
        let named = Self.withoutRemark(markdown(text))
        let key = Self.key(named)
        var work = works[key] ?? Work(text: named, pages: [])
        if named.count > work.text.count { work.text = named }
        if work.pages.last?.path != page.path { work.pages.append(page) }
        works[key] = work
      }
    }
    func order(_ work: Work) -> String {
      work.text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: Locale(identifier: "en"))
    }
    return works.values.sorted { order($0) < order($1) }.map { work in
      let places = work.pages.map { page in
        "[\(page.chapter.map(String.init) ?? page.title)](\(Self.file(page))#references)"
      }
      let noun = work.pages.first?.chapter == nil ? "In" : work.pages.count == 1 ? "Chapter" : "Chapters"
      return "- \(Self.linked(work.text)). \(noun) \(places.joined(separator: ", "))."
    }
  }

  /// What stands after a colon is about the page, and not about the work; a colon within a title is the title's.
  static func withoutRemark(_ text: String) -> String {
    var isQuoted = false
    var isEmphasised = false
    var end = text.endIndex
    for i in text.indices {
      if text[i] == "\"" { isQuoted.toggle() }
      if text[i] == "*" { isEmphasised.toggle() }
      let rest = text[i...]
      if !isQuoted, !isEmphasised, rest.hasPrefix(": "), !rest.hasPrefix(": <http") {
        end = i
        break
      }
    }
    let work = text[..<end]
    return String(work.hasSuffix(".") ? work.dropLast() : work)
  }

  /// The first name and the title, in small letters: what makes two entries the same work.
  private static func key(_ text: String) -> String {
    let title =
      text.firstMatch(of: /"([^"]+)"/).map { String($0.1) } ?? text.firstMatch(of: /\*([^*]+)\*/).map {
        String($0.1)
      }
      ?? text
    return (text.prefix { $0 != "," && $0 != " " } + title).lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// With a link where the text names a number of arXiv and has none.
  private static func linked(_ text: String) -> String {
    text.replacing(/\[?arXiv[: ]([0-9]{4}\.[0-9]{4,5})/) {
      $0.0.first == "[" ? String($0.0) : "[arXiv \($0.1)](https://arxiv.org/abs/\($0.1))"
    }
  }
}
