import Foundation

/// A typeface at one size, as coverage: how much of each pixel the ink fills.
///
/// It covers ASCII, Latin-1, and the Greek letters and signs that a book on deep learning needs; any other character
/// is drawn as an empty box. The glyphs are those of DejaVu Sans, rasterised once (`Font/rasterise.py`).
public struct Font: Sendable {
  /// One character.
  struct Glyph: Sendable {
    /// How far the pen moves.
    let advance: Int
    /// Where the box of pixels begins: right of the pen, above the baseline.
    let left, top: Int
    let width, height: Int
    /// 0 to 15, row by row.
    let coverage: [UInt8]
  }

  /// Pixels from one line's baseline to the next are about 1.3 times this.
  public let size: Int
  /// How far letters reach above the baseline, and below it.
  public let ascent, descent: Int
  let isBold: Bool
  private let glyphs: [Unicode.Scalar: Glyph]
  private let box: Glyph

  /// 12 pixels: numbers beside maps, end values of scales.
  public static let small = Font(GlyphData.small)
  /// 14 pixels: axes, captions, explanations.
  public static let body = Font(GlyphData.body)
  /// 18 pixels, bold.
  public static let title = Font(GlyphData.title, isBold: true)

  private init(_ data: String, isBold: Bool = false) {
    var reader = GlyphReader(bytes: Array(data.utf8))
    size = reader.number()
    ascent = reader.number()
    descent = reader.number()
    self.isBold = isBold
    var glyphs: [Unicode.Scalar: Glyph] = [:]
    while let (scalar, glyph) = reader.glyph() { glyphs[scalar] = glyph }
    self.glyphs = glyphs
    let (width, height) = (size / 2, ascent * 3 / 4)
    box = Glyph(
      advance: width + 2, left: 1, top: height, width: width, height: height,
      coverage: (0..<width * height).map { i in
        let (y, x) = i.quotientAndRemainder(dividingBy: width)
        return x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 15 : 0
      })
  }

  /// From one baseline to the next.
  public var lineHeight: Int { size * 4 / 3 + 1 }
  /// The height of a capital letter or a digit.
  public var capHeight: Int { glyphs["0"]?.top ?? ascent }

  func glyph(_ scalar: Unicode.Scalar) -> Glyph { glyphs[scalar] ?? box }

  /// Whether the character has a glyph of its own.
  public func covers(_ scalar: Unicode.Scalar) -> Bool { glyphs[scalar] != nil }

  /// How many pixels `text` takes, on one line.
  public func width(of text: String) -> Int {
    text.precomposed.reduce(0) { $0 + glyph($1).advance }
  }

  /// `text`, or as much of its beginning as fits into `width` pixels with `…` after it.
  public func truncated(_ text: String, to width: Int) -> String {
    if self.width(of: text) <= width { return text }
    var kept = text[...]
    while !kept.isEmpty {
      kept.removeLast()
      let candidate = kept.trimmingEnd + "…"
      if self.width(of: candidate) <= width { return candidate }
    }
    return ""
  }

  /// `text` in lines of at most `width` pixels, broken between words; a word that is too long is cut.
  public func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        let longer = line.isEmpty ? String(word) : line + " " + word
        if self.width(of: longer) <= width || line.isEmpty {
          line = longer
        } else {
          lines.append(line)
          line = String(word)
        }
      }
      lines.append(line)
    }
    return lines.map { truncated($0, to: width) }
  }
}

extension StringProtocol {
  var trimmingEnd: String {
    var text = String(self)
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The scalars, letters and their accents as one where Unicode has one.
  var precomposed: [Unicode.Scalar] {
    self.utf8.allSatisfy { $0 < 0x80 }
      ? Array(self.unicodeScalars) : Array(self.precomposedStringWithCanonicalMapping.unicodeScalars)
  }
}

/// Reads the stream of numbers and digits in `GlyphData`.
private struct GlyphReader {
  let bytes: [UInt8]
  var place = 0

  mutating func skipBlanks() {
    while place < bytes.count, bytes[place] <= 0x20 { place += 1 }
  }

  mutating func word() -> String {
    skipBlanks()
    let start = place
    while place < bytes.count, bytes[place] > 0x20 { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  mutating func number() -> Int { Int(word()) ?? 0 }

  mutating func glyph() -> (Unicode.Scalar, Font.Glyph)? {
    guard let code = UInt32(word(), radix: 16), let scalar = Unicode.Scalar(code) else { return nil }
    let (advance, left, top, width, height) = (number(), number(), number(), number(), number())
    var coverage: [UInt8] = []
    coverage.reserveCapacity(width * height)
    while coverage.count < width * height, place < bytes.count {
      if let value = hexValue(bytes[place]) { coverage.append(value) }
      place += 1
    }
    let glyph = Font.Glyph(
      advance: advance, left: left, top: top, width: width, height: height, coverage: coverage)
    return (scalar, glyph)
  }
}
