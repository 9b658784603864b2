/// A piece of running text whose inside is not Markdown, or the Markdown between two such pieces.
///
/// The tokens' sources, joined, are the text again, to the character.
struct TextToken {
  enum Kind: Equatable {
    case markdown
    /// Between backticks; what is inside.
    case code(String)
    /// `$…$` or `` $`…`$ ``; `isQuoted` says which.
    case formula(String, isQuoted: Bool)
    /// `<!--= request -->shown<!--/-->`, on one line.
    case number(request: String, shown: String, opening: String, closing: String)
    case comment
  }

  let kind: Kind
  let source: Substring

  static func tokens(of text: Substring) -> [TextToken] {
    var tokens: [TextToken] = []
    var begin = text.startIndex
    var i = text.startIndex
    while i < text.endIndex {
      let rest = text[i...]
      if rest.first == "\\" {
        i = text.index(i, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
      } else if let token = special(rest, after: text[begin..<i].last) {
        if begin < i { tokens.append(TextToken(kind: .markdown, source: text[begin..<i])) }
        tokens.append(token)
        i = token.source.endIndex
        begin = i
      } else if rest.first == "`" {
        i = rest.drop { $0 == "`" }.startIndex  // a run that nothing closes
      } else {
        i = text.index(after: i)
      }
    }
    if begin < text.endIndex { tokens.append(TextToken(kind: .markdown, source: text[begin...])) }
    return tokens
  }

  private static func special(_ rest: Substring, after last: Character?) -> TextToken? {
    switch rest.first {
    case "`": code(rest)
    case "$": formula(rest, after: last)
    case "<" where rest.hasPrefix("<!--="): number(rest) ?? comment(rest)
    case "<" where rest.hasPrefix("<!--"): comment(rest)
    default: nil
    }
  }

  private static func code(_ rest: Substring) -> TextToken? {
    let ticks = rest.prefix { $0 == "`" }
    var after = rest[ticks.endIndex...]
    while let next = after.firstIndex(of: "`") {
      let run = after[next...].prefix { $0 == "`" }
      if run.count == ticks.count {
        var inside = rest[ticks.endIndex..<next].map { $0 == "\n" ? " " : $0 }
        if inside.first == " ", inside.last == " ", inside.contains(where: { $0 != " " }) {
          inside = Array(inside.dropFirst().dropLast())
        }
        return TextToken(kind: .code(String(inside)), source: rest[..<run.endIndex])
      }
      after = after[run.endIndex...]
    }
    return nil
  }

  /// Dollars that begin and end at something other than white space, as GitHub wants them: `$5 and $6` is no formula.
  private static func formula(_ rest: Substring, after last: Character?) -> TextToken? {
    if let match = rest.prefixMatch(of: /\$`([^`]+)`\$/) {
      return TextToken(kind: .formula(String(match.1), isQuoted: true), source: match.0)
    }
    if let last, last.isLetter || last.isNumber || last == "$" { return nil }
    guard let match = rest.prefixMatch(of: /\$((?:[^$`<\\]|\\[^\n]|<(?!!--))+)\$(?![0-9A-Za-z$])/),
      match.1.first?.isWhitespace == false, match.1.last?.isWhitespace == false
    else { return nil }
    return TextToken(kind: .formula(String(match.1), isQuoted: false), source: match.0)
  }

  private static func number(_ rest: Substring) -> TextToken? {
    let line = rest.prefix { $0 != "\n" }
    guard let close = line.firstRange(of: "-->"),
      let end = line[close.upperBound...].firstRange(of: /<!--\s*\/\s*-->/)
    else { return nil }
    return TextToken(
      kind: .number(
        request: String(line[..<close.lowerBound].dropFirst("<!--=".count)),
        shown: String(line[close.upperBound..<end.lowerBound]), opening: String(line[..<close.upperBound]),
        closing: String(line[end])),
      source: rest[..<end.upperBound])
  }

  private static func comment(_ rest: Substring) -> TextToken? {
    guard let end = rest.firstRange(of: "-->") else { return nil }
    return TextToken(kind: .comment, source: rest[..<end.upperBound])
  }
}
