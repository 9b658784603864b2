import NumberText
import Foundation
import Tensors

/// A matrix as coloured cells, with names for its rows and columns: attention, correlations, a table of results.
///
/// - Parameters:
///   - values: `[rows, columns]`; the first row is at the top.
///   - rowLabels: A name for each row, or none.
///   - columnLabels: A name for each column, or none.
///   - rowTitle: What the rows are.
///   - columnTitle: What the columns are.
///   - title: What one sees; the first line.
///   - subtitle: More about it; nil for none.
///   - quantity: What the colours measure.
///   - colorMap: How numbers become colours.
///   - range: The ends of the colour scale; nil for those of the values.
///   - showsValues: Whether to write the numbers into the cells, where they fit.
/// - Returns: The map with its colour scale.
/// - Book: chapter 6.
public func heatMap(
  _ values: Tensor, rowLabels: [String] = [], columnLabels: [String] = [], rowTitle: String? = nil,
  columnTitle: String? = nil, title: String, subtitle: String? = nil, quantity: String = "value",
  colorMap: ColorMap = .viridis, range: ClosedRange<Float>? = nil, showsValues: Bool = false
) -> Canvas {
  heatMapDrawing(
    values, rowLabels: rowLabels, columnLabels: columnLabels, rowTitle: rowTitle, columnTitle: columnTitle,
    title: title, subtitle: subtitle, quantity: quantity, colorMap: colorMap, range: range,
    showsValues: showsValues
  ).canvas()
}

func heatMapDrawing(
  _ values: Tensor, rowLabels: [String], columnLabels: [String], rowTitle: String?, columnTitle: String?,
  title: String, subtitle: String?, quantity: String, colorMap: ColorMap, range: ClosedRange<Float>?,
  showsValues: Bool
) -> Drawing {
  if values.rank != 2 { trap("heatMap: values must be [rows, columns], given \(values.shape)") }
  let (rows, columns) = (values.shape[0], values.shape[1])
  if !rowLabels.isEmpty && rowLabels.count != rows || !columnLabels.isEmpty && columnLabels.count != columns {
    trap("heatMap: \(rowLabels.count) and \(columnLabels.count) labels for values of \(values.shape)")
  }
  let font = Font.small
  let scalars = values.scalars
  let scale = ColorScale(colorMap, for: scalars, range: range)
  // As many digits after the point for all, so that the numbers compare at a glance.
  let largest = Double(max(abs(scale.range.lowerBound), abs(scale.range.upperBound)))
  let digits = max(0, min(4, 1 - Int(log10(largest).rounded(.down))))
  let texts =
    showsValues ? scalars.map { $0.isFinite ? fixed(Double($0), digits) : readable(Double($0)) } : []
  let textWidth = (texts.map { font.width(of: $0) }.max() ?? 0) + 8
  let cell = max(1, min(max(28, textWidth), 720 / max(columns, rows, 1)))
  let cellHeight = min(cell, 28)
  let hasTexts = showsValues && textWidth <= cell + 4 && cellHeight >= font.capHeight + 4

  let rowNames = rowLabels.map { font.truncated($0, to: 160) }
  let columnNames = columnLabels.map { font.truncated($0, to: 160) }
  let rowWidth = rowNames.map { font.width(of: $0) }.max() ?? 0
  let columnWidth = columnNames.map { font.width(of: $0) }.max() ?? 0
  let areTurned = columnWidth > cell - 2
  let left = margin + (rowTitle == nil ? 0 : Font.body.lineHeight) + rowWidth + (rowWidth > 0 ? 8 : 0)
  let width = max(left + columns * cell + margin, left + 200 + margin, 460)
  var drawing = Drawing(width: width, height: 0, title: title)
  var top = drawing.addHeading(title, subtitle, width: width)
  if let columnTitle {
    drawing.add(
      Drawing.Label(
        text: columnTitle, x: left + columns * cell / 2, y: top + Font.body.capHeight, color: .faintInk,
        anchor: columns * cell < Font.body.width(of: columnTitle) ? .start : .middle))
    top += Font.body.lineHeight
  }
  if columnWidth > 0 { top += (areTurned ? columnWidth : font.capHeight) + 6 }
  if let rowTitle {
    drawing.add(
      Drawing.Label(
        text: rowTitle, x: margin + Font.body.capHeight, y: top + rows * cellHeight / 2, color: .faintInk,
        anchor: .middle, turned: true))
  }
  var picture = Canvas(width: columns * cell, height: rows * cellHeight)
  let gap = cell >= 12 && cellHeight >= 12 ? 1 : 0
  for (i, x) in scalars.enumerated() {
    let (row, column) = i.quotientAndRemainder(dividingBy: columns)
    let box = Box(x: column * cell, y: row * cellHeight, width: cell - gap, height: cellHeight - gap)
    picture.fill(box, scale.map.color(x, in: scale.range))
  }
  drawing.add(.picture(picture, x: left, y: top))
  if hasTexts {
    for (i, x) in scalars.enumerated() {
      let (row, column) = i.quotientAndRemainder(dividingBy: columns)
      drawing.add(
        Drawing.Label(
          text: texts[i], x: left + column * cell + cell / 2,
          y: top + row * cellHeight + (cellHeight + font.capHeight) / 2, font: font,
          color: scale.map.color(x, in: scale.range).readableText, anchor: .middle))
    }
  }
  // Names that would run into each other are left out evenly.
  let everyRow = Swift.max(1, (font.capHeight + 4 + cellHeight - 1) / Swift.max(cellHeight, 1))
  for i in stride(from: 0, to: rowNames.count, by: everyRow) {
    let y = top + i * cellHeight + (cellHeight + font.capHeight) / 2
    drawing.add(Drawing.Label(text: rowNames[i], x: left - 8, y: y, font: font, anchor: .end))
  }
  let everyColumn = areTurned ? Swift.max(1, (font.capHeight + 4 + cell - 1) / cell) : 1
  for i in stride(from: 0, to: columnNames.count, by: everyColumn) {
    let x = left + i * cell + cell / 2
    drawing.add(
      areTurned
        ? Drawing.Label(text: columnNames[i], x: x + font.capHeight / 2, y: top - 5, font: font, turned: true)
        : Drawing.Label(text: columnNames[i], x: x, y: top - 6, font: font, anchor: .middle))
  }
  if scalars.isEmpty {
    drawing.add(Drawing.Label(text: "no values", x: left, y: top + Font.body.capHeight, color: .faintInk))
  }
  let bottom = top + Swift.max(rows * cellHeight, scalars.isEmpty ? 20 : 0) + 18
  scale.draw(&drawing, quantity, x: left, y: bottom, width: 200)
  drawing.height = bottom + scale.height(quantity, width: 200) + margin
  return drawing
}
