/// A Swift file, cut into lines that know where in the nesting of brackets they begin.
///
/// Not a parser: it tells code from comments and strings, and counts brackets. That is enough to find where a
/// declaration ends.
struct SwiftSource {
  struct Line {
    let text: Substring
    /// Open brackets before the line.
    let depth: Int
    /// Whether the line begins in code, outside comments and strings that go over several lines.
    let isCode: Bool

    var code: Substring { text.drop { $0 == " " || $0 == "\t" } }
    var indentation: Int { text.count - code.count }
  }

  let lines: [Line]

  init(_ text: String) {
    var scanner = BracketScanner()
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let before = (scanner.depth, scanner.isInCode)
      scanner.scan(line)
      return Line(text: line, depth: before.0, isCode: before.1)
    }
  }

  /// The lines of the one declaration whose first line begins with `beginning`, as far to the left as possible.
  ///
  /// `struct A > func b` looks for the second inside the first.
  func declaration(_ beginning: String) throws(MarkerProblem) -> [String] {
    var range = lines.indices
    for part in beginning.components(separatedBy: " > ") { range = try declaration(part, in: range) }
    let indentation = lines[range.lowerBound].indentation
    return lines[range].map { line in String(line.text.dropFirst(min(indentation, line.indentation))) }
  }

  private func declaration(_ beginning: String, in range: Range<Int>) throws(MarkerProblem) -> Range<Int> {
    let found = range.filter { lines[$0].isCode && lines[$0].code.hasPrefix(beginning) }
    // `func pool` is no `func poolAll`, when there is a `func pool` too.
    let whole = found.filter { line in
      let next = lines[line].code.dropFirst(beginning.count).first
      return next.map { !($0.isLetter || $0.isNumber || $0 == "_") } ?? true
    }
    let candidates = whole.isEmpty ? found : whole
    guard let first = candidates.first else {
      throw MarkerProblem(
        "no declaration begins with `\(beginning)`",
        nearest(to: beginning, among: declarations(in: range), call: "declarations"))
    }
    if candidates.count > 1 {
      throw MarkerProblem(
        "`\(beginning)` begins \(candidates.count) declarations, on lines "
          + candidates.map { "\($0 + 1)" }.joined(separator: ", "),
        "Write more of the first line, or where it stands: `struct Name > \(beginning)`.")
    }
    return first..<end(ofDeclarationAt: first) + 1
  }

  /// The last line of the declaration that begins on line `first`: brackets are closed, and the next line is no
  /// continuation.
  private func end(ofDeclarationAt first: Int) -> Int {
    let depth = lines[first].depth
    for line in first..<lines.count - 1 {
      let next = lines[line + 1]
      if !next.isCode || next.depth > depth { continue }
      if next.depth < depth || next.code.isEmpty { return line }
      let continues =
        next.indentation > lines[first].indentation || next.code.hasPrefix("{") || next.code.hasPrefix("->")
      if !continues { return line }
    }
    return lines.count - 1
  }

  /// The beginnings of what can be asked for.
  private func declarations(in range: Range<Int>) -> [String] {
    let keywords = [
      "func", "struct", "class", "enum", "extension", "protocol", "init", "let", "var", "actor", "typealias",
    ]
    return range.compactMap { i in
      let line = lines[i]
      guard line.isCode, line.depth <= 1 else { return nil }
      let words = line.code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.prefix(5)
      guard words.contains(where: { keywords.contains(String($0)) }) else { return nil }
      let head = line.code.prefix { !"({<:=".contains($0) }
      return head.trimmingCharacters(in: .whitespaces)
    }
  }
}

/// Walks over Swift text: which brackets are open, and whether it is code.
private struct BracketScanner {
  private enum Mode: Equatable {
    case comment
    /// A string, with as many number signs around it.
    case string(hashes: Int, isMultiline: Bool)
    /// `\(…)` in a string, which was opened at this depth.
    case interpolation(depth: Int)
  }

  private(set) var depth = 0
  private var modes: [Mode] = []

  var isInCode: Bool { modes.isEmpty }

  mutating func scan(_ line: Substring) {
    let characters = Array(line)
    var i = 0
    func has(_ text: String, at i: Int) -> Bool { characters[i...].starts(with: text) }
    while i < characters.count {
      switch modes.last {
      case .comment:
        if has("*/", at: i) {
          modes.removeLast()
          i += 1
        } else if has("/*", at: i) {
          modes.append(.comment)
          i += 1
        }
      case .string(let hashes, let isMultiline):
        let signs = String(repeating: "#", count: hashes)
        let quotes = isMultiline ? "\"\"\"" : "\""
        if has("\\" + signs + "(", at: i) {
          modes.append(.interpolation(depth: depth))
          depth += 1
          i += 1 + hashes
        } else if has("\\" + signs, at: i) {
          i += 1 + hashes
        } else if has(quotes + signs, at: i) {
          modes.removeLast()
          i += quotes.count + hashes - 1
        }
      case nil, .interpolation:
        if has("//", at: i) { return }
        if has("/*", at: i) {
          modes.append(.comment)
          i += 1
        } else if let opened = openedString(characters[i...]) {
          modes.append(opened.mode)
          i += opened.length - 1
        } else if "([{".contains(characters[i]) {
          depth += 1
        } else if ")]}".contains(characters[i]) {
          depth -= 1
          if modes.last == .interpolation(depth: depth) { modes.removeLast() }
        }
      }
      i += 1
    }
    // A string of one line ends with it, whatever is wrong with it.
    if case .string(_, isMultiline: false) = modes.last { modes.removeLast() }
  }

  /// The string that begins here: any number of number signs, then one or three quotes.
  private func openedString(_ rest: ArraySlice<Character>) -> (mode: Mode, length: Int)? {
    let hashes = rest.prefix { $0 == "#" }.count
    let after = rest.dropFirst(hashes)
    guard after.first == "\"" else { return nil }
    let isMultiline = after.starts(with: "\"\"\"")
    return (.string(hashes: hashes, isMultiline: isMultiline), hashes + (isMultiline ? 3 : 1))
  }
}
