import Chapter12OptimizingModels
import Engine
import NumberText

/// A matrix of weights before and after half of them were pruned, and the same weights on a line.
func prunedDrawing() -> Diagram {
  let weights: [Double] = [
    0.8, -0.1, 0.3, -1.2, 0.05, 0.6,
    -0.4, 1.1, -0.2, 0.15, -0.7, 0.25,
    0.1, -0.9, 0.5, -0.3, 1.4, -0.05,
    -0.6, 0.2, -1.0, 0.35, -0.15, 0.9,
  ]
  let (amount, columns) = (0.5, 6)
  let kept = magnitudeMask(weights, amount: amount)
  let threshold = weights.indices.filter { !kept[$0] }.map { abs(weights[$0]) }.max() ?? 0
  let firstKept = weights.indices.filter { kept[$0] }.map { abs(weights[$0]) }.min() ?? 0

  var drawing = Diagram(
    height: 330, title: "Weights before and after pruning",
    description: """
      On the left a matrix of four rows and six columns of weights, all in blue cells. An arrow leads to the same matrix in which \
      \(kept.filter { !$0 }.count) of the 24 cells are empty: those of the smallest magnitude. Below, all weights are dots on a line \
      from −1.5 to 1.5. Those between −\(fixed(threshold, 2)) and \(fixed(threshold, 2)) are orange and lie in a shaded band around 0; \
      those outside are blue and stay.
      """)
  func text(_ x: Double) -> String { x * 10 == (x * 10).rounded() ? fixed(x, 1) : fixed(x, 2) }
  func rows(_ shown: (Int) -> Bool) -> [[String]] {
    (0..<4).map { row in
      (0..<columns).map { shown(row * columns + $0) ? text(weights[row * columns + $0]) : "" }
    }
  }
  let before = drawing.cells(
    rows { _ in true }, x: 24, y: 44, cell: (49, 34), size: .small, tone: { _, _ in .blue },
    heading: "before: 24 weights")
  let after = drawing.cells(
    rows { kept[$0] }, x: 402, y: 44, cell: (49, 34), size: .small,
    tone: { kept[$0 * columns + $1] ? .blue : .ink },
    heading: "after: \(kept.filter { $0 }.count) weights, the rest are 0")
  drawing.arrow(
    before.frame.right.moved(10, 0), after.frame.left.moved(-10, 0), label: "\(fixed(amount * 100, 0)) % go")

  let line = drawing.numberLine(
    Point(40, 274), Point(680, 274), range: -1.5...1.5, ticks: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5], digits: 1)
  let edge = (threshold + firstKept) / 2
  let (low, high) = (line.place(-edge, 0).x, line.place(edge, 0).x)
  drawing.rectangle(Frame(low, 232, high - low, 42), .strong(.orange, 0.16), .dashed(.orange))
  drawing.text("these become 0", Point((low + high) / 2, 220), tone: .orange, size: .small)
  // Weights of one place stand above each other.
  var heights: [Double: Int] = [:]
  for (k, weight) in weights.enumerated() {
    let height = heights[weight, default: 0]
    heights[weight] = height + 1
    drawing.dot(
      Point(line.place(weight, 0).x, 262 - 11 * Float(height)), radius: 4.5, kept[k] ? .blue : .orange)
  }
  drawing.text("a weight's value", Point(680, 312), .end, tone: .soft, size: .small)
  return drawing
}
