import NumberText
import Tensors

/// A colour map over a range of numbers: what turns a tensor into a picture and draws the bar that explains it.
struct ColorScale: Sendable {
  let map: ColorMap
  let range: ClosedRange<Float>
  /// How many of the numbers were not finite.
  let notFinite: Int
  /// The one number that all are.
  let constant: Float?

  /// A scale for `scalars`: given, or from the least to the largest; around zero where the map is diverging.
  ///
  /// Numbers that begin near zero begin at zero, so that the darkest colour means nothing at all.
  init(_ map: ColorMap, for scalars: [Float], range: ClosedRange<Float>? = nil) {
    self.map = map
    let finite = scalars.lazy.filter(\.isFinite)
    notFinite = scalars.count - finite.count
    let (low, high) = finite.reduce((Float.infinity, -Float.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    constant = low == high && scalars.count > 1 ? low : nil
    if let range {
      self.range = range
    } else if !(low <= high) || (low == 0 && high == 0) {
      self.range = map.isDiverging ? -1...1 : 0...1
    } else if map.isDiverging {
      let size = max(abs(low), abs(high))
      self.range = -size...size
    } else if low == high {
      self.range = min(low, 0)...max(high, 0)
    } else {
      self.range = low > 0 && low <= high / 2 ? 0...high : low...high
    }
  }

  /// A picture of `height` × `width` numbers from `start` on, one pixel each.
  func picture(_ scalars: [Float], from start: Int = 0, width: Int, height: Int) -> Canvas {
    var canvas = Canvas(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { canvas[x, y] = map.color(scalars[start + y * width + x], in: range) }
    }
    return canvas
  }

  /// The height that `draw` takes.
  func height(_ quantity: String, width: Int) -> Int {
    let font = Font.small
    let lines = font.wrapped(quantity, to: width).count * font.lineHeight
    return lines + 2 + 14 + 4 + font.lineHeight + notes.count * font.lineHeight
  }

  /// What the bar cannot say.
  var notes: [String] {
    var notes: [String] = []
    if let constant { notes.append("every value is \(readable(Double(constant)))") }
    if notFinite > 0 { notes.append("\(readable(notFinite)) not finite") }
    return notes
  }

  /// Draws the bar with what it measures above and its end values below.
  func draw(_ drawing: inout Drawing, _ quantity: String, x: Int, y: Int, width: Int) {
    let font = Font.small
    var y = y
    for line in font.wrapped(quantity, to: width) {
      drawing.add(Drawing.Label(text: line, x: x, y: y + font.capHeight, font: font, color: .faintInk))
      y += font.lineHeight
    }
    y += 2
    var bar = Canvas(width: width, height: 14)
    for i in 0..<width {
      bar.fill(Box(x: i, y: 0, width: 1, height: 14), map.color(Float(i) / Float(max(width - 1, 1))))
    }
    drawing.add(.picture(bar, x: x, y: y))
    drawing.add(.frame(Box(x: x - 1, y: y - 1, width: width + 2, height: 16), .rule))
    y += 14 + 4
    let baseline = y + font.capHeight
    let ends = (low: readable(Double(range.lowerBound)), high: readable(Double(range.upperBound)))
    drawing.add(Drawing.Label(text: ends.low, x: x, y: baseline, font: font))
    drawing.add(Drawing.Label(text: ends.high, x: x + width, y: baseline, font: font, anchor: .end))
    if range.lowerBound < 0, range.upperBound > 0 {
      let share = -range.lowerBound / 2 / (range.upperBound / 2 - range.lowerBound / 2)
      let place = x + Int((share * Float(width - 1)).rounded())
      // Only where it does not run into the ends.
      let free =
        x + font.width(of: ends.low)
        + 10...max(x + font.width(of: ends.low) + 10, x + width - font.width(of: ends.high) - 10)
      if free.contains(place) {
        drawing.add(.fill(Box(x: place, y: y - 4, width: 1, height: 3), .rule))
        drawing.add(Drawing.Label(text: "0", x: place, y: baseline, font: font, anchor: .middle))
      }
    }
    y += font.lineHeight
    for note in notes {
      var left = x
      if note.hasSuffix("not finite") {
        drawing.add(.fill(Box(x: x, y: y, width: font.capHeight, height: font.capHeight), ColorMap.notFinite))
        left += font.capHeight + 5
      }
      drawing.add(Drawing.Label(text: note, x: left, y: y + font.capHeight, font: font, color: .faintInk))
      y += font.lineHeight
    }
  }
}
