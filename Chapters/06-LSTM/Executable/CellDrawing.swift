import Chapter06LSTM
import Engine
import Foundation
import NumberText

/// The cell of section 6.1 as a circuit: the state's road at the top, the four parts below it, a number on every wire.
func cellDrawing() -> Diagram {
  // Biases alone, so that the gates are those of section 6.1, whatever comes in.
  var weights = LSTMWeights<Double>(inputSize: 1, hiddenSize: 1)
  weights.inputBias = [log(3), log(9), 1, 0]
  let step = lstmStep([0], hidden: [0], cell: [2], weights)
  func text(_ x: Double) -> String { fixed(x, 3) }
  let (i, f, g, o) = (step.inputGate[0], step.forgetGate[0], step.candidate[0], step.outputGate[0])

  var drawing = Diagram(
    height: 366, title: "The LSTM cell as a circuit",
    description: """
      A large box with the cell. At its top a thick blue road leads from the old cell state, 2, through a multiplication by \
      the forget gate, \(text(f)), and an addition, to the new cell state, \(text(step.cell[0])). At the bottom the old hidden \
      state and the input come in and go to four parts side by side: forget gate, input gate, candidate and output \
      gate. The input gate, \(text(i)), is multiplied with the candidate, \(text(g)), and the product is what is added to the \
      road. On the right the new cell state goes down through tanh, is multiplied by the output gate, \(text(o)), and leaves as \
      the new hidden state, \(text(step.hidden[0])).
      """)
  let (road, gates, bus): (Float, Float, Float) = (84, 220, 290)
  drawing.rectangle(Frame(96, 40, 520, 282), .none, .dashed(.soft), corner: 14)

  // The state's road.
  let blue = Diagram.Stroke(.blue, width: 4)
  drawing.arrow(Point(24, road), Point(184, road), blue)
  drawing.arrow(Point(216, road), Point(364, road), blue)
  drawing.arrow(Point(396, road), Point(700, road), blue)
  let forget = drawing.node("×", Point(200, road), radius: 16, .blue, size: .large)
  let add = drawing.node("+", Point(380, road), radius: 16, .blue, size: .large)
  drawing.text("c_{t−1} = \(fixed(2, 0))", Point(24, road - 20), .start, tone: .blue)
  drawing.text("c_t = \(text(step.cell[0]))", Point(700, road - 20), .end, tone: .blue)

  // What all four parts see.
  drawing.route([Point(24, bus), Point(460, bus), Point(460, gates + 17)], .solid(.soft))
  drawing.route([Point(146, 352), Point(146, bus)], .solid(.soft), head: false)
  drawing.dot(Point(146, bus), .soft)
  drawing.text("h_{t−1}", Point(24, bus - 18), .start)
  drawing.text("x_t", Point(158, 346), .start)
  let parts: [(x: Float, label: String, name: String, tone: Tone)] = [
    (200, "σ", "forget", .orange), (290, "σ", "input", .green), (380, "tanh", "candidate", .purple),
    (460, "σ", "output", .orange),
  ]
  for (x, label, name, tone) in parts {
    if x < 460 {
      drawing.arrow(Point(x, bus), Point(x, gates + 17), .solid(.soft))
      drawing.dot(Point(x, bus), .soft)
    }
    drawing.box(label, Frame(center: Point(x, gates), 62, 34), tone)
    drawing.text(name, Point(x, bus + 16), tone: tone, size: .small)
  }

  // From the parts to the road.
  drawing.arrow(Point(200, gates - 17), forget.bottom, .solid(.orange))
  drawing.text(text(f), Point(193, 152), .end, tone: .orange, size: .small)
  let product = drawing.node("×", Point(380, 150), radius: 14, .soft, size: .large)
  drawing.route([Point(290, gates - 17), Point(290, 150), product.left], .solid(.green))
  drawing.text(text(i), Point(283, 172), .end, tone: .green, size: .small)
  drawing.arrow(Point(380, gates - 17), product.bottom, .solid(.purple))
  drawing.text(text(g), Point(387, 184), .start, tone: .purple, size: .small)
  drawing.arrow(product.top, add.bottom)
  drawing.text(text(i * g), Point(387, 119), .start, size: .small)

  // What is shown.
  drawing.dot(Point(560, road), radius: 4, .blue)
  let tanh = drawing.box("tanh", Frame(center: Point(560, 140), 56, 30), .blue)
  drawing.arrow(Point(560, road), tanh.top, .solid(.blue))
  let show = drawing.node("×", Point(560, gates), radius: 16, .soft, size: .large)
  drawing.arrow(tanh.bottom, show.top, .solid(.blue))
  drawing.text(text(Foundation.tanh(step.cell[0])), Point(567, 178), .start, tone: .blue, size: .small)
  drawing.arrow(Point(491, gates), show.left, .solid(.orange))
  drawing.text(text(o), Point(517, gates - 13), tone: .orange, size: .small)
  drawing.route([show.bottom, Point(560, bus), Point(700, bus)])
  drawing.text("h_t = \(text(step.hidden[0]))", Point(700, bus - 18), .end)
  return drawing
}
