import Chapter04FullyConnected
import Chapter05GRU
import Engine
import NumberText

/// The unit of section 5.5 as a circuit, with its numbers on the wires.
func unitDrawing() -> Diagram {
  func number(_ x: Double) -> Matrix<Double> { Matrix([x], rows: 1, columns: 1) }
  func weights(_ w: Double, _ u: Double) -> StepWeights<Double> {
    StepWeights(w: number(w), b: [0], u: number(u), c: [0])
  }
  let unit = GatedRecurrentUnit(update: weights(2, 0), reset: weights(-1, 0), candidate: weights(0.5, 1))
  let step = unit.step(number(1), number(0.8))
  let (z, r) = (step.update[0, 0], step.reset[0, 0])
  func text(_ x: Double) -> String { fixed(x, 4) }

  var drawing = Diagram(
    height: 366, title: "The gated recurrent unit as a circuit",
    description: """
      At the top a thick blue road leads from the old state, 0.8, through a multiplication by the update gate, \(text(z)), \
      and an addition to the new state, \(text(step.state[0, 0])). Below it stand three parts: the reset gate, \(text(r)), the \
      update gate and the candidate, \(text(step.candidate[0, 0])). Input and old state go to both gates. The reset gate \
      multiplies what the candidate sees of the old state. The candidate, times one minus the update gate, is what is added \
      to the road.
      """)
  let (road, parts, states, inputs): (Float, Float, Float, Float) = (84, 226, 290, 324)
  drawing.rectangle(Frame(54, 40, 630, 262), .none, .dashed(.soft), corner: 14)

  // The road of the state.
  let blue = Diagram.Stroke(.blue, width: 4)
  drawing.arrow(Point(16, road), Point(540, road), blue)
  drawing.arrow(Point(572, road), Point(630, road), blue)
  drawing.arrow(Point(662, road), Point(712, road), blue)
  let keep = drawing.node("×", Point(556, road), radius: 16, .blue, size: .large)
  let add = drawing.node("+", Point(646, road), radius: 16, .blue, size: .large)
  drawing.text("h_{t−1} = 0.8", Point(16, 24), .start, tone: .blue)
  drawing.text("h_t = \(text(step.state[0, 0]))", Point(712, 24), .end, tone: .blue)

  // What the gates and the candidate see.
  drawing.dot(Point(90, road), radius: 4, .blue)
  drawing.route(
    [Point(90, road), Point(90, states), Point(306, states), Point(306, parts + 17)], .solid(.blue))
  drawing.arrow(Point(196, states), Point(196, parts + 17), .solid(.blue))
  drawing.dot(Point(196, states), .blue)
  drawing.text("x_t", Point(16, inputs + 20), .start)
  drawing.route([Point(16, inputs), Point(420, inputs), Point(420, parts + 17)], .solid(.ink))
  for x: Float in [164, 274] {
    drawing.arrow(Point(x, inputs), Point(x, parts + 17))
    drawing.dot(Point(x, inputs))
  }
  let reset = drawing.box("σ", Frame(center: Point(180, parts), 64, 34), .green)
  let update = drawing.box("σ", Frame(center: Point(290, parts), 64, 34), .orange)
  let candidate = drawing.box("tanh", Frame(center: Point(420, parts), 64, 34), .purple)
  drawing.text("reset gate", Point(180, 346), tone: .green, size: .small)
  drawing.text("update gate", Point(290, 346), tone: .orange, size: .small)
  drawing.text("candidate", Point(420, 346), tone: .purple, size: .small)

  // How much of the state the candidate sees.
  let seen = drawing.node("×", Point(420, 164), radius: 14, .soft, size: .large)
  drawing.dot(Point(420, road), radius: 4, .blue)
  drawing.arrow(Point(420, road), seen.top, .solid(.blue))
  drawing.route([reset.top, Point(180, 164), seen.left], .solid(.green))
  drawing.text(text(r), Point(187, 191), .start, tone: .green, size: .small)
  drawing.arrow(seen.bottom, candidate.top)

  // The update gate keeps, and lets the candidate in where it does not.
  drawing.route([update.top, Point(290, 124), Point(556, 124), keep.bottom], .solid(.orange))
  drawing.text(text(z), Point(297, 191), .start, tone: .orange, size: .small)
  drawing.dot(Point(534, 124), .orange)
  let rest = drawing.box("1 −", Frame(center: Point(534, 164), 40, 28), .orange)
  drawing.arrow(Point(534, 124), rest.top, .solid(.orange))
  let enter = drawing.node("×", Point(646, 164), radius: 14, .soft, size: .large)
  drawing.arrow(rest.right, enter.left, .solid(.orange))
  drawing.text(text(1 - z), Point(592, 152), tone: .orange, size: .small)
  drawing.route([candidate.right, Point(646, parts), enter.bottom], .solid(.purple))
  drawing.text(text(step.candidate[0, 0]), Point(540, parts - 12), tone: .purple, size: .small)
  drawing.arrow(enter.top, add.bottom)
  return drawing
}
