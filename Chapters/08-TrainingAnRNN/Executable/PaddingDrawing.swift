import Engine

/// A batch of texts of different lengths: the padding, the last real steps, and the last column.
func paddingDrawing() -> Diagram {
  let texts = [
    ("it was not bad but good", [3, 9, 4, 2, 8, 7]), ("I loved it", [5, 6, 3]),
    ("not bad, really", [4, 2, 10, 11]),
  ]
  let batch = PaddedSequences(texts.map(\.1))
  let columns = batch.lengths.max() ?? 0

  var drawing = Diagram(
    height: 250, title: "Padding and the last real step",
    description: """
      Three rows of six cells, one for each text, with the numbers of its words. The first text fills its row. The second has three \
      words and three pale zeros, the third four words and two zeros. The last word of each text is framed in blue: in the sixth, \
      the third and the fourth column. A dashed orange frame lies around the whole last column, where two of the three cells are \
      zeros.
      """)
  let cell: Float = 44
  let grid = drawing.cells(
    (0..<texts.count).map { n in (0..<columns).map { "\(batch.ids.scalars[n * columns + $0])" } }, x: 240,
    y: 66, cell: (cell, 44),
    tone: { n, t in t < batch.lengths[n] ? .soft : .ink },
    text: { n, t in t < batch.lengths[n] ? .ink : .soft })
  for (n, (text, _)) in texts.enumerated() {
    drawing.text(text, grid[n, 0].left.moved(-14, 0), .end)
    drawing.text(
      "length \(batch.lengths[n])", grid[n, columns - 1].right.moved(24, 0), .start, tone: .soft, size: .small
    )
    drawing.rectangle(grid[n, batch.lengths[n] - 1].inset(4), .none, .init(.blue, width: 3), corner: 3)
  }
  drawing.rectangle(
    grid[0...texts.count - 1, columns - 1...columns - 1].inset(-5), .none, .dashed(.orange, width: 2.5),
    corner: 4)
  drawing.text("last column", grid[0, columns - 1].top.moved(0, -24), tone: .orange)
  drawing.text("blue frames: each text's last real step", Point(grid.frame.x, 226), .start, tone: .blue)
  return drawing
}
