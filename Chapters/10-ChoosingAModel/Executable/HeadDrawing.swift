import Chapter10ChoosingAModel
import Engine
import Foundation
import NumberText

/// The head of section 10.2 as tables: scores, weights, and the mean of the values.
func headDrawing() -> Diagram {
  let head = attentionHead(
    queries: [[1.0], [2], [0]], keys: [[0], [log(2)], [2 * log(2)]], values: [[7], [14], [21]])
  func text(_ x: Double, _ digits: Int) -> String { fixed(x, digits) }
  let best = 1

  var drawing = Diagram(
    height: 250, title: "A head of attention as tables",
    description: """
      A table of scores with a row for each query, 1, 2 and 0, and a column for each key, 0.00, 0.69 and 1.39. An arrow \
      named softmax leads to a table of weights of the same form, shaded darker where a weight is larger: the second row, \
      \(head.weights[best].map { text($0, 2) }.joined(separator: ", ")), is darkest on the right, the third is even. Times the column of \
      values 7, 14, 21 they give the outputs \(head.output.map { text($0[0], 0) }.joined(separator: ", ")). The second query's row \
      is framed from one end to the other.
      """)
  let (top, width, height): (Float, Float, Float) = (92, 54, 42)
  func table(
    _ rows: [[String]], x: Float, width: Float, tone: Tone = .soft, shade: ((Int, Int) -> Float?)? = nil
  )
    -> CellGrid
  {
    drawing.cells(rows, x: x, y: top, cell: (width, height), tone: { _, _ in tone }, shade: shade)
  }
  func heading(_ text: String, _ grid: CellGrid, _ up: Float = 16) {
    drawing.text(text, grid.frame.top.moved(0, -up), tone: .soft, size: .small)
  }
  let queries = table(head.queries.map { [text($0[0], 0)] }, x: 20, width: 40, tone: .orange)
  heading("queries", queries)
  let scores = table(head.scores.map { $0.map { text($0, 2) } }, x: 72, width: width)
  let keys = drawing.cells(
    [head.keys.map { text($0[0], 2) }], x: 72, y: 44, cell: (width, 32), tone: { _, _ in .green })
  heading("keys", keys)
  drawing.text("scores", scores.frame.bottom.moved(0, 18), tone: .soft, size: .small)
  drawing.arrow(scores.frame.right.moved(8, 0), Point(312, scores.frame.center.y), label: "softmax")
  let weights = table(
    head.weights.map { $0.map { text($0, 2) } }, x: 322, width: width, tone: .blue,
    shade: { Float(head.weights[$0][$1]) })
  drawing.text("weights", weights.frame.bottom.moved(0, 18), tone: .soft, size: .small)
  drawing.text("×", Point(501, weights.frame.center.y), size: .large)
  let values = table(head.values.map { [text($0[0], 0)] }, x: 518, width: 50, tone: .purple)
  heading("values", values)
  drawing.text("=", Point(590, weights.frame.center.y), size: .large)
  let output = table(head.output.map { [text($0[0], 0)] }, x: 612, width: 60, tone: .orange)
  heading("outputs", output)
  for grid in [queries, scores, weights, output] {
    let last = Int((grid.frame.width / grid[0, 0].width).rounded()) - 1
    drawing.rectangle(grid[best...best, 0...last], .none, .init(.orange, width: 3))
  }
  return drawing
}
