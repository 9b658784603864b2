import Foundation

/// A run of whole lines, as `PageFiller` sees them.
enum PageSegment {
  /// Running text, tables and lists: numbers are filled in.
  case text(Range<Int>)
  /// Fenced code, or a marker's comment that cannot be used: left as it is.
  case verbatim(Range<Int>)
  case marked(MarkedLines)
}

/// A marker with what it holds, as places in the page's lines.
struct MarkedLines {
  let kind: String
  let request: String
  /// The opening comment.
  let comment: Range<Int>
  /// What stands between it and the line of `<!-- end -->`.
  let content: Range<Int>

  /// All of it, with its end.
  var lines: Range<Int> { comment.lowerBound..<content.upperBound + 1 }
}

/// Cuts a page into fenced code, markers, and everything else.
struct PageOutline {
  let lines: [String]
  private(set) var segments: [PageSegment] = []
  private(set) var problems: [(line: Int, problem: MarkerProblem)] = []

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  mutating func read() {
    var fence = Fence()
    var i = 0
    while i < lines.count {
      fence.read(lines[i])
      if fence.isInside || fence.wasInside {
        append(i..<i + 1, isText: false)
        i += 1
      } else if let opening = OpeningComment(lines, at: i) {
        i = readMarker(opening, at: i)
      } else {
        append(i..<i + 1, isText: true)
        i += 1
      }
    }
  }

  /// Reads a marker to its end, and returns the line after it.
  private mutating func readMarker(_ opening: OpeningComment, at start: Int) -> Int {
    let first = start + opening.lineCount
    if opening.kind == "end" {
      problems.append(
        (
          start + 1,
          MarkerProblem("<!-- end --> ends nothing", "Remove it, or write the marker that it ends.")
        ))
    } else if let end = end(from: first) {
      segments.append(
        .marked(
          MarkedLines(
            kind: opening.kind, request: opening.text, comment: start..<first, content: first..<end)))
      return end + 1
    } else {
      problems.append(
        (
          start + 1,
          MarkerProblem(
            "<!-- \(opening.kind): … --> has no end",
            "Write <!-- end --> on a line of its own below what it holds.")
        ))
    }
    append(start..<first, isText: false)
    return first
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

  /// Adds lines, to the last segment where it is of the same kind.
  private mutating func append(_ range: Range<Int>, isText: Bool) {
    switch segments.last {
    case .text(let last) where isText:
      segments[segments.count - 1] = .text(last.lowerBound..<range.upperBound)
    case .verbatim(let last) where !isText:
      segments[segments.count - 1] = .verbatim(last.lowerBound..<range.upperBound)
    default: segments.append(isText ? .text(range) : .verbatim(range))
    }
  }
}

/// Whether one is inside fenced code: between ``` and ```, or between longer fences.
struct Fence {
  private var fence: String?
  /// Whether the line read last is inside, or opens one.
  var isInside: Bool { fence != nil }
  /// Whether the line read last closed one.
  private(set) var wasInside = false

  /// Whether a line opens a fence, where none is open. `` ```a``` `` does not: it is code within a line.
  static func opens(_ line: some StringProtocol) -> Bool {
    var fence = Fence()
    fence.read(line)
    return fence.isInside
  }

  mutating func read(_ line: some StringProtocol) {
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
      fence = String(run)
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
