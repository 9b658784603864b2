import NumberText

/// What line and scatter charts have in common.
protocol XYChart: Chart {
  var title: String { get }
  var subtitle: String? { get }
  var x: Axis { get }
  var y: Axis { get }
  var series: [Series] { get }
  var width: Int { get }
  var plotHeight: Int { get }
}

/// Lays out a chart of series over two axes: bands below, lines over them, then points and their names.
func xyDrawing(_ chart: some XYChart, hasLines: Bool) -> Drawing {
  func isShown(_ series: Series, _ i: Int) -> Bool {
    chart.x.holds(series.x[i]) && chart.y.holds(series.y[i])
  }
  // Only what is shown shapes the axes: `y` of a point without a place in `x` does not.
  var (xs, ys): ([Double], [Double]) = ([], [])
  var (hidden, broken) = (0, 0)
  for series in chart.series {
    for i in series.x.indices {
      if isShown(series, i) {
        xs.append(series.x[i])
        ys.append(series.y[i])
        if !series.low.isEmpty { ys += [series.low[i], series.high[i]] }
      } else if series.x[i].isFinite, series.y[i].isFinite {
        hidden += 1
      } else {
        broken += 1
      }
    }
  }
  var subtitle = chart.subtitle
  if broken > 0 {
    subtitle = joined(subtitle, "\(readable(broken)) \(points(broken)) not finite and left out.")
  }
  if hidden > 0 {
    subtitle = joined(
      subtitle, "\(readable(hidden)) \(points(hidden)) not positive and left out: the scale is logarithmic.")
  }

  var drawing = Drawing(width: chart.width, height: 0, title: chart.title)
  let frame = PlotFrame(
    &drawing, title: chart.title, subtitle: subtitle, xAxis: chart.x, yAxis: chart.y, xData: xs, yData: ys,
    isTight: hasLines, height: chart.plotHeight)
  let colors = chart.series.indices.map { Color.categories[$0 % Color.categories.count] }
  // Beyond as many series as there are colours, dashes tell them apart.
  let areDashed = chart.series.indices.map { chart.series[$0].isDashed != ($0 >= Color.categories.count) }

  for (series, color) in zip(chart.series, colors) where !series.low.isEmpty {
    for run in runs(
      series.x.indices,
      where: { isShown(series, $0) && chart.y.holds(series.low[$0]) && chart.y.holds(series.high[$0]) })
    where run.count > 1 {
      let clampedTo = { (p: Point) in
        Point(
          max(Float(frame.box.x), min(Float(frame.box.right) + 1, p.x)),
          max(Float(frame.box.y), min(Float(frame.box.bottom) + 1, p.y)))
      }
      let upper = run.map { clampedTo(frame.point(series.x[$0], series.high[$0])) }
      let lower = run.reversed().map { clampedTo(frame.point(series.x[$0], series.low[$0])) }
      drawing.add(.outline(upper + lower, color: color, opacity: 0.18))
    }
  }
  var marks: [(point: Point, label: String)] = []
  for (k, series) in chart.series.enumerated() {
    let color = colors[k]
    let shown = runs(series.x.indices, where: { isShown(series, $0) })
    let hasLine = hasLines && !series.isPoints
    if hasLine {
      for run in shown {
        let points = thinned(run.map { frame.point(series.x[$0], series.y[$0]) })
        for piece in clippedLine(points, frame) {
          drawing.add(.line(piece, width: 2, color: color, dash: areDashed[k] ? dashes : []))
        }
      }
    }
    // A point between two gaps has no line to be seen by.
    let hasMarkers = !hasLine || series.x.count <= 30
    for run in shown where hasMarkers || run.count == 1 {
      for i in run {
        let point = frame.point(series.x[i], series.y[i])
        if !frame.holds(point) { continue }
        drawing.add(.disc(point, radius: hasLine ? 3.5 : 4.5, color: color))
        marks.append((point, series.labels.isEmpty ? "" : series.labels[i]))
      }
    }
  }
  addNames(&drawing, marks, in: frame.box)
  if xs.isEmpty {
    drawing.add(
      Drawing.Label(
        text: "no finite values", x: frame.box.x + frame.box.width / 2, y: frame.box.y + frame.box.height / 2,
        color: .faintInk, anchor: .middle))
  }
  var bottom = frame.bottom
  let named = chart.series.indices.filter { !chart.series[$0].name.isEmpty }
  if !named.isEmpty, !(chart.series.count == 1 && chart.series[0].name == chart.y.title) {
    bottom = drawing.addLegend(
      named.map {
        (chart.series[$0].name, colors[$0], areDashed[$0], !hasLines || chart.series[$0].isPoints)
      }, x: frame.box.x,
      y: bottom + 10)
  }
  drawing.height = bottom + margin
  return drawing
}

private func points(_ count: Int) -> String { count == 1 ? "point is" : "points are" }

/// The stretches of neighbours that satisfy `holds`.
private func runs(_ indices: Range<Int>, where holds: (Int) -> Bool) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  for i in indices where holds(i) {
    if let last = runs.last, last.upperBound == i {
      runs[runs.count - 1] = last.lowerBound..<i + 1
    } else {
      runs.append(i..<i + 1)
    }
  }
  return runs
}

/// A line with at most four points in each column of pixels: its first, lowest, highest and last there. It looks the
/// same, and a million steps make no file of a hundred megabytes.
func thinned(_ points: [Point]) -> [Point] {
  if points.count < 2000 { return points }
  var kept: [Point] = []
  var start = 0
  while start < points.count {
    let column = points[start].x.rounded(.down)
    var end = start + 1
    while end < points.count, points[end].x.rounded(.down) == column { end += 1 }
    let low = (start..<end).min { points[$0].y < points[$1].y }!
    let high = (start..<end).max { points[$0].y < points[$1].y }!
    for i in Set([start, low, high, end - 1]).sorted() { kept.append(points[i]) }
    start = end
  }
  return kept
}

/// The pieces of a line that lie within the frame.
func clippedLine(_ points: [Point], _ frame: PlotFrame) -> [[Point]] {
  if points.allSatisfy(frame.holds) { return points.count > 1 ? [points] : [] }
  var pieces: [[Point]] = []
  for k in points.indices.dropFirst() {
    guard let (a, b) = frame.clipped(points[k - 1], points[k]) else { continue }
    if pieces.last?.last == a {
      pieces[pieces.count - 1].append(b)
    } else {
      pieces.append([a, b])
    }
  }
  return pieces
}

/// Writes names beside points: to the right, left, above or below, where nothing is yet.
func addNames(_ drawing: inout Drawing, _ marks: [(point: Point, label: String)], in box: Box) {
  let font = Font.small
  var taken = marks.map { Box(x: Int($0.point.x) - 5, y: Int($0.point.y) - 5, width: 11, height: 11) }
  for (point, text) in marks where !text.isEmpty {
    let (x, y) = (Int(point.x), Int(point.y))
    let choices = [
      Drawing.Label(text: text, x: x + 9, y: y + font.capHeight / 2, font: font),
      Drawing.Label(text: text, x: x - 8, y: y + font.capHeight / 2, font: font, anchor: .end),
      Drawing.Label(text: text, x: x, y: y - 9, font: font, anchor: .middle),
      Drawing.Label(text: text, x: x, y: y + 9 + font.capHeight, font: font, anchor: .middle),
    ]
    let free = choices.first { label in
      let place = label.box
      return box.contains(place) && !taken.contains { $0.overlaps(place) }
    }
    if let free {
      drawing.add(free)
      taken.append(free.box)
    }
  }
}
