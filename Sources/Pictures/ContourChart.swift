import NumberText
import Tensors

/// A landscape seen from above: lines of equal height over two axes, darker where it is lower, with paths and points on it.
///
///     ContourChart(
///       title: "A valley", x: Axis("w", range: -1...4), y: Axis("b", range: -2...3), levels: [0.1, 1, 10],
///       series: [path]) { w, b in (w - 1) * (w - 1) + b * b }
///
/// Heights that are not finite have no colour. Series are drawn as lines with a disc at each point, or, where they
/// `isPoints`, as discs alone; what leaves the frame is cut off.
///
/// - PyTorch: none; `matplotlib.pyplot.contour` and `contourf`.
/// - Book: chapter 0.
public struct ContourChart: Sendable, Chart {
  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// The horizontal axis; it has a range.
  public var x: Axis
  /// The vertical axis; it has a range.
  public var y: Axis
  /// The heights at which lines are drawn, in rising order.
  public var levels: [Double]
  /// What lies on the landscape; the first is drawn first.
  public var series: [Series]
  /// Of the whole picture, in pixels.
  public var width = 760
  /// Of the box between the axes, in pixels.
  public var plotHeight = 400
  /// Colours from the lowest band to the highest.
  public var colorMap = ColorMap.blues
  /// Which part of the colours is used, from 0 to 1: pale ones let lines and points stand out.
  public var shades: ClosedRange<Float> = 0.05...0.45
  /// The colours of the series, in their order; they begin anew where there are more series.
  public var colors = Array(Color.categories.dropFirst())
  private let height: @Sendable (_ x: Double, _ y: Double) -> Double

  /// - Parameters:
  ///   - title: The heading.
  ///   - subtitle: A smaller line below it.
  ///   - x: The horizontal axis. Traps without a range, and where it is logarithmic.
  ///   - y: The vertical axis, likewise.
  ///   - levels: The heights at which lines are drawn. Traps unless they rise.
  ///   - series: Paths and points on the landscape; `colors` are theirs, in this order.
  ///   - height: How high the landscape is at a place.
  public init(
    title: String, subtitle: String? = nil, x: Axis, y: Axis, levels: [Double], series: [Series] = [],
    height: @escaping @Sendable (_ x: Double, _ y: Double) -> Double
  ) {
    for axis in [x, y] where axis.range == nil || axis.isLogarithmic {
      trap("ContourChart: the axis '\(axis.title)' needs a range, and equal steps")
    }
    if zip(levels, levels.dropFirst()).contains(where: { $0 >= $1 }) {
      trap("ContourChart: levels must rise, given \(levels)")
    }
    (self.title, self.subtitle, self.x, self.y) = (title, subtitle, x, y)
    (self.levels, self.series, self.height) = (levels, series, height)
  }

  public var drawing: Drawing {
    var drawing = Drawing(width: width, height: 0, title: title)
    let frame = PlotFrame(
      &drawing, title: title, subtitle: subtitle, xAxis: x, yAxis: y, xData: [], yData: [], isTight: false,
      height: plotHeight)
    let field = HeightField(over: frame.box, x: x.range!, y: y.range!, height)
    drawing.add(.picture(bands(of: field), x: frame.box.x, y: frame.box.y))

    let paths = series.map { series in
      series.x.indices.map { frame.point(series.x[$0], series.y[$0]) }
    }
    let lines = levels.map { field.contour(at: $0) }
    for line in lines.joined() { drawing.add(.line(line, width: 1, color: .rule, dash: [])) }
    var taken = paths.joined().filter(frame.holds).map {
      Box(x: Int($0.x) - 14, y: Int($0.y) - 14, width: 28, height: 28)
    }
    for (series, path) in zip(series, paths) where !series.isPoints {
      for (a, b) in clippedLine(path, frame).flatMap({ zip($0, $0.dropFirst()) }) {
        taken += (0...20).map { k in
          let share = Float(k) / 20
          return Box(
            x: Int(a.x + (b.x - a.x) * share) - 4, y: Int(a.y + (b.y - a.y) * share) - 4, width: 8, height: 8)
        }
      }
    }
    for (level, lines) in zip(levels, lines) {
      if let longest = lines.max(by: { $0.count < $1.count }), longest.count >= 20 {
        addHeight(readable(level), along: longest, in: frame.box, &taken, &drawing)
      }
    }

    var marks: [(point: Point, label: String)] = []
    for (k, series) in series.enumerated() {
      let color = colors[k % colors.count]
      if !series.isPoints {
        for piece in clippedLine(paths[k], frame) {
          drawing.add(.line(piece, width: 2, color: color, dash: series.isDashed ? dashes : []))
        }
      }
      // Steps that have become too short to be told apart need no disc each.
      var last: Point?
      for (i, point) in paths[k].enumerated() where frame.holds(point) {
        if !series.isPoints, let last, abs(point.x - last.x) + abs(point.y - last.y) < 6 { continue }
        last = point
        drawing.add(.disc(point, radius: 4.5, color: .white))
        drawing.add(.disc(point, radius: 3.5, color: color))
        marks.append((point, series.labels.isEmpty ? "" : series.labels[i]))
      }
    }
    addNames(&drawing, marks, in: frame.box)
    drawing.add(.frame(frame.box, .rule))
    var bottom = frame.bottom
    let named = series.indices.filter { !series[$0].name.isEmpty }
    if !named.isEmpty {
      bottom = drawing.addLegend(
        named.map { (series[$0].name, colors[$0 % colors.count], series[$0].isDashed, series[$0].isPoints) },
        x: frame.box.x,
        y: bottom + 10)
    }
    drawing.height = bottom + margin
    return drawing
  }

  /// Each pixel in the colour of the band between two levels that its height lies in.
  private func bands(of field: HeightField) -> Canvas {
    var canvas = Canvas(width: field.box.width, height: field.box.height)
    for row in 0..<field.box.height {
      for column in 0..<field.box.width {
        let height = field.height(atPixel: Float(column) + 0.5, Float(row) + 0.5)
        if !height.isFinite { continue }
        let band = levels.firstIndex { height < $0 } ?? levels.count
        let share = Float(band) / Float(max(levels.count, 1))
        let dark = colorMap.isDiverging ? share : 1 - share
        let place = shades.lowerBound + (shades.upperBound - shades.lowerBound) * dark
        canvas[column, row] = colorMap.color(place)
      }
    }
    return canvas
  }

  /// Writes a height on its line, which is interrupted for it, at the first place that is free.
  private func addHeight(
    _ text: String, along line: [Point], in box: Box, _ taken: inout [Box], _ drawing: inout Drawing
  ) {
    let font = Font.small
    for step in 0..<9 {
      let point = line[line.count * (4 + step * 7 % 9) / 13]
      let label = Drawing.Label(
        text: text, x: Int(point.x), y: Int(point.y) + font.capHeight / 2, font: font, color: .faintInk,
        anchor: .middle)
      let place = label.box
      let ground = Box(x: place.x - 3, y: place.y - 2, width: place.width + 6, height: font.capHeight + 4)
      if !box.contains(ground) || taken.contains(where: { $0.overlaps(ground) }) { continue }
      drawing.add(.fill(ground, .white))
      drawing.add(label)
      taken.append(ground)
      return
    }
  }
}
