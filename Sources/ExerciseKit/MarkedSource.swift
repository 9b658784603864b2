/// An exercise's source with the solution between marks: our answer, and the learner's file, in one.
///
///     func crossCorrelate(_ x: [Float], _ w: [Float]) throws -> [Float] {
///       // BEGIN SOLUTION
///       …
///       // END SOLUTION
///     }
///
/// In the learner's file, what stands between the marks is one line that throws `Unfinished`, or the lines that
/// begin with `// STUB ` there, without that beginning.
public struct MarkedSource: Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  private enum Part {
    case common(Substring)
    case solution(Substring)
    case end(indent: Substring, stub: [String])
  }

  private var parts: [Part] {
    var parts: [Part] = []
    var stub: [String]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let code = line.drop { $0 == " " }
      let indent = line.prefix { $0 == " " }
      if code == "// BEGIN SOLUTION" {
        stub = []
      } else if code == "// END SOLUTION" {
        parts.append(.end(indent: indent, stub: stub ?? []))
        stub = nil
      } else if stub != nil {
        if code.hasPrefix("// STUB ") {
          stub?.append(String(indent) + String(code.dropFirst("// STUB ".count)))
        } else {
          parts.append(.solution(line))
        }
      } else {
        parts.append(.common(line))
      }
    }
    return parts
  }

  /// What the learner starts from.
  public var stub: String {
    parts.compactMap { part in
      switch part {
      case .common(let line): String(line)
      case .solution: nil
      case .end(let indent, let stub):
        stub.isEmpty ? "\(indent)throw Unfinished()" : stub.joined(separator: "\n")
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
    let marks = text.split(separator: "\n").map { $0.drop { $0 == " " } }
      .filter { $0 == "// BEGIN SOLUTION" || $0 == "// END SOLUTION" }
    return !marks.isEmpty && marks.count.isMultiple(of: 2)
      && marks.enumerated().allSatisfy {
        $1 == ($0.isMultiple(of: 2) ? "// BEGIN SOLUTION" : "// END SOLUTION")
      }
  }
}
