import Chapter09TrendsAndChallenges
import Engine
import NumberText

/// The example of section 9.3: the straight way over a landscape, and the slopes along it.
func pathDrawing() -> Diagram {
  func score(_ x: [Double]) -> Double { x[0] * x[0] * x[1] - 3 * x[1] }
  func slope(_ x: [Double]) -> [Double] { [2 * x[0] * x[1], x[0] * x[0] - 3] }
  let (baseline, input) = ([0.0, 0.0], [1.0, 2.0])
  let parts = integratedGradients(at: input, from: baseline, steps: 1000, gradient: slope)
  let change = score(input) - score(baseline)

  var drawing = Diagram(
    height: 320, title: "Integrated gradients",
    description: """
      On the left a map with lines of equal score; a straight blue path leads from the baseline in the lower left corner up to the input, \
      and at five places on it short orange arrows point along the gradient, steeply down. On the right two curves over the way from 0 to 1: \
      the slope along the first input rises from 0 to 4, the slope along the second from −3 to −2. The areas between the curves \
      and zero are shaded; times the way they give \(fixed(parts[0], 2)) and \(fixed(parts[1], 2)), together \(fixed(change, 0)).
      """)
  let map = drawing.plot(Frame(50, 40, 250, 230), x: -0.3...1.7, y: -0.4...2.5, xName: "x_1", yName: "x_2")
  drawing.contours(
    in: map, at: stride(from: -7.0, through: 3.0, by: 1).map { $0 + 0.001 }, .solid(.soft, width: 1)
  ) { score([$0, $1]) }
  func along(_ share: Double) -> [Double] { zip(baseline, input).map { $0 + share * ($1 - $0) } }
  let (start, end) = (map.place(0, 0), map.place(1, 2))
  drawing.arrow(start, end.moved(-2, 5), .init(.blue, width: 3))
  for k in 0..<5 {
    let x = along((Double(k) + 0.5) / 5)
    let g = slope(x)
    let from = map.place(x[0], x[1])
    drawing.arrow(from, from.moved(Float(g[0]) * 13, -Float(g[1]) * 13), .init(.orange, width: 2))
  }
  drawing.dot(start, radius: 5, .blue)
  drawing.dot(end, radius: 5, .blue)
  drawing.text("baseline", start.moved(24, 16), .start, tone: .blue, size: .small)
  drawing.text("input", end.moved(10, -8), .start, tone: .blue, size: .small)

  let area = drawing.plot(
    Frame(390, 40, 290, 230), x: 0...1, y: -3.4...4.4, xName: "share of the way", yName: "slope")
  drawing.line(area.place(0, 0), area.place(1, 0), .solid(.soft, width: 1))
  for (k, tone) in [Tone.green, .purple].enumerated() {
    let curve = (0...60).map { Double($0) / 60 }.map { area.place($0, slope(along($0))[k]) }
    drawing.area(curve + [area.place(1, 0), area.place(0, 0)], .strong(tone, 0.18))
    drawing.line(curve, .init(tone, width: 2.5))
  }
  drawing.text("along x_1: times 1 = \(fixed(parts[0], 2))", area.place(0.06, 3.1), .start, tone: .green)
  drawing.text("along x_2: times 2 = \(fixed(parts[1], 2))", area.place(0.1, -1.2), .start, tone: .purple)
  drawing.text(
    "\(fixed(parts[0], 2)) + (\(fixed(parts[1], 2))) = \(fixed(change, 0)), the change of the score",
    Point(360, 304), size: .small)
  return drawing
}
