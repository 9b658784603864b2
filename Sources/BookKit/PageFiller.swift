import Foundation

/// A page with everything filled in that stands between markers, and what there is to say about it.
public struct FilledPage: Sendable {
  /// From the repository's root on: `Book/03-pooling.md`.
  public let path: String
  public let before: String
  public let after: String
  public let counts: [String: Int]
  /// Markers that could not be filled in; what stood there stands there still.
  public let problems: [BookProblem]
  /// Markers between which something else stood: the first line that differs, and what should stand there.
  public let differences: [BookProblem]

  /// What was filled in: `2 tables, 1 figure, 5 numbers`.
  public var summary: String {
    let kinds = ["table", "figure", "code", "number"].compactMap { kind -> String? in
      guard let count = counts[kind] else { return nil }
      let noun = kind == "code" ? "excerpt" : kind
      return "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return kinds.isEmpty ? "no markers" : kinds.joined(separator: ", ")
  }
}

/// Fills in one page, line by line.
///
/// What stands in fenced code, and between backticks, is left as it is.
struct PageFiller {
  private let path: String
  private let lines: [String]
  private let sources: BookSources
  private let chapter: Int?
  private var after: [String] = []
  private var counts: [String: Int] = [:]
  private var problems: [BookProblem] = []
  private var differences: [BookProblem] = []
  private var captions: [String: Int] = [:]

  static func fill(_ text: String, path: String, from sources: BookSources) -> FilledPage {
    var filler = PageFiller(text, path, sources)
    filler.fill()
    return FilledPage(
      path: path, before: text, after: filler.after.joined(separator: "\n"), counts: filler.counts,
      problems: filler.problems, differences: filler.differences)
  }

  private init(_ text: String, _ path: String, _ sources: BookSources) {
    self.path = path
    self.sources = sources
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    chapter = Int(path.split(separator: "/").last?.prefix { $0.isNumber } ?? "")
  }

  private mutating func fill() {
    var fence = Fence()
    var i = 0
    while i < lines.count {
      fence.read(lines[i])
      if fence.isInside || fence.wasInside {
        after.append(lines[i])
        i += 1
      } else if let opening = OpeningComment(lines, at: i) {
        i = fillBlock(opening, at: i)
      } else {
        after.append(fillNumbers(lines[i], line: i + 1))
        i += 1
      }
    }
  }

  // MARK: Blocks

  /// Fills in what stands between an opening comment and its end, and returns the line after it.
  private mutating func fillBlock(_ opening: OpeningComment, at start: Int) -> Int {
    let comment = lines[start..<start + opening.lineCount]
    after += comment
    let first = start + opening.lineCount
    if opening.kind == "end" {
      note(
        MarkerProblem("<!-- end --> ends nothing", "Remove it, or write the marker that it ends."),
        line: start + 1)
      return first
    }
    guard let end = end(from: first) else {
      note(
        MarkerProblem(
          "<!-- \(opening.kind): … --> has no end",
          "Write <!-- end --> on a line of its own below what it holds."),
        line: start + 1)
      return first
    }
    let old = Array(lines[first..<end])
    do throws(MarkerProblem) {
      let marker = try Marker(opening.kind, opening.text)
      try checkCaption(of: marker)
      let new = try [""] + sources.lines(for: marker) + [""]
      compare(old, new, from: first + 1)
      after += new
      counts[opening.kind, default: 0] += 1
    } catch {
      note(error, line: start + 1)
      after += old
    }
    after.append(lines[end])
    return end + 1
  }

  /// The line of the `<!-- end -->`, unless another marker or the page's end comes before it.
  private func end(from first: Int) -> Int? {
    var fence = Fence()
    for i in first..<lines.count {
      fence.read(lines[i])
      if fence.isInside || fence.wasInside { continue }
      if let comment = OpeningComment(lines, at: i) { return comment.kind == "end" ? i : nil }
    }
    return nil
  }

  /// Notes the first line where what stands there, from `line` on, is not what should.
  private mutating func compare(_ old: [String], _ new: [String], from line: Int) {
    if old == new { return }
    if old.allSatisfy(\.isEmpty) {
      differences.append(
        BookProblem(
          path, line: line, "nothing has been filled in yet",
          advice: "should be: \(new.first { !$0.isEmpty } ?? "")"))
      return
    }
    let i = zip(old, new).prefix { $0 == $1 }.count
    func shown(_ lines: [String]) -> String {
      i < lines.count ? (lines[i].isEmpty ? "an empty line" : lines[i]) : "nothing"
    }
    differences.append(
      BookProblem(
        path, line: line + i, "this is not what the results and sources say",
        advice: "here:      \(shown(old))\nshould be: \(shown(new))"))
  }

  /// Figures, and tables with numbers in their captions, are counted on each page from 1.
  private mutating func checkCaption(of marker: Marker) throws(MarkerProblem) {
    let caption: String
    let kind: String
    switch marker {
    case .figure(_, _, let text): (caption, kind) = (text, "Figure")
    case .table(_, _, let text?): (caption, kind) = (text, "Table")
    default: return
    }
    guard let number = CaptionNumber(caption), number.kind == kind else {
      if kind == "Table" { return }
      throw MarkerProblem(
        "the caption does not begin with the figure's number: \(quoted(caption.prefix(40)))",
        "Write: Figure \(chapter ?? 1).\(captions[kind, default: 0] + 1). What it shows.")
    }
    captions[kind, default: 0] += 1
    let expected = captions[kind]!
    if number.number != expected || chapter != nil && number.chapter != chapter {
      captions[kind] = number.number
      throw MarkerProblem(
        "\(number.label) is out of order",
        "The next on this page is \(kind) \(chapter ?? number.chapter).\(expected). Mend what refers to it, too."
      )
    }
  }

  // MARK: Numbers

  /// The line with its inline numbers filled in.
  private mutating func fillNumbers(_ line: String, line number: Int) -> String {
    guard line.contains("<!--") else { return line }
    var text = ""
    var rest = line[...]
    while let next = rest.firstIndex(where: { $0 == "`" || $0 == "<" }) {
      text += rest[..<next]
      rest = rest[next...]
      if rest.first == "`" {
        let code = codeSpan(rest)
        text += rest.prefix(code)
        rest = rest.dropFirst(code)
      } else if rest.hasPrefix("<!--=") {
        guard let close = rest.firstRange(of: "-->"),
          let end = rest[close.upperBound...].firstRange(of: /<!--\s*\/\s*-->/)
        else {
          note(
            MarkerProblem(
              "<!--= has no end on its line", "Write: <!--= 03-pooling/shifts accuracy %1 -->?<!--/-->"),
            line: number)
          return text + rest
        }
        let old = rest[close.upperBound..<end.lowerBound]
        text += rest[..<close.upperBound]
        text += fillNumber(rest[..<close.lowerBound].dropFirst("<!--=".count), old: String(old), line: number)
        text += rest[end]
        rest = rest[end.upperBound...]
      } else if rest.hasPrefix("<!--") {
        let comment = String(rest.prefix(while: { $0 != ">" })) + ">"
        if comment.firstMatch(of: /^<!--\s*\/\s*-->/) != nil {
          note(
            MarkerProblem("<!--/--> ends nothing", "Remove it, or write the <!--= … --> before it."),
            line: number)
        } else if comment.firstMatch(of: /^<!--\s*(?:[a-z]+\s*:|end\s*-->)/) != nil {
          note(
            MarkerProblem(
              "a marker stands in the middle of a line: \(quoted(comment))", "Begin a line with it."),
            line: number)
        }
        text += rest.prefix(4)
        rest = rest.dropFirst(4)
      } else {
        text.append(rest.removeFirst())
      }
    }
    return text + rest
  }

  private mutating func fillNumber(_ marker: Substring, old: String, line: Int) -> String {
    do throws(MarkerProblem) {
      let new = try sources.text(for: NumberMarker(marker))
      counts["number", default: 0] += 1
      if new != old {
        differences.append(
          BookProblem(
            path, line: line, "\(quoted(marker)) is not what the results say",
            advice: "here:      \(old)\nshould be: \(new)"))
      }
      return new
    } catch {
      note(error, line: line)
      return old
    }
  }

  /// How many characters belong to the code that begins here: to the matching backticks, or these alone.
  private func codeSpan(_ text: Substring) -> Int {
    let ticks = text.prefix { $0 == "`" }
    var rest = text.dropFirst(ticks.count)
    while let next = rest.firstIndex(of: "`") {
      let run = rest[next...].prefix { $0 == "`" }
      if run.count == ticks.count { return text.distance(from: text.startIndex, to: run.endIndex) }
      rest = rest[run.endIndex...]
    }
    return ticks.count
  }

  private mutating func note(_ problem: MarkerProblem, line: Int) {
    problems.append(BookProblem(path, line: line, problem.found, advice: problem.advice))
  }
}

/// Whether one is inside fenced code: between ``` and ```, or between longer fences.
private struct Fence {
  private var fence: Substring?
  /// Whether the line read last is inside, or opens one.
  var isInside: Bool { fence != nil }
  /// Whether the line read last closed one.
  private(set) var wasInside = false

  mutating func read(_ line: String) {
    wasInside = false
    let text = line.drop { $0 == " " }
    guard let mark = text.first, mark == "`" || mark == "~" else { return }
    let run = text.prefix { $0 == mark }
    guard run.count >= 3 else { return }
    if let open = fence {
      let closes =
        open.first == mark && run.count >= open.count && text.dropFirst(run.count).allSatisfy { $0 == " " }
      if closes {
        fence = nil
        wasInside = true
      }
    } else if mark == "~" || !text.dropFirst(run.count).contains("`") {
      fence = run
    }
  }
}

/// A comment that begins a line and has a colon after its first word, or is `<!-- end -->`.
private struct OpeningComment {
  let kind: String
  let text: String
  let lineCount: Int

  init?(_ lines: [String], at start: Int) {
    guard lines[start].drop(while: { $0 == " " }).hasPrefix("<!--") else { return nil }
    var comment = lines[start]
    var count = 1
    // A long caption may go over several lines.
    while !comment.contains("-->"), start + count < lines.count, count < 20, !lines[start + count].isEmpty {
      comment += "\n" + lines[start + count]
      count += 1
    }
    guard let match = comment.wholeMatch(of: /\s*<!--\s*(?:(end)|([A-Za-z]+)\s*:((?:.|\n)*?))\s*-->\s*/)
    else { return nil }
    kind = String(match.1 ?? match.2 ?? "")
    text = (match.3 ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    lineCount = count
  }
}
