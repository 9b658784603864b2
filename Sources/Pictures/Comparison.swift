import NumberText
import Foundation
import Tensors

/// Two maps and their difference, side by side: the two on one colour scale, the difference blue where the first is
/// too small, red where it is too large, white where they agree.
///
/// Small maps have their numbers in the cells. A value that is not finite is drawn in pink and counted.
///
/// - Parameters:
///   - yours: The map that is looked at, `[H, W]`.
///   - expected: What it should be, `[H, W]`.
///   - names: What stands above the two.
///   - title: What one sees; the first line.
///   - subtitle: More about it.
///   - place: A row and a column to frame in all three.
/// - Returns: The sheet, about 940 pixels wide. Traps when the two are not maps of one size.
/// - Book: chapter 2.
public func comparison(
  _ yours: Tensor, with expected: Tensor, names: (yours: String, expected: String) = ("yours", "expected"),
  title: String, subtitle: String? = nil, framing place: (row: Int, column: Int)? = nil
) -> Canvas {
  comparisonDrawing(yours, expected, names: names, title: title, subtitle: subtitle, framing: place).canvas()
}

func comparisonDrawing(
  _ yours: Tensor, _ expected: Tensor, names: (yours: String, expected: String), title: String,
  subtitle: String?, framing place: (row: Int, column: Int)?
) -> Drawing {
  if yours.rank != 2 || yours.shape != expected.shape || yours.count == 0 {
    trap("comparison: two maps of one size are needed, given \(yours.shape) and \(expected.shape)")
  }
  let (height, width) = (yours.shape[0], yours.shape[1])
  let (a, b) = (yours.scalars, expected.scalars)
  let difference = zip(a, b).map { $0 - $1 }
  let isSigned = (a + b).contains { $0 < 0 }
  let common = ColorScale(isSigned ? .blueWhiteRed : .viridis, for: a + b)
  let apart = ColorScale(.blueWhiteRed, for: difference)

  let (gap, panel, font) = (26, (940 - 2 * margin - 2 * 26) / 3, Font.small)
  let cell = max(1, min(44, panel / max(width, height)))
  let (mapWidth, mapHeight) = (width * cell, height * cell)
  let step = max(panel, mapWidth) + gap
  let total = 2 * margin + 3 * step - gap
  var drawing = Drawing(width: total, height: 0, title: title)
  let top = drawing.addHeading(title, subtitle, width: total)
  let mapTop = top + Font.body.lineHeight

  let panels = [(names.yours, a, common), (names.expected, b, common), ("difference", difference, apart)]
  for (i, (name, scalars, scale)) in panels.enumerated() {
    let left = margin + i * step
    drawing.add(
      Drawing.Label(
        text: Font.body.truncated(name, to: panel), x: left, y: top + Font.body.capHeight, font: .body))
    let map = scale.picture(scalars, width: width, height: height)
    drawing.add(.picture(map.enlarged(cell), x: left, y: mapTop))
    let frame = Box(x: left - 1, y: mapTop - 1, width: mapWidth + 2, height: mapHeight + 2)
    drawing.add(.frame(frame, .rule))
    for label in numbers(scalars, scale, width: width, cell: cell, font) {
      var label = label
      label.x += left
      label.y += mapTop
      drawing.add(label)
    }
    if let place { drawing.mark(place, cell: cell, x: left, y: mapTop) }
  }

  let bottom = mapTop + mapHeight + 18
  let both = isSigned ? "value, one scale for both; white: 0" : "value, one scale for both"
  common.draw(&drawing, both, x: margin, y: bottom, width: panel)
  let quantity = "blue: too small, red: too large"
  apart.draw(&drawing, quantity, x: margin + 2 * step, y: bottom, width: panel)
  drawing.height =
    bottom + max(common.height(both, width: panel), apart.height(quantity, width: panel)) + margin
  return drawing
}

/// The numbers in their cells, from the map's corner; none where one of them would not fit.
func numbers(_ scalars: [Float], _ scale: ColorScale, width: Int, cell: Int, _ font: Font)
  -> [Drawing.Label]
{
  // As many digits after the point for all, so that the numbers compare at a glance.
  let largest = Double(max(abs(scale.range.lowerBound), abs(scale.range.upperBound)))
  let areWhole = scalars.allSatisfy { !$0.isFinite || $0 == $0.rounded() }
  let digits = areWhole ? 0 : max(0, min(4, 1 - Int(log10(largest).rounded(.down))))
  let texts = scalars.map { $0.isFinite ? fixed(Double($0), digits) : readable(Double($0)) }
  let widest = texts.map { font.width(of: $0) }.max() ?? 0
  if widest > cell - 4 || font.capHeight > cell - 6 { return [] }
  return zip(texts, scalars).enumerated().map { i, number in
    let (row, column) = i.quotientAndRemainder(dividingBy: width)
    return Drawing.Label(
      text: number.0, x: column * cell + cell / 2, y: row * cell + (cell + font.capHeight) / 2, font: font,
      color: scale.map.color(number.1, in: scale.range).readableText, anchor: .middle)
  }
}

extension Drawing {
  /// Frames one cell of a map in black and white, so that it is seen on any colour.
  fileprivate mutating func mark(_ place: (row: Int, column: Int), cell: Int, x: Int, y: Int) {
    let box = Box(x: x + place.column * cell, y: y + place.row * cell, width: cell, height: cell)
    for (grown, color) in [(1, Color.ink), (2, Color.white), (3, Color.ink)] where cell > 1 || grown < 3 {
      add(
        .frame(
          Box(
            x: box.x - grown, y: box.y - grown, width: box.width + 2 * grown, height: box.height + 2 * grown),
          color))
    }
  }
}
