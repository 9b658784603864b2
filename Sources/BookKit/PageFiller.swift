import Foundation

/// A page with everything filled in that stands between markers, and what there is to say about it.
public struct FilledPage: Sendable {
  /// The page as it stands in the file.
  public let page: Page
  /// The page's text, with everything filled in.
  public let after: String
  /// How many tables, figures, numbers and pieces of code were filled in, by kind.
  public let counts: [String: Int]
  /// Markers that could not be filled in; what stood there stands there still.
  public let problems: [BookProblem]
  /// Markers between which something else stood: the first line that differs, and what should stand there.
  public let differences: [BookProblem]

  /// The page's file, from the repository's root on.
  public var path: String { page.path }
  /// The page's text as it stands in the file.
  public var before: String { page.text }

  /// What was filled in: `2 tables, 1 figure, 5 numbers`.
  public var summary: String {
    let kinds = ["table", "figure", "code", "list", "number"].compactMap { kind -> String? in
      guard let count = counts[kind] else { return nil }
      let noun = kind == "code" ? "excerpt" : kind
      return "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return kinds.isEmpty ? "no markers" : kinds.joined(separator: ", ")
  }
}

/// Fills in one page, marker by marker.
///
/// What stands in fenced code, and between backticks, is left as it is.
struct PageFiller {
  private let page: Page
  private let sources: BookSources
  private var after: [String] = []
  private var counts: [String: Int] = [:]
  private var problems: [BookProblem] = []
  private var differences: [BookProblem] = []
  private var captions: [String: Int] = [:]

  static func fill(_ page: Page, from sources: BookSources) -> FilledPage {
    var filler = PageFiller(page, sources)
    for segment in page.segments { filler.fill(segment) }
    return FilledPage(
      page: page, after: filler.after.joined(separator: "\n"), counts: filler.counts,
      problems: filler.problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }, differences: filler.differences)
  }

  private init(_ page: Page, _ sources: BookSources) {
    self.page = page
    self.sources = sources
    for (line, problem) in page.problems { note(problem, line: line) }
  }

  private mutating func fill(_ segment: PageSegment) {
    switch segment {
    case .verbatim(let range): after += page.lines[range]
    case .marked(let marked): fill(marked)
    case .text(let range):
      // Paragraph by paragraph: a backtick does not reach over an empty line.
      let parts = page.lines[range].split(separator: "", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index > 0 { after.append("") }
        if part.isEmpty { continue }
        after.append(fillNumbers(part.joined(separator: "\n"), line: part.startIndex + 1))
      }
    }
  }

  // MARK: Blocks

  /// Fills in what stands between an opening comment and its end.
  private mutating func fill(_ marked: MarkedLines) {
    after += page.lines[marked.comment]
    let old = Array(page.lines[marked.content])
    do throws(MarkerProblem) {
      let marker = try Marker(marked.kind, marked.request)
      try checkCaption(of: marker)
      if marker == .list(.exercises), sources.exercises == nil {
        after += old + [page.lines[marked.content.upperBound]]
        return
      }
      let new = try [""] + sources.lines(for: marker) + [""]
      compare(old, new, from: marked.content.lowerBound + 1)
      after += new
      if case .list = marker { counts["list", default: 0] += 1 } else { counts[marked.kind, default: 0] += 1 }
    } catch {
      note(error, line: marked.comment.lowerBound + 1)
      after += old
    }
    after.append(page.lines[marked.content.upperBound])
  }

  /// Notes the first line where what stands there, from `line` on, is not what should.
  private mutating func compare(_ old: [String], _ new: [String], from line: Int) {
    if old == new { return }
    if old.allSatisfy(\.isEmpty) {
      differences.append(
        BookProblem(
          page.path, line: line, "nothing has been filled in yet",
          advice: "should be: \(new.first { !$0.isEmpty } ?? "")"))
      return
    }
    let i = zip(old, new).prefix { $0 == $1 }.count
    func shown(_ lines: [String]) -> String {
      i < lines.count ? (lines[i].isEmpty ? "an empty line" : lines[i]) : "nothing"
    }
    differences.append(
      BookProblem(
        page.path, line: line + i, "this is not what the results and sources say",
        advice: "here:      \(shown(old))\nshould be: \(shown(new))"))
  }

  /// Figures, and tables with numbers in their captions, are counted on each page from 1.
  private mutating func checkCaption(of marker: Marker) throws(MarkerProblem) {
    let caption: String
    let kind: String
    switch marker {
    case .figure(_, _, let text, _): (caption, kind) = (text, "Figure")
    case .table(_, _, let text?): (caption, kind) = (text, "Table")
    default: return
    }
    guard let number = CaptionNumber(caption), number.kind == kind else {
      if kind == "Table" { return }
      throw MarkerProblem(
        "the caption does not begin with the figure's number: \(quoted(caption.prefix(40)))",
        "Write: Figure \(page.chapter ?? 1).\(captions[kind, default: 0] + 1). What it shows.")
    }
    captions[kind, default: 0] += 1
    let expected = captions[kind]!
    if number.number != expected || page.chapter != nil && number.chapter != page.chapter {
      captions[kind] = number.number
      throw MarkerProblem(
        "\(number.label) is out of order",
        "The next on this page is \(kind) \(page.chapter ?? number.chapter).\(expected). Mend what refers to it, too."
      )
    }
  }

  // MARK: Numbers

  /// The text with its inline numbers filled in; it begins on `line`.
  private mutating func fillNumbers(_ text: String, line: Int) -> String {
    guard text.contains("<!--") else { return text }
    var line = line
    var filled = ""
    for token in TextToken.tokens(of: text[...]) {
      switch token.kind {
      case .number(let request, let shown, let opening, let closing):
        filled += opening + fillNumber(request, old: shown, line: line) + closing
      case .comment:
        if let problem = Self.problem(ofComment: token.source) { note(problem, line: line) }
        filled += token.source
      default: filled += token.source
      }
      line += token.source.count { $0 == "\n" }
    }
    return filled
  }

  /// What is wrong with a comment in the middle of a text, unless it is only a remark.
  private static func problem(ofComment comment: Substring) -> MarkerProblem? {
    if comment.hasPrefix("<!--=") {
      return MarkerProblem(
        "<!--= has no end on its line", "Write: <!--= 03-pooling/shifts accuracy %1 -->?<!--/-->")
    }
    if comment.firstMatch(of: /^<!--\s*\//) != nil {
      return MarkerProblem("<!--/--> ends nothing", "Remove it, or write the <!--= … --> before it.")
    }
    if comment.firstMatch(of: /^<!--\s*(?:[a-z]+\s*:|end\s*-->)/) != nil {
      return MarkerProblem(
        "a marker stands in the middle of a line: \(quoted(comment))", "Begin a line with it.")
    }
    return nil
  }

  private mutating func fillNumber(_ marker: String, old: String, line: Int) -> String {
    do throws(MarkerProblem) {
      let new = try sources.text(for: NumberMarker(marker))
      counts["number", default: 0] += 1
      if new != old {
        differences.append(
          BookProblem(
            page.path, line: line, "\(quoted(marker)) is not what the results say",
            advice: "here:      \(old)\nshould be: \(new)"))
      }
      return new
    } catch {
      note(error, line: line)
      return old
    }
  }

  private mutating func note(_ problem: MarkerProblem, line: Int) {
    problems.append(BookProblem(page.path, line: line, problem.found, advice: problem.advice))
  }
}
