import Foundation
import Formats
import Tensors
import Testing

@testable import Pictures

/// The darkness of each pixel, 0 for white to 9 for black: a picture as text.
private func art(_ canvas: Canvas) -> [String] {
  (0..<canvas.height).map { y in
    (0..<canvas.width).map { x in String((255 - Int(canvas[x, y].green)) * 9 / 255) }.joined()
  }
}

@Suite struct CanvasTests {
  @Test func rectangles() {
    var canvas = Canvas(width: 6, height: 4)
    canvas.frame(Box(x: 1, y: 0, width: 4, height: 4), .black)
    canvas.fill(Box(x: 4, y: 2, width: 9, height: 9), .black)
    canvas.fill(Box(x: -3, y: 3, width: 4, height: 1), .black)
    #expect(art(canvas) == ["099990", "090090", "090099", "999999"])
  }

  @Test func picturesAreCutOffAtTheEdge() {
    var stamp = Canvas(width: 2, height: 2, background: .black)
    stamp[0, 0] = .white
    var canvas = Canvas(width: 4, height: 3)
    canvas.draw(stamp, x: 3, y: 2)
    canvas.draw(stamp, x: -1, y: -1)
    canvas.draw(stamp, x: 1, y: 1)
    canvas.draw(stamp, x: 9, y: 9)
    canvas.draw(stamp, x: -9, y: 0)
    #expect(art(canvas) == ["9000", "0090", "0990"])
  }

  @Test func enlarging() {
    var canvas = Canvas(width: 2, height: 1)
    canvas[1, 0] = Color(1, 2, 3)
    let large = canvas.enlarged(3)
    #expect((large.width, large.height) == (6, 3))
    for y in 0..<3 {
      for x in 0..<6 { #expect(large[x, y] == canvas[x / 3, 0]) }
    }
  }

  @Test func lines() {
    var canvas = Canvas(width: 6, height: 3)
    // From pixel middle to pixel middle: no soft edge at all.
    canvas.line(through: [Point(1.5, 1.5), Point(4.5, 1.5)], color: .black)
    #expect(art(canvas) == ["000000", "099990", "000000"])
    // Between two rows: half of each.
    var half = Canvas(width: 6, height: 2)
    half.line(through: [Point(-2, 1), Point(8, 1)], color: .black)
    #expect(Set(half.bytes) == [128] || Set(half.bytes) == [127])
    // A corner, and a line that comes back on itself, are no darker than the line.
    var corner = Canvas(width: 4, height: 4)
    corner.line(through: [Point(1, 1), Point(3, 1), Point(1, 1)], color: .black)
    var once = Canvas(width: 4, height: 4)
    once.line(through: [Point(1, 1), Point(3, 1)], color: .black)
    #expect(corner == once)
    var nothing = Canvas(width: 4, height: 4)
    nothing.line(through: [Point(.nan, 1), Point(3, .nan)], color: .black)
    nothing.line(through: [], color: .black)
    #expect(nothing == Canvas(width: 4, height: 4))
  }

  /// A line covers as many pixels as its length times its width, whatever its slope.
  @Test(arguments: [0, 0.3, 1, 2.5, 40] as [Float]) func lineArea(slope: Float) {
    var canvas = Canvas(width: 100, height: 100)
    let length = (1 + slope * slope).squareRoot()
    let (dx, dy) = (60 / length, 60 * slope / length)
    canvas.line(through: [Point(20, 20), Point(20 + dx, 20 + dy)], width: 3, color: .black)
    let area = canvas.bytes.reduce(0) { $0 + Float(255 - Int($1)) / 255 } / 3
    #expect(abs(area - (60 * 3 + .pi * 2.25)) < 4)
  }

  @Test func outlines() {
    var canvas = Canvas(width: 6, height: 4)
    canvas.fill(outline: [Point(1, 1), Point(5, 1), Point(5, 3), Point(1, 3)], .black)
    #expect(art(canvas) == ["000000", "099990", "099990", "000000"])
    var half = Canvas(width: 2, height: 1)
    half.fill(outline: [Point(0.5, 0), Point(2, 0), Point(2, 1), Point(0.5, 1)], .black, opacity: 0.5)
    #expect(half[0, 0].red == 191 && half[1, 0].red == 128)
  }

  @Test func textPixels() {
    var canvas = Canvas(width: 8, height: 11)
    canvas.text("l", x: 2, y: 10, font: .small, color: .black)
    // The letter is one stem from the top of the ascenders to the baseline.
    let columns = (0..<8).filter { x in (0..<11).contains { canvas[x, $0] != .white } }
    #expect(columns.count <= 2)
    #expect(canvas[columns[0], 10] == .white && canvas[columns[0], 9] != .white)
    // The same letter turned is the same pixels turned.
    var turned = Canvas(width: 11, height: 8)
    turned.text("l", x: 10, y: 6, font: .small, color: .black, turned: true)
    for y in 0..<11 {
      for x in 0..<8 { #expect(canvas[x, y] == turned[y, 7 - x]) }
    }
  }

  @Test func textMetrics() {
    for font in [Font.small, .body, .title] {
      #expect(font.width(of: "") == 0)
      #expect(font.width(of: "ab") == font.width(of: "a") + font.width(of: "b"))
      // Digits are equally wide, so that columns of numbers stand in line.
      #expect(Set("0123456789".map { font.width(of: String($0)) }).count == 1)
      for scalar in (0x20...0x7E).compactMap({ Unicode.Scalar($0 as Int) })
        + Array("×·−→–…µ±°".unicodeScalars)
      {
        #expect(font.covers(scalar), "\(scalar)")
      }
      // An accent that stands alone is joined to its letter.
      #expect(font.width(of: "e\u{301}") == font.width(of: "é"))
      let long = "a rather long name of a class"
      let cut = font.truncated(long, to: 80)
      #expect(cut.hasSuffix("…") && font.width(of: cut) <= 80 && font.width(of: cut) > 50)
      #expect(font.truncated("ab", to: 80) == "ab")
      #expect(font.truncated("abcdef", to: 0) == "")
      let lines = font.wrapped(long, to: 80)
      #expect(lines.joined(separator: " ") == long && lines.allSatisfy { font.width(of: $0) <= 80 })
    }
    #expect(!Font.body.covers("漢"))
    #expect(Font.body.width(of: "漢") > 4)
  }

  /// Nothing of a glyph lies outside of what the metrics promise.
  @Test func glyphsStayWithinTheirLine() {
    for font in [Font.small, .body, .title] {
      for character in "AZagjpqy|(){}[]QÄÖÜ0123456789×−→…µ±°" {
        var canvas = Canvas(width: 60, height: 60)
        canvas.text(String(character), x: 20, y: 30, font: font, color: .black)
        var inked = 0
        for y in 0..<60 {
          for x in 0..<60 where canvas[x, y] != .white {
            inked += 1
            #expect(y >= 30 - font.ascent - 3 && y < 30 + font.descent + 2, "\(character)")
          }
        }
        #expect(inked > 3)
      }
    }
  }

  @Test func colours() {
    #expect(ColorMap.viridis.colors.count == 256)
    #expect(ColorMap.viridis.color(0) == Color(0x440154) && ColorMap.viridis.color(1) == Color(0xFDE725))
    #expect(ColorMap.gray.color(0.5) == Color(128, 128, 128))
    #expect(ColorMap.gray.color(-3) == .black && ColorMap.gray.color(7) == .white)
    #expect(
      ColorMap.blueWhiteRed.color(0) == Color(0x053061) && ColorMap.blueWhiteRed.color(1) == Color(0x67001F))
    #expect(ColorMap.gray.color(5, in: 5...5) == Color(128, 128, 128))
    #expect(ColorMap.gray.color(.nan, in: 0...1) == ColorMap.notFinite)
    #expect(ColorMap.gray.color(.infinity, in: 0...1) == ColorMap.notFinite)
    let wide = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
    #expect(ColorMap.gray.color(0, in: wide) == Color(128, 128, 128))
    for map in [ColorMap.viridis, .gray, .ink, .blueWhiteRed, .blues, .oranges] {
      #expect(!map.colors.contains(ColorMap.notFinite))
      // Text on any colour of any map has a contrast of at least 4.5 : 1 (WCAG 2, AA).
      for color in map.colors {
        let (a, b) = (color.luminance + 0.05, color.readableText.luminance + 0.05)
        #expect(max(a, b) / min(a, b) > 4.5)
      }
    }
  }

  @Test func outside() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Canvas(width: 2, height: 3)[2, 0]
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "Canvas: [2, 0] is outside of 2 × 3"))
  }

  @Test func writing() throws {
    try withFolder { folder in
      var canvas = Canvas(width: 2, height: 1)
      canvas[1, 0] = Color(1, 2, 3)
      try canvas.writePNG(to: folder + "/a.png")
      #expect(try PNG(path: folder + "/a.png", as: .rgb).bytes == [255, 255, 255, 1, 2, 3])
    }
  }
}
