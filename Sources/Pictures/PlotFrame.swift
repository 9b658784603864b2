/// The frame of a chart: heading, two axes with ticks, titles and grid, and the legend below it all.
struct PlotFrame {
  let x, y: Ruler
  /// Where the data goes.
  let box: Box

  /// Lays out the frame and draws it, up to the legend: data is drawn over the grid.
  init(
    _ drawing: inout Drawing, title: String, subtitle: String?, xAxis: Axis, yAxis: Axis, xData: [Double],
    yData: [Double], isTight: Bool, height: Int, countsThings: Bool = false
  ) {
    let (font, titleFont) = (Font.small, Font.body)
    let top = drawing.addHeading(title, subtitle, width: drawing.width) + 4
    y = Ruler(yAxis, for: yData, count: max(3, height / 48), isTight: false, hasWholeTicks: countsThings)
    let labelWidth = y.labels.map { font.width(of: $0) }.max() ?? 0
    let left = margin + (yAxis.title.isEmpty ? 0 : titleFont.lineHeight + 4) + labelWidth + 8
    let width = drawing.width - left - margin - 10
    x = Ruler(xAxis, for: xData, count: max(3, width / 90), isTight: isTight)
    box = Box(x: left, y: top, width: width, height: height)

    for (tick, label) in zip(y.ticks, y.labels) {
      let row = box.bottom - Int((y.place(tick) * Double(height)).rounded())
      drawing.add(.fill(Box(x: left, y: row, width: width, height: 1), .faintRule))
      drawing.add(
        Drawing.Label(text: label, x: left - 8, y: row + font.capHeight / 2 + 1, font: font, anchor: .end))
    }
    let inset = Self.inset(isTight)
    var free = Int.min
    for (tick, label) in zip(x.ticks, x.labels) {
      let column = left + inset + Int((x.place(tick) * Double(width - 2 * inset)).rounded())
      drawing.add(.fill(Box(x: column, y: box.bottom, width: 1, height: 5), .rule))
      let half = font.width(of: label) / 2
      if column - half < free { continue }
      drawing.add(
        Drawing.Label(text: label, x: column, y: box.bottom + 9 + font.capHeight, font: font, anchor: .middle)
      )
      free = column + half + 8
    }
    drawing.add(.fill(Box(x: left, y: box.bottom, width: width, height: 1), .rule))
    drawing.add(
      Drawing.Label(
        text: xAxis.heading, x: left + width / 2,
        y: box.bottom + 9 + font.lineHeight + 6 + titleFont.capHeight,
        color: .faintInk, anchor: .middle))
    drawing.add(
      Drawing.Label(
        text: yAxis.heading, x: margin + titleFont.capHeight, y: top + height / 2, color: .faintInk,
        anchor: .middle, turned: true))
    self.isTight = isTight
  }

  private let isTight: Bool
  /// Markers at the ends of a tight axis need room.
  private static func inset(_ isTight: Bool) -> Int { isTight ? 10 : 0 }

  /// Where the axes' titles end.
  var bottom: Int { box.bottom + 9 + Font.small.lineHeight + 6 + Font.body.capHeight + Font.body.descent }

  /// Where a point of the data lies on the picture.
  func point(_ dataX: Double, _ dataY: Double) -> Point {
    let inset = Double(Self.inset(isTight))
    let column = Double(box.x) + inset + x.place(dataX) * (Double(box.width) - 2 * inset)
    // The middle of a pixel, as the grid lines are.
    return Point(Float(column) + 0.5, Float(Double(box.bottom) - y.place(dataY) * Double(box.height)) + 0.5)
  }

  /// Whether a place lies within the frame, up to rounding.
  func holds(_ p: Point) -> Bool {
    p.x >= Float(box.x) - 0.1 && p.x <= Float(box.right) + 1.1 && p.y >= Float(box.y) - 0.1
      && p.y <= Float(box.bottom) + 1.1
  }

  /// The part of a segment that lies within the frame (Liang and Barsky 1984).
  func clipped(_ a: Point, _ b: Point) -> (Point, Point)? {
    var (from, to): (Float, Float) = (0, 1)
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let (left, right) = (Float(box.x), Float(box.right) + 1)
    let (top, bottom) = (Float(box.y), Float(box.bottom) + 1)
    for (p, q) in [(-dx, a.x - left), (dx, right - a.x), (-dy, a.y - top), (dy, bottom - a.y)] {
      if p == 0 {
        if q < 0 { return nil }
      } else if p < 0 {
        from = max(from, q / p)
      } else {
        to = min(to, q / p)
      }
    }
    if from > to { return nil }
    return (Point(a.x + from * dx, a.y + from * dy), Point(a.x + to * dx, a.y + to * dy))
  }
}

extension Drawing {
  /// Draws the names of the series below a chart, in rows, and returns where they end.
  mutating func addLegend(
    _ entries: [(name: String, color: Color, isDashed: Bool, isPoint: Bool)], x: Int, y: Int
  ) -> Int {
    let (font, swatch, space) = (Font.body, 26, 24)
    let right = width - margin
    var (column, row) = (x, y)
    for entry in entries {
      let name = font.truncated(entry.name, to: right - x - swatch - 8)
      let size = swatch + 8 + font.width(of: name)
      if column > x, column + size > right { (column, row) = (x, row + font.lineHeight + 2) }
      let middle = Float(row + font.capHeight / 2) + 0.5
      if !entry.isPoint {
        add(
          .line(
            [Point(Float(column), middle), Point(Float(column + swatch), middle)], width: 2.5,
            color: entry.color,
            dash: entry.isDashed ? dashes : []))
      } else {
        add(.disc(Point(Float(column + swatch / 2), middle), radius: 4.5, color: entry.color))
      }
      add(Label(text: name, x: column + swatch + 8, y: row + font.capHeight, font: font))
      column += size + space
    }
    return row + font.capHeight + font.descent
  }
}

/// The lengths of ink and gap of a dashed line.
let dashes: [Float] = [7, 5]
