/// Colours code: wraps comments, strings, numbers, words of the language and types in spans of a class.
///
/// It reads letters, not grammar: enough to tell what is what at a glance, and never wrong about the text itself.
struct Highlighter {
  private struct Language {
    let lineComment: String
    let blockComment: (begin: String, end: String)?
    let keywords: Set<String>
    /// What begins a word that is an attribute, or something the compiler reads: `@` and `#`.
    let marks: String
  }

  private static let swift = Language(
    lineComment: "//", blockComment: ("/*", "*/"),
    keywords: Set(
      """
      actor any as associatedtype async await borrowing break case catch class consuming continue default defer deinit do \
      else enum extension fallthrough false fileprivate final for func get guard if import in indirect init inout \
      internal is lazy let mutating nil nonisolated open operator override package private protocol public repeat \
      rethrows return self set some static struct subscript super switch throw throws true try typealias unowned var \
      weak where while
      """.split(separator: " ").map(String.init)),
    marks: "@#")

  private static let python = Language(
    lineComment: "#", blockComment: nil,
    keywords: Set(
      """
      and as assert async await break class continue def del elif else except False finally for from global if import \
      in is lambda None nonlocal not or pass raise return self True try while with yield
      """.split(separator: " ").map(String.init)),
    marks: "@")

  private static let json = Language(
    lineComment: "\u{0}", blockComment: nil, keywords: ["true", "false", "null"], marks: "")

  private static let languages = ["swift": swift, "python": python, "json": json]

  /// The code as HTML; of a language that is not known, as it is.
  static func html(_ code: String, language: String) -> String {
    guard let language = languages[language] else { return escaped(code) }
    var highlighter = Highlighter(language: language, rest: code[...])
    return highlighter.read()
  }

  private let language: Language
  private var rest: Substring
  private var result = ""

  private init(language: Language, rest: Substring) {
    (self.language, self.rest) = (language, rest)
  }

  private mutating func read() -> String {
    while let first = rest.first {
      if rest.hasPrefix(language.lineComment) {
        take(rest.prefix { !$0.isNewline }, as: "c")
      } else if let block = language.blockComment, rest.hasPrefix(block.begin) {
        take(upTo: block.end, after: block.begin.count, as: "c")
      } else if rest.hasPrefix("\"\"\"") {
        take(upTo: "\"\"\"", after: 3, as: "s")
      } else if first == "\"" || first == "'" && language.marks == "@" {
        take(string(closedBy: first), as: "s")
      } else if first.isNumber {
        take(number(), as: "n")
      } else if language.marks.contains(first), rest.dropFirst().first?.isLetter == true {
        take(rest.prefix(1 + rest.dropFirst().prefix(while: Self.isWord).count), as: "k")
      } else if Self.isWord(first) {
        word()
      } else {
        take(rest.prefix(1), as: nil)
      }
    }
    return result
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private mutating func take(_ text: Substring, as kind: String?) {
    result += kind.map { "<span class=\"\($0)\">\(escaped(text))</span>" } ?? escaped(text)
    rest = rest[text.endIndex...]
  }

  private mutating func take(upTo end: String, after skipped: Int, as kind: String) {
    let inside = rest.dropFirst(skipped)
    take(rest[..<(inside.firstRange(of: end)?.upperBound ?? rest.endIndex)], as: kind)
  }

  /// From one quotation mark to the next on the line; what follows a backslash means itself.
  private func string(closedBy mark: Character) -> Substring {
    var isEscaped = false
    var i = rest.index(after: rest.startIndex)
    while i < rest.endIndex, !rest[i].isNewline {
      let character = rest[i]
      i = rest.index(after: i)
      if !isEscaped && character == mark { break }
      isEscaped = character == "\\" && !isEscaped
    }
    return rest[..<i]
  }

  /// `1_000`, `0.5`, `1e-3`, `0xFF`; not the dots of `0..<n`.
  private func number() -> Substring {
    rest.prefixMatch(of: /[0-9][0-9A-Fa-fx_]*(?:\.[0-9][0-9_]*)?(?:[eE][-+]?[0-9]+)?/)?.0 ?? rest.prefix(1)
  }

  private mutating func word() {
    let text = rest.prefix(while: Self.isWord)
    // `.self` and `x.default` are members, and no words of the language.
    let isMember = result.last == "." && !result.hasSuffix("..")
    if language.keywords.contains(String(text)), !isMember || text == "init" {
      take(text, as: "k")
    } else if text.first?.isUppercase == true, text.contains(where: \.isLowercase) {
      take(text, as: "t")
    } else {
      take(text, as: nil)
    }
  }
}
