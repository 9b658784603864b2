import Chapter06LSTM
import Engine
import NumberText

/// What is left of a gradient that goes back along the cell states, step by step, for two forget biases.
func roadDrawing() -> Diagram {
  let last = 6
  /// The share of the last state's gradient that arrives at each state, along the direct path.
  func shares(bias: Double) -> (gate: Double, left: [Double]) {
    var weights = LSTMWeights<Double>(inputSize: 1, hiddenSize: 1)
    weights.inputBias[1] = bias
    let steps = (0...last).map { _ in lstmStep([0], hidden: [0], cell: [1], weights) }
    return (steps[0].forgetGate[0], (0...last).map { carry(steps, from: $0, to: last)[0] })
  }
  let roads = [(bias: 3.0, tone: Tone.blue), (bias: 0.0, tone: Tone.orange)]
  let found = roads.map { shares(bias: $0.bias) }

  var drawing = Diagram(
    height: 270, title: "The cell state's road",
    description: """
      Two rows of circles, the cell states of seven steps, with arrows that lead back from the last to the first. The arrows' \
      width is the part of the gradient that is left. Above, with a forget bias of 3 and gates of \
      \(fixed(found[0].gate, 2)), they stay nearly as wide as they were: \(fixed(found[0].left[0], 2)) arrive at the first step. Below, \
      with a bias of 0 and gates of \(fixed(found[1].gate, 2)), each is half as wide as the one before, and \
      \(fixed(found[1].left[0], 2)) arrive.
      """)
  for (row, (bias, tone)) in roads.enumerated() {
    let y = 86 + 124 * Float(row)
    let (gate, left) = found[row]
    drawing.text(
      "forget bias \(fixed(bias, 0)), gates \(fixed(gate, 2))", Point(24, y - 52), .start, tone: tone,
      bold: true)
    func place(_ t: Int) -> Point { Point(52 + 102 * Float(t), y) }
    for t in 0..<last {
      let (from, to) = (place(t + 1).moved(-22, 0), place(t).moved(22, 0))
      drawing.arrow(from, to, Diagram.Stroke(tone, width: max(0.5, 9 * Float(left[t]))))
      drawing.text("× \(fixed(gate, 2))", Point((from.x + to.x) / 2, y - 20), tone: .soft, size: .small)
    }
    for t in 0...last {
      drawing.node("c_\(t)", place(t), radius: 20, t == last ? tone : .soft)
      drawing.text(fixed(left[t], left[t] < 0.1 ? 3 : 2), place(t).moved(0, 34), tone: tone)
    }
  }
  return drawing
}
