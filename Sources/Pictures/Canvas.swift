import Formats
import Tensors

/// A rectangle of whole pixels; `y` counts downwards.
public struct Box: Sendable, Equatable {
  /// The left and upper edge, and the size, in pixels.
  public var x, y, width, height: Int

  /// - Parameters:
  ///   - x: The leftmost column.
  ///   - y: The uppermost row.
  ///   - width: How many columns.
  ///   - height: How many rows.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The column just right of it.
  public var right: Int { x + width }
  /// The row just below it.
  public var bottom: Int { y + height }

  /// Whether the two have a pixel in common.
  public func overlaps(_ other: Box) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }

  /// Whether `other` lies inside.
  public func contains(_ other: Box) -> Bool {
    x <= other.x && other.right <= right && y <= other.y && other.bottom <= bottom
  }
}

/// A picture in memory: pixels of red, green and blue, `x` to the right and `y` downwards.
///
/// What is drawn outside of it is cut off.
public struct Canvas: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// Red, green and blue of each pixel, row by row.
  public private(set) var bytes: [UInt8]

  /// A picture of one colour. Traps when a size is negative.
  public init(width: Int, height: Int, background: Color = .white) {
    if width < 0 || height < 0 { trap("Canvas: a size is negative: \(width) × \(height)") }
    self.width = width
    self.height = height
    bytes = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for i in 0..<width * height {
        buffer[3 * i] = background.red
        buffer[3 * i + 1] = background.green
        buffer[3 * i + 2] = background.blue
      }
      count = width * height * 3
    }
  }

  /// One pixel. Traps outside the picture.
  public subscript(x: Int, y: Int) -> Color {
    get {
      check(x, y)
      let i = (y * width + x) * 3
      return Color(bytes[i], bytes[i + 1], bytes[i + 2])
    }
    set {
      check(x, y)
      set(x, y, newValue)
    }
  }

  private func check(_ x: Int, _ y: Int) {
    if x < 0 || y < 0 || x >= width || y >= height {
      trap("Canvas: [\(x), \(y)] is outside of \(width) × \(height)")
    }
  }

  private mutating func set(_ x: Int, _ y: Int, _ color: Color) {
    let i = (y * width + x) * 3
    bytes[i] = color.red
    bytes[i + 1] = color.green
    bytes[i + 2] = color.blue
  }

  /// Lays `color` over a pixel, `opacity` from 0 to 1; outside the picture nothing happens.
  mutating func blend(_ x: Int, _ y: Int, _ color: Color, _ opacity: Float) {
    if x < 0 || y < 0 || x >= width || y >= height || opacity <= 0 { return }
    if opacity >= 1 { return set(x, y, color) }
    let i = (y * width + x) * 3
    set(x, y, Color(bytes[i], bytes[i + 1], bytes[i + 2]).mixed(with: color, opacity))
  }

  /// Fills a rectangle.
  public mutating func fill(_ box: Box, _ color: Color) {
    for y in max(box.y, 0)..<max(min(box.bottom, height), max(box.y, 0)) {
      for x in max(box.x, 0)..<max(min(box.right, width), max(box.x, 0)) { set(x, y, color) }
    }
  }

  /// Draws a frame one pixel wide, the outermost pixels of `box`.
  public mutating func frame(_ box: Box, _ color: Color) {
    fill(Box(x: box.x, y: box.y, width: box.width, height: 1), color)
    fill(Box(x: box.x, y: box.bottom - 1, width: box.width, height: 1), color)
    fill(Box(x: box.x, y: box.y, width: 1, height: box.height), color)
    fill(Box(x: box.right - 1, y: box.y, width: 1, height: box.height), color)
  }

  /// Lays another picture on this one, its corner at `x`, `y`.
  public mutating func draw(_ picture: Canvas, x: Int, y: Int) {
    let columns = max(0, -x)..<max(min(picture.width, width - x), max(0, -x))
    for row in max(0, -y)..<max(min(picture.height, height - y), max(0, -y)) where !columns.isEmpty {
      let from = (row * picture.width + columns.lowerBound) * 3
      let to = ((y + row) * width + x + columns.lowerBound) * 3
      let count = columns.count * 3
      bytes.replaceSubrange(to..<to + count, with: picture.bytes[from..<from + count])
    }
  }

  /// The picture with each pixel a square of `factor` × `factor`.
  public func enlarged(_ factor: Int) -> Canvas {
    if factor < 1 { trap("enlarged: the factor must be at least 1, given \(factor)") }
    var large = Canvas(width: width * factor, height: height * factor)
    for y in 0..<height {
      for x in 0..<width {
        large.fill(Box(x: x * factor, y: y * factor, width: factor, height: factor), self[x, y])
      }
    }
    return large
  }

  /// Draws one line of text, the pen starting at `x` on the baseline `y`.
  ///
  /// - Parameters:
  ///   - text: What is written; it is not broken into lines.
  ///   - x: Pixels from the left edge.
  ///   - y: Pixels from the upper edge, to the foot of the letters.
  ///   - font: The letters' size and weight.
  ///   - color: The letters' colour.
  ///   - turned: Whether the text runs upwards, as beside a vertical axis.
  public mutating func text(
    _ text: String, x: Int, y: Int, font: Font = .body, color: Color = .ink, turned: Bool = false
  ) {
    var pen = 0
    for scalar in text.precomposed {
      let glyph = font.glyph(scalar)
      for i in 0..<glyph.coverage.count where glyph.coverage[i] > 0 {
        let along = pen + glyph.left + i % glyph.width
        let up = glyph.top - i / glyph.width
        let opacity = Float(glyph.coverage[i]) / 15
        if turned {
          blend(x - up, y - along - 1, color, opacity)
        } else {
          blend(x + along, y - up, color, opacity)
        }
      }
      pen += glyph.advance
    }
  }

  /// Writes the picture to a PNG file. It appears whole or not at all.
  ///
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public func writePNG(to path: String) throws(FileError) {
    try PNG(width: width, height: height, color: .rgb, bytes: bytes).write(to: path)
  }
}
