import Chapter00FirstSteps
import Engine
import Foundation
import NumberText

/// The neuron of section 0.8, forwards and back.
func neuronDrawing() -> Diagram {
  let neuron = Neuron(w1: 1, w2: -1, b: 0.5)
  let place = Place(2, 1.5)
  let z = neuron.w1 * place.x1 + neuron.w2 * place.x2 + neuron.b
  let p = neuron(place)
  let loss = neuron.loss([place], [1])
  let gradient = neuron.gradient([place], [1])
  func text(_ x: Double, _ digits: Int) -> String { fixed(x, digits) }

  var drawing = Diagram(
    height: 290, title: "A neuron",
    description: """
      From the left two inputs, 2 and 1.5, lead on lines with the weights 1 and −1 into a circle with a sum sign; from below \
      comes the bias 0.5. The sum, \(text(z, 0)), goes on into a box with the sigmoid, out of which comes p = \(text(p, 4)), and into the loss \
      −ln p = \(text(loss, 4)). Below, in orange, dashed arrows lead back from the loss: dz = \(text(gradient.b, 4)) at the sum, and from \
      there dw₁ = \(text(gradient.w1, 4)) and dw₂ = \(text(gradient.w2, 4)) to the weights.
      """)
  let y: Float = 120
  let sum = Point(270, y)
  for (k, (x, w, dw)) in [(place.x1, neuron.w1, gradient.w1), (place.x2, neuron.w2, gradient.w2)].enumerated()
  {
    let from = Point(70, y + (k == 0 ? -66 : 66))
    let input = drawing.node(text(x, k), from, radius: 22, .soft)
    drawing.text("x_\(k + 1)", from.moved(-36, 0))
    let up: Float = k == 0 ? -1 : 1
    drawing.arrow(input.center.moved(22, -6 * up), sum.moved(-25, 12 * up), .solid(.blue))
    drawing.text("w_\(k + 1) = \(text(w, 0))", Point(150, y + up * 60), .start, tone: .blue)
    drawing.text("dw_\(k + 1) = \(text(dw, 4))", Point(150, y + up * 82), .start, tone: .orange, size: .small)
  }
  drawing.arrow(Point(270, y + 116), sum.moved(0, 26), .solid(.blue))
  drawing.text("b = \(text(neuron.b, 1))", Point(282, y + 100), .start, tone: .blue)
  drawing.text("db = \(text(gradient.b, 4))", Point(282, y + 122), .start, tone: .orange, size: .small)
  drawing.node("Σ", sum, radius: 24, .blue, size: .large)
  let sigmoid = drawing.box("σ", Frame(center: Point(430, y), 58, 48), .blue, size: .large)
  let end = drawing.box("−ln p", Frame(center: Point(620, y), 84, 48), .purple)
  drawing.arrow(sum.moved(26, -8), sigmoid.left.moved(-2, -8), .solid(.blue))
  drawing.text("z = \(text(z, 0))", Point(348, y - 26), tone: .blue)
  drawing.arrow(sigmoid.left.moved(-2, 10), sum.moved(26, 10), .dashed(.orange))
  drawing.text("dz = \(text(gradient.b, 4))", Point(348, y + 30), tone: .orange, size: .small)
  drawing.arrow(sigmoid.right.moved(2, -8), end.left.moved(-2, -8), .solid(.blue))
  drawing.text("p = \(text(p, 4))", Point(518, y - 26), tone: .blue)
  drawing.arrow(end.left.moved(-2, 10), sigmoid.right.moved(2, 10), .dashed(.orange))
  drawing.text("dp = \(text(-1 / p, 4))", Point(518, y + 30), tone: .orange, size: .small)
  drawing.text("loss \(text(loss, 4))", end.bottom.moved(0, 20), tone: .purple)
  return drawing
}
