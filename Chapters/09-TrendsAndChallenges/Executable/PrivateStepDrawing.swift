import Chapter09TrendsAndChallenges
import Engine
import NumberText

/// The step of section 9.7: two gradients, each clipped by itself, their sum with noise, and the mean.
func privateStepDrawing() -> Diagram {
  let gradients = [[3.0, 4.0], [0.3, 0.0]]
  let noise = [0.1, -0.8]
  let short = gradients.map { clipped($0, to: 1) }
  let step = privateGradient(of: gradients, clippedTo: 1, noise: noise, dividedBy: 2)
  func text(_ x: [Double]) -> String {
    "(" + x.map { fixed($0, abs($0 - $0.rounded()) < 1e-9 ? 0 : 1) }.joined(separator: ", ") + ")"
  }

  var drawing = Diagram(
    height: 300, title: "A step of private training",
    description: """
      Three panels with arrows from a common point. First: two gradients, a long one, \(text(gradients[0])), that leaves a circle of \
      radius 1, and a short one, \(text(gradients[1])), inside it. Second, drawn larger: the long one now ends on the circle, at \
      \(text(short[0])), the short one is as it was. Third: the two clipped arrows one after the other, then a dashed orange arrow, the \
      noise \(text(noise)); half of the way to its end is the step, \(text(step)).
      """)
  func panel(_ x: Float, _ name: String) { drawing.text(name, Point(x, 22), bold: true) }
  func move(_ origin: Point, _ v: [Double], _ unit: Float) -> Point {
    origin.moved(Float(v[0]) * unit, -Float(v[1]) * unit)
  }
  let tones: [Tone] = [.blue, .green]

  panel(110, "each example's gradient")
  var (origin, unit) = (Point(70, 222), Float(40))
  drawing.node("", origin, radius: unit, .soft)
  for (g, tone) in zip(gradients, tones) {
    drawing.arrow(origin, move(origin, g, unit), .init(tone, width: 2.5))
  }
  drawing.text(text(gradients[0]), move(origin, gradients[0], unit).moved(0, -12), tone: .blue, size: .small)
  drawing.text(text(gradients[1]), origin.moved(46, 4), .start, tone: .green, size: .small)
  drawing.text("C = 1", origin.moved(0, 54), tone: .soft, size: .small)

  panel(360, "each clipped by itself")
  (origin, unit) = (Point(350, 170), 84)
  drawing.node("", origin, radius: unit, .soft)
  for (g, tone) in zip(short, tones) { drawing.arrow(origin, move(origin, g, unit), .init(tone, width: 2.5)) }
  drawing.text(text(short[0]), move(origin, short[0], unit).moved(12, -10), .start, tone: .blue, size: .small)
  drawing.text(text(short[1]), move(origin, short[1], unit).moved(6, 14), .start, tone: .green, size: .small)

  panel(594, "sum, noise, mean")
  origin = Point(510, 200)
  let first = move(origin, short[0], unit)
  let second = move(first, short[1], unit)
  let end = move(second, noise, unit)
  drawing.arrow(origin, first, .init(.blue, width: 2.5))
  drawing.arrow(first, second, .init(.green, width: 2.5))
  drawing.arrow(second, end, .init(.orange, width: 2.5, dash: [6, 4]))
  drawing.arrow(origin, move(origin, step, unit), .init(.purple, width: 4))
  drawing.text(
    "noise \(text(noise))", Point(second.x + 12, (second.y + end.y) / 2), .start, tone: .orange, size: .small)
  drawing.dot(end, radius: 4, .orange)
  drawing.text("step \(text(step))", origin.moved(20, 24), .start, tone: .purple)
  return drawing
}
