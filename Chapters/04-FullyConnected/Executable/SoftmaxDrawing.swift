import Engine
import Foundation
import NumberText

/// Three scores on their way to probabilities: the power of each, and its share of their sum.
func softmaxDrawing() -> Diagram {
  let scores = Tensor([0, 0, log(3)], shape: [1, 3])
  let powers = scores.exp().scalars
  let shares = softmax(Variable(scores)).value.scalars
  let target = 2
  let loss = crossEntropy(Variable(scores), IntTensor([target])).value.scalars[0]
  func text(_ x: Float, _ digits: Int) -> String { fixed(Double(x), digits) }

  var drawing = Diagram(
    height: 230, title: "From scores to a loss",
    description: """
      Three rows, one for each class, with the scores 0, 0 and 1.0986. An arrow leads to their powers of e, \
      \(powers.map { text($0, 0) }.joined(separator: ", ")), another to their shares of the sum, drawn as bars: \
      \(shares.map { text($0, 1) }.joined(separator: ", ")). The last bar, of the right class, is blue; from it an arrow leads to the \
      loss, minus its logarithm, \(text(loss, 4)).
      """)
  let (top, step): (Float, Float) = (56, 46)
  drawing.text("scores", Point(70, 24), tone: .soft, size: .small)
  drawing.text("e^{score}", Point(232, 24), tone: .soft, size: .small)
  drawing.text("probabilities", Point(370, 24), .start, tone: .soft, size: .small)
  drawing.text("loss", Point(645, 24), tone: .soft, size: .small)
  for k in 0..<3 {
    let y = top + step * Float(k)
    let tone: Tone = k == target ? .blue : .soft
    let score = drawing.box(
      text(scores.scalars[k], k == target ? 4 : 0), Frame(34, y - 16, 72, 32), tone, corner: 3)
    let power = drawing.box(text(powers[k], 0), Frame(198, y - 16, 68, 32), tone, corner: 3)
    drawing.arrow(score.right.moved(6, 0), power.left.moved(-6, 0), label: k == target ? "exp" : "")
    drawing.arrow(
      power.right.moved(6, 0), Point(364, y), label: k == target ? "÷ \(text(powers.reduce(0, +), 0))" : "")
    drawing.rectangle(Frame(370, y - 13, 110 * shares[k], 26), .strong(tone, 0.55), .solid(tone))
    drawing.text(text(shares[k], 1), Point(376 + 110 * shares[k], y), .start)
  }
  drawing.text(
    "sum: \(text(powers.reduce(0, +), 0))", Point(232, top + 3 * step - 6), tone: .soft, size: .small)
  drawing.text("sum: 1", Point(376, top + 3 * step - 6), .start, tone: .soft, size: .small)
  let bottom = top + 2 * step
  let end = drawing.box(text(loss, 4), Frame(610, bottom - 16, 76, 32), .orange, corner: 3)
  drawing.arrow(Point(516, bottom), end.left.moved(-6, 0), label: "−ln")
  return drawing
}
