/// A JSON value that keeps the order of its names, and repeated ones, which Foundation's parser does not.
///
/// - Source: RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
enum JSONValue: Equatable {
  struct Member: Equatable {
    let name: String
    let value: JSONValue
  }

  case object([Member])
  case array([JSONValue])
  case string(String)
  /// A whole number that fits into `Int`.
  case integer(Int)
  /// `true`, `false`, `null` or another number, as written.
  case other(String)

  init(parsing bytes: ArraySlice<UInt8>) throws(JSONProblem) {
    var parser = JSONParser(bytes)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    if !parser.isAtEnd { throw parser.problem("the end") }
  }

  /// `text` in quotes, escaped as Rust's serde_json does it, which the safetensors package uses.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// What is wrong with a text that is no JSON, and at which byte of it.
struct JSONProblem: Error, Equatable {
  let offset: Int
  let found: String
  let expected: String
}

private struct JSONParser {
  private static let mostElements = 64
  private let bytes: ArraySlice<UInt8>
  private var i: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    i = bytes.startIndex
  }

  var isAtEnd: Bool { i == bytes.endIndex }
  private var next: UInt8? { i < bytes.endIndex ? bytes[i] : nil }

  func problem(_ expected: String) -> JSONProblem {
    var found = "the end"
    if let next {
      found = next > 0x20 && next < 0x7F ? "\"\(Character(Unicode.Scalar(next)))\"" : "the byte \(next)"
    }
    return JSONProblem(offset: i - bytes.startIndex, found: found, expected: expected)
  }

  mutating func skipSpace() {
    while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { i += 1 }
  }

  /// Steps over `character` if it comes next.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    if next != UInt8(ascii: character) { return false }
    i += 1
    return true
  }

  private mutating func require(_ character: Unicode.Scalar) throws(JSONProblem) {
    if !skip(character) { throw problem("\"\(Character(character))\"") }
  }

  mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
    skipSpace()
    if depth > 32 { throw problem("no deeper nesting") }
    switch next {
    case UInt8(ascii: "{"):
      i += 1
      var members: [JSONValue.Member] = []
      if skip("}") { return .object(members) }
      repeat {
        skipSpace()
        let name = try string()
        try require(":")
        members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
      } while skip(",")
      try require("}")
      return .object(members)
    case UInt8(ascii: "["):
      i += 1
      var elements: [JSONValue] = []
      if skip("]") { return .array(elements) }
      repeat {
        // Values take many times the memory of their text. No tensor has more axes than this.
        if elements.count == Self.mostElements {
          throw problem("no more than \(Self.mostElements) values in a list")
        }
        elements.append(try value(depth: depth + 1))
      } while skip(",")
      try require("]")
      return .array(elements)
    case UInt8(ascii: "\""):
      return .string(try string())
    default:
      return try word()
    }
  }

  /// A number, `true`, `false` or `null`.
  private mutating func word() throws(JSONProblem) -> JSONValue {
    let start = i
    for word in ["true", "false", "null"] where bytes[i...].starts(with: word.utf8) {
      i += word.utf8.count
      return .other(word)
    }
    if next == UInt8(ascii: "-") { i += 1 }
    let firstDigit = next
    let wholeDigits = skipDigits()
    var isNumber = wholeDigits == 1 || wholeDigits > 1 && firstDigit != UInt8(ascii: "0")
    let wholeEnd = i
    if next == UInt8(ascii: ".") {
      i += 1
      isNumber = skipDigits() > 0 && isNumber
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      i += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { i += 1 }
      isNumber = skipDigits() > 0 && isNumber
    }
    let text = String(decoding: bytes[start..<i], as: UTF8.self)
    if !isNumber {
      i = start
      throw problem("a JSON value")
    }
    if i == wholeEnd, let number = Int(text) { return .integer(number) }
    return .other(text)
  }

  private mutating func skipDigits() -> Int {
    let start = i
    while let next, (0x30...0x39).contains(next) { i += 1 }
    return i - start
  }

  private mutating func string() throws(JSONProblem) -> String {
    if next != UInt8(ascii: "\"") { throw problem("a name or text in quotes") }
    i += 1
    var text: [UInt8] = []
    let start = i
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw problem("no control character in a text") }
      i += 1
      if byte != UInt8(ascii: "\\") {
        text.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[i])
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        text += try unicodeEscape().utf8
        continue
      default: throw problem("an escape sequence")
      }
      i += 1
    }
    if isAtEnd { throw problem("the closing quote") }
    i += 1
    guard let result = String(validating: text, as: UTF8.self) else {
      i = start
      throw problem("UTF-8")
    }
    return result
  }

  /// After a backslash: `uXXXX`, or two of them that make one character.
  private mutating func unicodeEscape() throws(JSONProblem) -> String {
    let high = try fourDigits()
    if let scalar = Unicode.Scalar(high) { return String(scalar) }
    if high < 0xDC00, next == UInt8(ascii: "\\") {
      i += 1
      if next == UInt8(ascii: "u") {
        let low = try fourDigits()
        if (0xDC00..<0xE000).contains(low),
          let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        {
          return String(scalar)
        }
      }
    }
    throw problem("the other half of a surrogate pair")
  }

  private mutating func fourDigits() throws(JSONProblem) -> UInt32 {
    i += 1
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let next, next < 0x80, let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
        throw problem("a hexadecimal digit")
      }
      number = number << 4 | UInt32(digit)
      i += 1
    }
    return number
  }
}
