/// A text as it stands in HTML, also within an attribute's quotes.
func escaped(_ text: some StringProtocol) -> String {
  var result = ""
  for character in text {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.append(character)
    }
  }
  return result
}

/// The text that was escaped.
func unescaped(_ html: some StringProtocol) -> String {
  String(html).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
    .replacing("&amp;", with: "&")
}

/// Running text as a book prints it: quotation marks and apostrophes with a direction, and no line that begins with %.
struct Typesetter {
  /// What was printed last, also in another piece of the same paragraph.
  var previous: Character = " "

  mutating func set(_ text: some StringProtocol) -> String {
    var result = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      var printed = character
      switch character {
      case "\"": printed = opens ? "“" : "”"
      case "'": printed = opens ? "‘" : "’"
      case " " where previous.isNumber && rest.first == "%": printed = "\u{a0}"
      default: break
      }
      result += escaped(String(printed))
      previous = character
    }
    return result
  }

  private var opens: Bool { previous.isWhitespace || "([{—–".contains(previous) }
}
