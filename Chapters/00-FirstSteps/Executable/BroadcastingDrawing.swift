import Engine
import NumberText

/// The two sums of section 0.3: a row that is repeated downwards, a column that is repeated to the right.
func broadcastingDrawing() -> Diagram {
  let heights = Tensor([[1, 2, 4, 5], [0, 3, 3, 6]])
  let daily = Tensor([0, 1, 2, 3])
  let plants = Tensor([[10], [20]])
  let (difference, sum) = (heights - daily, heights + plants)
  func rows(_ x: Tensor) -> [[String]] {
    (0..<x.shape[0]).map { i in (0..<x.shape[1]).map { fixed(Double(x[i, $0]), 0) } }
  }

  var drawing = Diagram(
    height: 268, title: "Broadcasting",
    description: """
      Two sums, one above the other. Above, a table of two rows and four columns, minus a row of four numbers, 0, 1, 2, 3; below \
      the row a dashed copy of it shows that it is repeated for the second row. Below, the same table plus a column of two \
      numbers, 10 and 20; three dashed copies to its right show that it is repeated for each column. The results are tables \
      of two rows and four columns, \(rows(sum)[0].joined(separator: ", ")) in the first row of the lower one.
      """)
  let cell: (width: Float, height: Float) = (40, 36)
  func sumOf(
    _ sign: String, _ other: [[String]], isOwn: (Int, Int) -> Bool, _ result: Tensor, y: Float,
    _ shapes: [String]
  ) {
    let a = drawing.cells(rows(heights), x: 24, y: y, cell: cell)
    drawing.text(sign, Point(210, y + cell.height), size: .large)
    let b = drawing.cells(
      other, x: 238, y: y, cell: cell, tone: { isOwn($0, $1) ? .orange : .ink },
      text: { isOwn($0, $1) ? .ink : .soft })
    for i in 0..<2 {
      for j in 0..<4 where !isOwn(i, j) {
        drawing.rectangle(b[i, j].inset(2), .none, .init(.orange, width: 1, dash: [3, 3]))
      }
    }
    drawing.text("=", Point(424, y + cell.height), size: .large)
    let c = drawing.cells(rows(result), x: 452, y: y, cell: (48, 36), tone: { _, _ in .blue })
    for (grid, shape) in zip([a, b, c], shapes) {
      drawing.text(shape, grid.frame.top.moved(0, -14), tone: .soft, size: .small)
    }
  }
  func shape(_ x: Tensor) -> String { "[\(x.shape.map(String.init).joined(separator: ", "))]" }
  let row = daily.scalars.map { fixed(Double($0), 0) }
  sumOf(
    "−", [row, row], isOwn: { i, _ in i == 0 }, difference, y: 40,
    [shape(heights), "\(shape(daily)), repeated downwards", shape(difference)])
  sumOf(
    "+", rows(plants).map { [String](repeating: $0[0], count: 4) }, isOwn: { _, j in j == 0 }, sum, y: 172,
    [shape(heights), "\(shape(plants)), repeated to the right", shape(sum)])
  return drawing
}
