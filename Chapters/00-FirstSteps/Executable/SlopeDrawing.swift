import Chapter00FirstSteps
import Engine
import NumberText

/// A curve, its slope at three places, and the steps that lead from one to the next.
func slopeDrawing() -> Diagram {
  func f(_ x: Double) -> Double { x * x }
  let rate = 0.2
  var places = [3.0]
  for _ in 0..<3 { places.append(places.last! - rate * measuredSlope(of: f, at: places.last!)) }
  func text(_ x: Double) -> String { fixed(x, abs(x - x.rounded()) < 1e-6 ? 0 : 2) }

  var drawing = Diagram(
    height: 330, title: "Steps down a slope",
    description: """
      The curve x², a bowl with its lowest place at 0. On its right side, at x = 3, lies a dot with a short straight line along \
      the curve, steep: the slope is \(text(measuredSlope(of: f, at: 3))). An arrow leads down to a second dot at \
      \(text(places[1])), where the line is less steep, and on to a third at \(text(places[2])) and a fourth at \
      \(text(places[3])), each step shorter than the one before.
      """)
  let area = drawing.plot(Frame(70, 30, 600, 250), x: -1.8...3.6, y: -0.6...11.5, xName: "x", yName: "x²")
  drawing.line(
    (0...100).map { -1.8 + 5.15 * Double($0) / 100 }.map { area.place($0, f($0)) }, .init(.soft, width: 2))
  for (k, x) in places.enumerated() {
    let slope = measuredSlope(of: f, at: x)
    let reach = 0.55 / (1 + abs(slope) / 6)
    if k < 3 {
      drawing.line(
        area.place(x - reach, f(x) - reach * slope), area.place(x + reach, f(x) + reach * slope),
        .init(.orange, width: 3))
    }
    if k > 0 {
      let before = places[k - 1]
      drawing.arrow(
        area.place(before, f(before)).moved(-6, 4), area.place(x, f(x)).moved(5, -6), .solid(.blue),
        bend: -0.12)
    }
  }
  for (k, x) in places.enumerated() {
    drawing.dot(area.place(x, f(x)), radius: 5, .blue)
    if k < 3 {
      drawing.text(
        "x = \(text(x)), slope \(text(measuredSlope(of: f, at: x)))", area.place(x, f(x)).moved(18, 10),
        .start,
        tone: .orange)
    }
  }
  drawing.text("step = −\(text(rate)) · slope", Point(110, 60), .start, tone: .blue)
  return drawing
}
