import Foundation

/// Reads running text: emphasis, links, pictures, and the tokens that have been cut out before.
struct InlineParser {
  private enum Atom {
    case character(Character)
    /// A character that means itself: after a backslash.
    case literal(Character)
    case inline(Inline)
  }

  private let atoms: [Atom]

  static func parse(_ text: some StringProtocol) -> [Inline] {
    let parser = InlineParser(Substring(text))
    return parser.inlines(in: parser.atoms.indices)
  }

  private init(_ text: Substring) {
    var atoms: [Atom] = []
    for token in TextToken.tokens(of: text) {
      switch token.kind {
      case .markdown: atoms += Self.atoms(of: token.source)
      case .code(let code): atoms.append(.inline(.code(code)))
      case .formula(let formula, _): atoms.append(.inline(.formula(formula)))
      case .number(let request, let shown, _, _):
        atoms.append(.inline(.number(shown, request: request.trimmingCharacters(in: .whitespaces))))
      case .comment: atoms.append(.inline(.comment(String(token.source))))
      }
    }
    self.atoms = atoms
  }

  private static let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&nbsp;": "\u{a0}"]

  private static func atoms(of text: Substring) -> [Atom] {
    var atoms: [Atom] = []
    var rest = text
    while let character = rest.first {
      if character == "\\", let next = rest.dropFirst().first, next.isASCII,
        next.isPunctuation || next.isSymbol
      {
        atoms.append(.literal(next))
        rest = rest.dropFirst(2)
      } else if character == "\\", rest.dropFirst().first == "\n" {
        atoms.append(.inline(.lineBreak))
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix("  "), rest.drop(while: { $0 == " " }).first == "\n" {
        atoms.append(.inline(.lineBreak))
        rest = rest.drop { $0 == " " }.dropFirst()
      } else if character == "&", let entity = entities.first(where: { rest.hasPrefix($0.key) }) {
        atoms += entity.value.map { .literal($0) }
        rest = rest.dropFirst(entity.key.count)
      } else {
        atoms.append(.character(character))
        rest = rest.dropFirst()
      }
    }
    return atoms
  }

  private func character(_ i: Int) -> Character? {
    if atoms.indices.contains(i), case .character(let character) = atoms[i] { character } else { nil }
  }

  private func isSpace(_ i: Int) -> Bool {
    !atoms.indices.contains(i) || character(i)?.isWhitespace == true
  }

  /// Whether a letter or a number stands there, or something that counts as one.
  private func isWord(_ i: Int) -> Bool {
    guard atoms.indices.contains(i) else { return false }
    return character(i).map { $0.isLetter || $0.isNumber } ?? false
  }

  private func inlines(in range: Range<Int>) -> [Inline] {
    var result: [Inline] = []
    var text = ""
    func flush() {
      if !text.isEmpty { result.append(.text(text)) }
      text = ""
    }
    var i = range.lowerBound
    while i < range.upperBound {
      if let (inline, end) = marked(at: i, in: range) {
        flush()
        result.append(inline)
        i = end
        continue
      }
      switch atoms[i] {
      case .character(let character), .literal(let character): text.append(character)
      case .inline(let inline):
        flush()
        result.append(inline)
      }
      i += 1
    }
    flush()
    return result
  }

  /// The emphasis, link, picture or address that begins at `i`, and the place after it.
  private func marked(at i: Int, in range: Range<Int>) -> (Inline, Int)? {
    switch character(i) {
    case "*", "_": emphasis(at: i, in: range)
    case "[": link(at: i, in: range).map { (.link($0.inner, target: $0.target), $0.end) }
    case "!" where character(i + 1) == "[":
      link(at: i + 1, in: range).map { (.image(alternative: plainText($0.inner), source: $0.target), $0.end) }
    case "<": address(from: i + 1, to: { $0 == ">" }, in: range).map { ($0.0, $0.1 + 1) }
    case "h" where !isWord(i - 1):
      address(from: i, to: { $0.isWhitespace || ")]*\"".contains($0) }, in: range)
    default: nil
    }
  }

  private func run(at i: Int, in range: Range<Int>) -> Int {
    var end = i
    while end < range.upperBound, character(end) == character(i) { end += 1 }
    return end - i
  }

  private func emphasis(at i: Int, in range: Range<Int>) -> (Inline, Int)? {
    let count = run(at: i, in: range)
    guard count <= 3, !isSpace(i + count), character(i) == "*" || !isWord(i - 1) else { return nil }
    let width = count == 3 ? 1 : count
    var end = i + count
    while end < range.upperBound {
      guard character(end) == character(i) else {
        end += 1
        continue
      }
      let closing = run(at: end, in: range)
      let closes =
        !isSpace(end - 1) && (closing == count || closing == 3)
        && (character(i) == "*" || !isWord(end + closing))
      if closes {
        let inner = inlines(in: i + width..<end + closing - width)
        return (width == 2 ? .strong(inner) : .emphasis(inner), end + closing)
      }
      end += closing
    }
    return nil
  }

  /// `[inner](target)`, from the bracket on.
  private func link(at i: Int, in range: Range<Int>) -> (inner: [Inline], target: String, end: Int)? {
    var depth = 0
    for close in i..<range.upperBound {
      if character(close) == "[" { depth += 1 }
      if character(close) == "]" { depth -= 1 }
      if depth > 0 { continue }
      guard character(close + 1) == "(" else { return nil }
      var target = ""
      for end in close + 2..<max(range.upperBound, close + 2) {
        switch atoms[end] {
        case .character(")"): return (inlines(in: i + 1..<close), target, end + 1)
        case .character(let character), .literal(let character): target.append(character)
        case .inline: return nil
        }
      }
      return nil
    }
    return nil
  }

  /// A web address that stands for itself.
  private func address(from i: Int, to isEnd: (Character) -> Bool, in range: Range<Int>) -> (Inline, Int)? {
    var text = ""
    var end = i
    while end < range.upperBound, let character = character(end), !isEnd(character) {
      text.append(character)
      end += 1
    }
    guard text.hasPrefix("https://") || text.hasPrefix("http://"), text.count > 8 else { return nil }
    while let last = text.last, ".,;:!?".contains(last) {
      text.removeLast()
      end -= 1
    }
    return (.link([.text(text)], target: text), end)
  }
}
