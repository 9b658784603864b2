import Chapter04FullyConnected
import Chapter05GRU
import Engine
import NumberText

/// The example of sections 5.1 and 5.2: the loop, the same loop unrolled, the states that it computes, and the gradient that
/// goes back.
func unrolledDrawing() -> Diagram {
  func number(_ x: Double) -> Matrix<Double> { Matrix([x], rows: 1, columns: 1) }
  let network = PlainRNN(StepWeights<Double>(w: number(1), b: [0], u: number(0.5), c: [0]))
  let inputs = [1.0, 0, 0]
  let steps = network(inputs.map(number))
  let states = steps.map { $0.state[0, 0] }
  // The loss ½ (h₃ − 1)² at the end.
  let zeros = steps.map { _ in number(0) }
  let gradients = network.backThroughTime(zeros.dropLast() + [number(states[2] - 1)], steps).states.map {
    $0[0, 0]
  }
  func text(_ x: Double) -> String { fixed(x, 4) }

  var drawing = Diagram(
    height: 300, title: "A loop, unrolled",
    description: """
      On the left, one box with an arrow that leads from it back into itself: the state goes into the next step. On the \
      right, three boxes in a row, one for each step, all with the same weights W and U. The inputs 1, 0, 0 come in from \
      below. Blue arrows carry the states from box to box: \(states.map(text).joined(separator: ", ")). From the loss at the right end \
      dashed orange arrows lead back, with the gradients \(gradients.reversed().map(text).joined(separator: ", ")).
      """)
  let y: Float = 140
  let loop = drawing.box("tanh", Frame(center: Point(84, y), 74, 54), .soft)
  drawing.route(
    [loop.right, Point(156, y), Point(156, 70), Point(24, 70), Point(24, y), loop.left], .solid(.blue))
  drawing.text("U", Point(90, 56), tone: .blue)
  drawing.arrow(Point(84, 246), loop.bottom)
  drawing.text("W", Point(98, 206), .start)
  drawing.text("x_t", Point(84, 262))
  drawing.text("=", Point(190, y), size: .large, bold: true)

  let xs: [Float] = [308, 440, 572]
  let boxes = xs.map { drawing.box("tanh", Frame(center: Point($0, y), 64, 54), .soft) }
  let loss = drawing.node("L", Point(686, y), radius: 20, .orange)
  drawing.arrow(Point(226, y - 10), boxes[0].left.moved(0, -10), .solid(.blue))
  drawing.text("h_0 = 0", Point(222, y - 28), .start, tone: .blue, size: .small)
  for t in 0..<3 {
    drawing.arrow(Point(xs[t], 246), boxes[t].bottom)
    drawing.text("W", Point(xs[t] + 14, 206), .start)
    drawing.text("x_\(t + 1) = \(fixed(inputs[t], 0))", Point(xs[t], 262))
    let from = boxes[t].right
    let to = t < 2 ? boxes[t + 1].left : loss.left
    drawing.arrow(from.moved(0, -8), to.moved(t < 2 ? 0 : 2, -8), .solid(.blue))
    drawing.arrow(to.moved(t < 2 ? 0 : 2, 8), from.moved(0, 8), .dashed(.orange))
    let middle = (from.x + to.x) / 2
    drawing.text("h_\(t + 1)\n\(text(states[t]))", Point(middle, y - 42), tone: .blue, size: .small)
    drawing.text("dh_\(t + 1)\n\(text(gradients[t]))", Point(middle, y + 42), tone: .orange, size: .small)
    if t < 2 { drawing.text("· U", Point(to.x + 32, y - 42), tone: .blue, size: .small) }
  }
  return drawing
}
