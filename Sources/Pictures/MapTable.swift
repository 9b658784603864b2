import Tensors

/// A row of maps that are compared, with a colour scale of its own.
public struct MapRow: Sendable {
  /// The row's name, on its left.
  public var label: String
  /// One map for each column, `[H, W]`; an empty place where there is none.
  public var maps: [Tensor?]
  /// What the colours measure.
  public var quantity: String
  /// How numbers become colours.
  public var colorMap: ColorMap
  /// The ends of the colour scale; without it, those of the row's maps.
  public var range: ClosedRange<Float>?

  /// - Parameters:
  ///   - label: The row's name, on its left.
  ///   - maps: One for each column, `[H, W]`; nil leaves its place empty.
  ///   - quantity: What the colours measure.
  ///   - colorMap: How numbers become colours.
  ///   - range: The ends of the colour scale; nil for those of the row's maps.
  public init(
    _ label: String, _ maps: [Tensor?], quantity: String = "value", colorMap: ColorMap = .viridis,
    range: ClosedRange<Float>? = nil
  ) {
    self.label = label
    self.maps = maps
    self.quantity = quantity
    self.colorMap = colorMap
    self.range = range
  }
}

/// Maps in a table: what is compared stands side by side and one below the other, each map as large as any other,
/// whatever its size in numbers.
///
/// - Parameters:
///   - rows: The rows, each with its label and its scale on the left.
///   - columns: A name for each column; `\n` begins a new line.
///   - title: What one sees; the first line.
///   - subtitle: More about it; nil for none.
///   - cellSize: The pixels of a map's longer side. A map whose size does not divide it is a little smaller.
///   - showsValues: Whether to write the numbers into maps that have room for them.
/// - Returns: The table. Traps where a row has more or fewer maps than there are columns.
/// - Book: chapter 3.
public func mapTable(
  _ rows: [MapRow], columns: [String], title: String, subtitle: String? = nil, cellSize: Int = 112,
  showsValues: Bool = false
) -> Canvas {
  mapTableDrawing(
    rows, columns: columns, title: title, subtitle: subtitle, cellSize: cellSize, showsValues: showsValues
  ).canvas()
}

func mapTableDrawing(
  _ rows: [MapRow], columns: [String], title: String, subtitle: String?, cellSize: Int, showsValues: Bool
) -> Drawing {
  for row in rows where row.maps.count != columns.count {
    trap("mapTable: the row “\(row.label)” has \(row.maps.count) maps for \(columns.count) columns")
  }
  for case let map? in rows.flatMap(\.maps) where map.rank != 2 {
    trap("mapTable: a map must be [H, W], given \(map.shape)")
  }
  let (font, gap, labelWidth) = (Font.body, 14, 116)
  let left = margin + labelWidth + 20
  let width = max(left + columns.count * (cellSize + gap) - gap + margin, 460)
  var drawing = Drawing(width: width, height: 0, title: title)
  var y = drawing.addHeading(title, subtitle, width: width)

  let names = columns.map { font.wrapped($0, to: cellSize + gap - 6) }
  for (j, lines) in names.enumerated() {
    for (k, line) in lines.enumerated() {
      drawing.add(
        Drawing.Label(
          text: line, x: left + j * (cellSize + gap) + cellSize / 2,
          y: y + font.capHeight + k * font.lineHeight, anchor: .middle))
    }
  }
  y += (names.map(\.count).max() ?? 0) * font.lineHeight + 4

  for row in rows {
    let scale = ColorScale(
      row.colorMap, for: row.maps.flatMap { $0?.scalars ?? [] }, range: row.range)
    var labelBottom = y
    for line in font.wrapped(row.label, to: labelWidth) {
      drawing.add(Drawing.Label(text: line, x: margin, y: labelBottom + font.capHeight))
      labelBottom += font.lineHeight
    }
    labelBottom += 6
    scale.draw(&drawing, row.quantity, x: margin, y: labelBottom, width: labelWidth)
    labelBottom += scale.height(row.quantity, width: labelWidth)

    for (j, map) in row.maps.enumerated() {
      guard let map, map.count > 0 else { continue }
      let x = left + j * (cellSize + gap)
      let (height, width) = (map.shape[0], map.shape[1])
      let cell = max(1, cellSize / max(height, width))
      let picture = scale.picture(map.scalars, width: width, height: height)
      drawing.add(.picture(picture.enlarged(cell), x: x, y: y))
      drawing.add(
        .frame(Box(x: x - 1, y: y - 1, width: width * cell + 2, height: height * cell + 2), .rule))
      for var label in showsValues ? numbers(map.scalars, scale, width: width, cell: cell, .small) : [] {
        label.x += x
        label.y += y
        drawing.add(label)
      }
    }
    y = max(y + cellSize, labelBottom) + gap
  }
  if rows.isEmpty {
    drawing.add(Drawing.Label(text: "no maps", x: margin, y: y + font.capHeight, color: .faintInk))
    y += font.lineHeight + gap
  }
  drawing.height = y - gap + margin
  return drawing
}
