import ExerciseChannel
import Foundation
import Tensors

/// A verdict in words, as a learner reads it.
public struct VerdictText: Sendable {
  let entry: Catalogue.Entry
  let verdict: Verdict
  let style: Style
  /// The learner's file as it is shown: a path that can be clicked.
  let path: String
  /// The picture as it is shown; nil where there is none.
  let picture: String?
  /// The pictures of what the answer made, as they are shown, with their meaning.
  let results: [(path: String, meaning: String)]
  private var width: Int { style.width }
  /// What belongs to a check stands under its text, where there is room for that.
  private var indent: String { String(repeating: " ", count: width < 60 ? 4 : 15) }

  /// A verdict to be put into words.
  ///
  /// - Parameters:
  ///   - verdict: What came of checking the file.
  ///   - entry: The exercise that was checked.
  ///   - path: The learner's file as it is to be shown.
  ///   - picture: The picture of the first wrong image as it is to be shown; nil where there is none.
  ///   - results: The pictures of what the answer made, each with what it shows.
  ///   - style: Colours and width.
  public init(
    _ verdict: Verdict, of entry: Catalogue.Entry, path: String, picture: String? = nil,
    results: [(path: String, meaning: String)] = [], style: Style
  ) {
    self.entry = entry
    self.verdict = verdict
    self.path = path
    self.picture = picture
    self.results = results
    self.style = style
  }

  /// The verdict in lines, without a line break at the end.
  public var text: String {
    var lines = [heading]
    switch verdict.state {
    case .notStarted: lines += notStarted
    case .doesNotCompile: lines += problem
    case .stopped: lines += checks + problem
    case .wrong: lines += checks + [""] + advice
    case .passed:
      lines += checks + ["", "  " + style.good("Passed: \(verdict.points) of \(points).")]
      if !entry.withheld.isEmpty {
        lines += indented("The other points are for checks that are made when it is marked.").map(style.faint)
      }
    }
    return (lines + resultLines + curves + printed).joined(separator: "\n")
  }

  private var points: String { entry.exercise.points == 1 ? "1 point" : "\(entry.exercise.points) points" }

  private var heading: String {
    let title = "\(entry.id)  \(entry.exercise.title)"
    let place = "\(path):\(verdict.line ?? functionLine)"
    let titles = title.wrapped(to: width, hanging: 5).map(style.bold)
    if titles.count > 1 || max(44, title.count) + 2 + place.count > width {
      return (titles + ["     " + style.faint(place)]).joined(separator: "\n")
    }
    return style.bold(title.padded(to: 44)) + "  " + style.faint(place)
  }

  /// Lines of text, each with two spaces before it.
  private func indented(_ text: String, hanging: Int = 0) -> [String] {
    text.wrapped(to: width - 2, hanging: hanging).map { "  " + $0 }
  }

  /// The line where the learner's function begins.
  private var functionLine: Int {
    let name = entry.exercise.functions.first.map { String($0.prefix { $0 != ":" }) } ?? ""
    return (ExerciseKit.lines(of: verdict.file).firstIndex { $0.contains("func \(name)") } ?? 0) + 1
  }

  private var notStarted: [String] {
    let task =
      switch entry.exercise.kind {
      case .write:
        indented(
          """
          Not started: the function still throws Unfinished.
          Open the file above, read its first lines, and put your answer in place of that line.
          """)
      case .findTheFault:
        checks + [""]
          + indented(
            """
            Nothing is mended yet: this is what comes of the program as it was given.
            Open the file above, read its first lines, and find what is wrong.
            """)
      }
    return task
      + indented(
        "Worth \(points), \(entry.exercise.effort). The book: chapter \(entry.chapter), section \(entry.exercise.section)."
      )
  }

  /// How numbers went while the answer ran.
  private var curves: [String] {
    (verdict.judgement?.curves ?? []).flatMap {
      [""] + $0.chart(width: min(56, width - 14)).flatMap { indented($0) }
    }
  }

  private var problem: [String] {
    let title =
      verdict.state == .doesNotCompile ? "It does not compile yet." : "It came to no answer."
    let text = (verdict.problem ?? "").replacingOccurrences(of: verdict.file.path, with: path)
    // What the compiler quotes from the file, and points into, stays as it is.
    let isQuoting = text.firstMatch(of: #/:\d+:\d+: /#) != nil
    let lines = text.split(separator: "\n").flatMap { line in
      isQuoting && line.firstMatch(of: #/:\d+:\d+: /#) == nil
        ? ["  " + line] : indented(String(line), hanging: isQuoting ? 2 : 0)
    }
    var places: [String] = []
    if verdict.state == .stopped {
      places += (verdict.call.map { indented("in the call \($0)", hanging: 2) } ?? [])
      places += (verdict.line.map { indented("at \(path):\($0)", hanging: 2) } ?? [])
    }
    return ["  " + style.bad(title)] + lines + places
  }

  private var checks: [String] {
    guard let judgement = verdict.judgement else { return [] }
    var lines: [String] = []
    var isFirst = true  // one failure at a time is enough to read
    for line in judgement.lines {
      switch line.outcome {
      case .passed: lines += marked(style.good("✓"), line)
      case .stopped: lines += marked(style.bad("✗"), line)
      case .failed(let failure):
        lines += marked(style.bad("✗"), line)
        if isFirst {
          lines += (FailureText(failure, width: width - indent.count).lines + pictureLines(line))
            .map { indent + $0 }
        }
        isFirst = false
      case .notTried: continue
      }
    }
    var waiting: [String] = []
    for line in judgement.lines {
      if case .notTried = line.outcome, !waiting.contains("\(line.layer)") { waiting.append("\(line.layer)") }
    }
    if !waiting.isEmpty {
      lines += indented("– \(waiting.joined(separator: ", ")): not tried yet", hanging: 2).map(style.faint)
    }
    return lines
  }

  /// The mark of a check, its layer and its text; in a narrow window the text below.
  private func marked(_ mark: String, _ line: Judgement.Line) -> [String] {
    let label = "\(line.layer)"
    let texts = line.text.wrapped(to: width - indent.count)
    if indent.count < 15 { return ["  \(mark) \(label)"] + texts.map { indent + $0 } }
    return ["  \(mark) \(label.padded(to: 10)) \(texts[0])"] + texts.dropFirst().map { indent + $0 }
  }

  /// Where yours, what was expected and the difference are drawn, and of which case when it is not the one shown.
  private func pictureLines(_ line: Judgement.Line) -> [String] {
    guard let picture, let image = verdict.image else { return [] }
    let other =
      image.check != line.text
      ? [image.check] : image.call != line.failure?.call ? [image.call] : []
    return ["picture  \(picture)"]
      + other.flatMap { "         of another case: \($0)".wrapped(to: width - indent.count, hanging: 2) }
  }

  private var resultLines: [String] {
    guard !results.isEmpty else { return [] }
    let longest = results.map(\.path.count).max() ?? 0
    return ["", "  What your answer made:"]
      + results.flatMap { result in
        let line = "    \(result.path.padded(to: longest))  \(result.meaning)"
        if line.count <= width {
          return ["    \(result.path.padded(to: longest))  \(style.faint(result.meaning))"]
        }
        return ["    " + result.path]
          + result.meaning.wrapped(to: width - 6).map { "      " + style.faint($0) }
      }
  }

  private var advice: [String] {
    guard let mistake = verdict.mistake else {
      return indented("The book: chapter \(entry.chapter), section \(entry.exercise.section).")
    }
    let text = "\(mistake.advice) (Book, section \(entry.exercise.section).)"
    return text.wrapped(to: min(80, width - 2)).map { "  " + style.notice($0) }
  }

  /// What the learner's code printed; only the beginning of much.
  private var printed: [String] {
    let lines = verdict.printed.split(separator: "\n", omittingEmptySubsequences: true)
    guard !lines.isEmpty else { return [] }
    let shown = lines.prefix(12).map { "  │ " + String($0.prefix(160)) }
    // Of very much, only a part is kept, so that it cannot be counted.
    let rest = lines.contains("…") ? "much more" : "\(lines.count - 12) lines more"
    return ["", style.faint("  Your code printed:")] + shown
      + (lines.count > 12 ? ["  │ … and \(rest)"] : [])
  }
}

/// What was called, yours beside expected, the first place where they differ, and the calculation for it.
struct FailureText {
  let lines: [String]

  /// - Parameter width: The columns that there are.
  init(_ failure: Failure, width: Int = 85) {
    let difference = failure.difference
    var lines: [String] = []
    switch difference.kind {
    case .error:
      lines = [difference.yours].flatMap { $0.wrapped(to: width) }
    case .statement:
      lines = ["should hold: \(difference.expected)", "yours: \(difference.yours)"]
        .flatMap { $0.wrapped(to: width, hanging: 2) }
    case .shape, .number:
      lines = (failure.call + ":").wrapped(to: width, hanging: 2)
      let given = failure.given.flatMap { Block.blocks($0.name, $0.value) }
      lines += Block.row(given, width: width)
      if difference.kind == .shape {
        lines += "your shape \(difference.yours), expected \(difference.expected)".wrapped(to: width)
        if let calculation = failure.calculation { lines += calculation.wrapped(to: width, hanging: 2) }
        break
      }
      if let yours = failure.yours, let expected = failure.expected {
        lines += Block.row(
          Block.blocks("yours", yours) + Block.blocks("expected", expected), width: width)
      }
      let place = difference.place ?? []
      let at = place.isEmpty ? "" : "at \(place):  "
      if let calculation = failure.calculation {
        lines += "\(at)\(calculation), you have \(difference.yours)".wrapped(to: width, hanging: 2)
      } else {
        lines += "\(at)expected \(difference.expected), you have \(difference.yours)"
          .wrapped(to: width, hanging: 2)
      }
    }
    self.lines = lines
  }
}

extension Failure {
  /// What was called, yours beside expected, the first place where they differ, and the calculation for it: as text in
  /// columns of equal width.
  public func lines(width: Int = 85) -> [String] { FailureText(self, width: width).lines }
}

/// A value under its name: small ones as a grid of numbers, large ones as their shape.
private struct Block {
  let lines: [String]

  init(_ name: String, _ value: Value) {
    let (shape, scalars) = value.numbers
    guard let shape, shape.count <= 2, shape.allSatisfy({ $0 > 0 }) else {
      lines = ["\(name) \(value.shortText)"]
      return
    }
    let width = shape.last ?? 1
    let height = shape.count == 2 ? shape[0] : 1
    guard width <= 10, height <= 8 else {
      lines = ["\(name) \(shape)"]
      return
    }
    let cells = scalars.map(\.shortText)
    let columns = (0..<width).map { j -> Int in (0..<height).map { cells[$0 * width + j].count }.max() ?? 0 }
    lines = (0..<height).map { i in
      let row = (0..<width).map { j in cells[i * width + j].paddedLeft(to: columns[j]) }.joined(
        separator: " ")
      return (i == 0 ? name : String(repeating: " ", count: name.count)) + "  " + row
    }
  }

  /// One block; for a small tensor of three or four axes, such as the channels of an image, one for each matrix in it.
  static func blocks(_ name: String, _ value: Value) -> [Block] {
    let (shape, scalars) = value.numbers
    if case .list = value { return [Block(name, value)] }
    guard let shape, (3...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      return [Block(name, value)]
    }
    let (outer, matrix) = (Array(shape.dropLast(2)), Array(shape.suffix(2)))
    guard outer.reduce(1, *) <= 6, matrix[0] <= 8, matrix[1] <= 10 else { return [Block(name, value)] }
    let size = matrix[0] * matrix[1]
    return (0..<outer.reduce(1, *)).map { index in
      let place = outer.count == 1 ? [index] : [index / outer[1], index % outer[1]]
      let part = Tensor(scalars[index * size..<(index + 1) * size].map(Float.init), shape: matrix)
      return Block("\(name)\(place)", .tensor(part))
    }
  }

  /// Blocks side by side, as many as fit, and the others below.
  static func row(_ blocks: [Block], width most: Int) -> [String] {
    let widths = blocks.map { $0.lines.map(\.count).max() ?? 0 }
    var (fitting, width) = (0, 0)
    while fitting < blocks.count, fitting == 0 || width + widths[fitting] <= most {
      width += widths[fitting] + 4
      fitting += 1
    }
    if fitting < blocks.count {
      return row(Array(blocks[..<fitting]), width: most) + row(Array(blocks[fitting...]), width: most)
    }
    let height = blocks.map(\.lines.count).max() ?? 0
    return (0..<height).map { i in
      let parts = zip(blocks, widths).map { block, width in
        (i < block.lines.count ? block.lines[i] : "").padded(to: width)
      }
      var line = parts.joined(separator: "    ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
