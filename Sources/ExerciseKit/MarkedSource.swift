/// An exercise's source with the solution between marks: our answer, and the learner's file, in one.
///
///     func crossCorrelate(_ x: [Float], _ w: [Float]) throws -> [Float] {
///       // BEGIN SOLUTION
///       …
///       // END SOLUTION
///     }
///
/// In the learner's file, what stands between the marks is one line that throws `Unfinished`. Where the learner starts
/// from something else, it stands there as well, after `// INSTEAD` and commented out. So a program with a fault holds
/// both, what is right and what the learner is given:
///
///     // BEGIN SOLUTION
///     let loss = crossEntropy(logits, targets)
///     // INSTEAD
///     // let loss = crossEntropy(softmax(logits), targets)
///     // END SOLUTION
public struct MarkedSource: Sendable {
  /// The file as it stands, marks and all.
  public let text: String

  /// A source by its text; `isMarked` says whether its marks are complete.
  public init(_ text: String) { self.text = text }

  private static let (begin, instead, end) = ("// BEGIN SOLUTION", "// INSTEAD", "// END SOLUTION")

  private enum Part {
    case common(Substring)
    case solution(Substring)
    case end(indent: Substring, instead: [String]?)
  }

  private var parts: [Part] {
    var parts: [Part] = []
    var isInside = false
    var instead: [String]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let code = line.drop { $0 == " " }
      let indent = line.prefix { $0 == " " }
      switch String(code) {
      case Self.begin: isInside = true
      case Self.instead where isInside: instead = []
      case Self.end:
        parts.append(.end(indent: indent, instead: instead))
        (isInside, instead) = (false, nil)
      default:
        if instead != nil {
          instead?.append(Self.uncommented(code, indent: indent))
        } else {
          parts.append(isInside ? .solution(line) : .common(line))
        }
      }
    }
    return parts
  }

  /// "  // let a = 1" as "  let a = 1", and "  //   return a" as "    return a".
  private static func uncommented(_ code: Substring, indent: Substring) -> String {
    let text = code.hasPrefix("// ") ? code.dropFirst(3) : code.hasPrefix("//") ? code.dropFirst(2) : code
    return text.isEmpty ? "" : String(indent + text)
  }

  /// What the learner starts from.
  public var stub: String {
    parts.compactMap { part in
      switch part {
      case .common(let line): String(line)
      case .solution: nil
      case .end(let indent, let instead):
        instead.map { $0.isEmpty ? nil : $0.joined(separator: "\n") } ?? "\(indent)throw Unfinished()"
      }
    }.joined(separator: "\n")
  }

  /// The whole file with our answer in it, without the marks.
  public var solution: String {
    parts.compactMap { part in
      switch part {
      case .common(let line), .solution(let line): String(line)
      case .end: nil
      }
    }.joined(separator: "\n")
  }

  /// The lines between the marks.
  public var solutionLines: [String] {
    parts.compactMap { part in
      if case .solution(let line) = part { String(line) } else { nil }
    }
  }

  /// Whether there is a solution, and every mark has its counterpart.
  public var isMarked: Bool {
    let marks = text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
      .filter { [Self.begin, Self.instead, Self.end].contains($0) }
    var before = Self.end
    for mark in marks {
      let follows =
        mark == Self.begin ? [Self.end] : mark == Self.instead ? [Self.begin] : [Self.begin, Self.instead]
      guard follows.contains(before) else { return false }
      before = mark
    }
    return !marks.isEmpty && before == Self.end
  }
}
