import Formats
import Foundation

/// Whose a submission is: the name as it came, and what stands for it in the names of our own files.
///
/// A name may hold anything that a file's name may: line breaks, quotes, bytes that are no text. What is made of it here
/// names no other folder, is no longer than a file's name may be, and is another for every other name.
public struct LearnerName: Sendable, Hashable, Comparable {
  /// The name for people; what is no text shows as �.
  public let text: String
  /// The name for files.
  public let key: String

  /// A name that is text.
  public init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  init(bytes: some Collection<UInt8>) {
    text = String(decoding: bytes, as: UTF8.self)
    let plain: (UInt8) -> Bool = { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"):
        true
      default: false
      }
    }
    var key = ""
    for (index, byte) in bytes.enumerated() {
      if plain(byte) || byte == UInt8(ascii: ".") && index > 0 {
        key.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        key += String(format: "%%%02x", byte)
      }
    }
    if key.utf8.count > 120 {
      key = String(key.prefix(100)) + "-" + String(Self.digest(bytes), radix: 16)
    }
    // Where capitals do not tell files apart, two learners must not share one.
    if key.contains(where: \.isUppercase) { key += "-" + String(Self.digest(bytes) & 0xFFFF, radix: 16) }
    self.key = key.isEmpty ? "%" : key
  }

  public static func < (a: LearnerName, b: LearnerName) -> Bool { (a.text, a.key) < (b.text, b.key) }

  /// A number for the bytes, the same on every machine (FNV-1a).
  static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Which of `count` shards it belongs to, from 1 on.
  func shard(of count: Int) -> Int { Int(Self.digest(key.utf8) % UInt64(max(1, count))) + 1 }
}

extension Error {
  /// What the error says in one line: its lines one after the other.
  var inOneLine: String {
    "\(self)".split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ").inOneLine
  }
}

extension String {
  /// The text in one line, for a terminal or a list: what would move the cursor or break the line is shown as a sign.
  public var inOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
