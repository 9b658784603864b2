import NumberText

/// Two axes in a drawing: where numbers lie.
public struct PlotArea: Sendable {
  /// The area between the axes.
  public let frame: Frame
  let x, y: ClosedRange<Double>

  /// Where a pair of numbers lies.
  public func place(_ x: Double, _ y: Double) -> Point {
    Point(
      frame.x + frame.width * Float((x - self.x.lowerBound) / (self.x.upperBound - self.x.lowerBound)),
      frame.maxY - frame.height * Float((y - self.y.lowerBound) / (self.y.upperBound - self.y.lowerBound)))
  }
}

extension Diagram {
  /// Two axes, named at their ends.
  public mutating func plot(
    _ frame: Frame, x: ClosedRange<Double>, y: ClosedRange<Double>, xName: String = "", yName: String = ""
  ) -> PlotArea {
    if !xName.isEmpty || !yName.isEmpty {
      line(
        [Point(frame.x, frame.y), Point(frame.x, frame.maxY), Point(frame.maxX, frame.maxY)],
        Stroke(.soft, width: 1))
    }
    if !xName.isEmpty {
      text(xName, Point(frame.maxX, frame.maxY + 14), .end, tone: .soft, size: .small)
    }
    if !yName.isEmpty { text(yName, Point(frame.x, frame.y - 12), .start, tone: .soft, size: .small) }
    return PlotArea(frame: frame, x: x, y: y)
  }

  /// A function over the area's whole width.
  public mutating func curve(
    in area: PlotArea, _ stroke: Stroke = Stroke(.blue, width: 2), steps: Int = 120, _ f: (Double) -> Double
  ) {
    line(
      (0...steps).map { k in
        let x = area.x.lowerBound + (area.x.upperBound - area.x.lowerBound) * Double(k) / Double(steps)
        return area.place(x, f(x))
      }, stroke)
  }

  /// Lines of equal height of a function of two numbers.
  public mutating func contours(
    in area: PlotArea, at levels: [Double], _ stroke: Stroke = Stroke(.soft, width: 1),
    _ height: @escaping (Double, Double) -> Double
  ) {
    let box = Box(
      x: Int(area.frame.x), y: Int(area.frame.y), width: Int(area.frame.width), height: Int(area.frame.height)
    )
    let field = HeightField(over: box, x: area.x, y: area.y, height)
    for level in levels {
      for points in field.contour(at: level) { line(points, stroke) }
    }
  }

  /// A walk: a line through places with a disc at each.
  public mutating func walk(
    _ points: [Point], _ tone: Tone, radius: Float = 3, dash: [Float] = [], width: Float = 2
  ) {
    line(points, Stroke(tone, width: width, dash: dash))
    for point in points { dot(point, radius: radius, tone) }
  }

  /// A number line with ticks and their numbers below.
  public mutating func numberLine(
    _ from: Point, _ to: Point, range: ClosedRange<Double>, ticks: [Double], digits: Int = 0,
    tone: Tone = .soft
  ) -> PlotArea {
    line(from, to, Stroke(tone))
    let area = PlotArea(frame: Frame(from.x, from.y, to.x - from.x, 0), x: range, y: 0...1)
    for tick in ticks {
      let x = area.place(tick, 0).x
      line(Point(x, from.y - 4), Point(x, from.y + 4), Stroke(tone))
      text(fixed(tick, digits), Point(x, from.y + 16), tone: tone, size: .small)
    }
    return area
  }
}
