import Chapter04FullyConnected
import Engine
import NumberText

/// The layer of section 4.1 twice: as neurons with lines between them, and as a product of matrices.
func layerDrawing() -> Diagram {
  let x = Matrix<Float>([2, 1], rows: 1, columns: 2)
  let weight = Matrix<Float>([3, -1, 0, 4, 1, 1], rows: 3, columns: 2)
  let bias: [Float] = [1, 0, -2]
  let y = linear(x, weight: weight, bias: bias)
  func whole(_ x: Float) -> String { fixed(Double(x), 0) }

  var drawing = Diagram(
    height: 250, title: "A layer as neurons and as a product",
    description: """
      On the left, two circles with the inputs 2 and 1, joined by six lines to three circles with the results \
      \(whole(y[0, 0])), \(whole(y[0, 1])) and \(whole(y[0, 2])). The two lines that lead to the second result are orange and carry its \
      weights 0 and 4. On the right, the same as a row of two numbers times a matrix of two rows and three columns, plus a \
      row of three biases. The matrix's second column, 0 over 4, is orange, like the second result.
      """)
  let marked = 1
  let inputs = (0..<2).map { Point(52, 90 + 80 * Float($0)) }
  let outputs = (0..<3).map { Point(232, 50 + 80 * Float($0)) }
  for (o, end) in outputs.enumerated() {
    for (i, start) in inputs.enumerated() {
      let isMarked = o == marked
      drawing.line(start, end, isMarked ? .solid(.orange, width: 2.5) : .solid(.soft, width: 1))
      if isMarked {
        let (along, up): (Float, Float) = (0.36, i == 0 ? -10 : 12)
        let place = Point(start.x + (end.x - start.x) * along, start.y + (end.y - start.y) * along + up)
        drawing.text(whole(weight[o, i]), place, tone: .orange)
      }
    }
  }
  for (i, place) in inputs.enumerated() { drawing.node(whole(x[0, i]), place, radius: 20, .blue) }
  for (o, place) in outputs.enumerated() {
    drawing.node(whole(y[0, o]), place, radius: 20, o == marked ? .orange : .soft)
  }

  let middle: Float = 130
  func row(_ numbers: [Float], _ name: String, x: Float, width: Float, tone: (Int) -> Tone) {
    let row = drawing.cells(
      [numbers.map(whole)], x: x, y: middle - 17, cell: (width, 34), tone: { _, j in tone(j) })
    drawing.text(name, row.frame.top.moved(0, -15), tone: .soft)
  }
  row([x[0, 0], x[0, 1]], "x", x: 292, width: 32) { _ in .blue }
  drawing.text("×", Point(369, middle), size: .large)
  let matrix = drawing.cells(
    (0..<2).map { i in (0..<3).map { whole(weight[$0, i]) } }, x: 382, y: middle - 34, cell: (32, 34),
    tone: { $1 == marked ? .orange : .soft })
  drawing.text("W^T", matrix.frame.top.moved(0, -15), tone: .soft)
  drawing.text("+", Point(491, middle), size: .large)
  row(bias, "b", x: 504, width: 30) { _ in .soft }
  drawing.text("=", Point(607, middle), size: .large)
  row((0..<3).map { y[0, $0] }, "y", x: 620, width: 30) { $0 == marked ? .orange : .soft }
  return drawing
}
