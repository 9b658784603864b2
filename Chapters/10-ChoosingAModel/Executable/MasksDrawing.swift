import Chapter10ChoosingAModel
import Engine

/// Who may look at whom: the causal mask, the padding mask, and both.
func masksDrawing() -> Diagram {
  let words = ["the", "dog", "ran", "–", "–"]
  let (causal, padding) = (causalMask(words.count), paddingMask(words.count, length: 3))
  let panels = [("causal mask", causal), ("padding mask", padding), ("both", bothMasks(causal, padding))]

  var drawing = Diagram(
    height: 262, title: "Masks",
    description: """
      Three tables of five by five cells. Rows are the steps that look, columns those that are looked at: the words the, \
      dog and ran, and two places that only fill up the batch. Cells where looking is allowed are blue and ticked. Causal \
      mask: the lower left triangle with the diagonal. Padding mask: the first three columns. Both: the triangle without \
      the last two columns.
      """)
  let cell: Float = 34
  for (k, (name, mask)) in panels.enumerated() {
    let x = 70 + 222 * Float(k)
    let grid = drawing.cells(
      mask.map { $0.map { $0 ? "✓" : "" } }, x: x, y: 66, cell: (cell, cell),
      tone: { mask[$0][$1] ? .blue : .ink })
    drawing.text(name, grid.frame.top.moved(0, -42), bold: true)
    for (i, word) in words.enumerated() {
      drawing.text(word, grid[i, 0].left.moved(-7, 0), .end, tone: .soft, size: .small)
      drawing.text(word, grid[0, i].top.moved(0, -13), tone: .soft, size: .small)
    }
  }
  return drawing
}
