import Engine

/// What is kept of four blocks for the way back: everything, or each block's input.
func checkpointDrawing() -> Diagram {
  var drawing = Diagram(
    height: 330, title: "Keeping less for the way back",
    description: """
      Three rows of four blocks, each with six cells for what its layers compute. First row: all 24 cells are blue, everything \
      is kept. Second row: only the first cell of each block is blue, its input; the others are empty. Third row, during \
      the backward pass: the inputs are still kept, the third block's other cells are orange, because they have just been \
      computed again, and the fourth block is done. A dashed arrow leads back from block to block.
      """)
  let (blocks, layers): (Int, Int) = (4, 6)
  let (cell, gap): (Float, Float) = (22, 22)
  enum State { case kept, dropped, again, done }
  func row(_ y: Float, _ name: String, _ state: (Int, Int) -> State) -> [Frame] {
    drawing.text(name, Point(20, y - 24), .start, bold: true)
    return (0..<blocks).map { block in
      let x = 26 + Float(block) * (Float(layers) * cell + gap + 16)
      let grid = drawing.vector(layers, x: x, y: y, cell: (cell, 30), .ink)
      drawing.rectangle(grid.frame.inset(-6), .none, .solid(.soft), corner: 6)
      for layer in 0..<layers {
        switch state(block, layer) {
        case .kept: drawing.rectangle(grid[0, layer].inset(1.5), .strong(.blue, 0.75))
        case .again: drawing.rectangle(grid[0, layer].inset(1.5), .strong(.orange, 0.75))
        case .dropped, .done: break
        }
      }
      return grid.frame.inset(-6)
    }
  }
  _ = row(50, "everything is kept") { _, _ in .kept }
  let forward = row(150, "each block's input is kept") { _, layer in layer == 0 ? .kept : .dropped }
  for k in 1..<blocks { drawing.arrow(forward[k - 1].right, forward[k].left) }
  let back = row(250, "on the way back: block 3 is computed again from its input") { block, layer in
    block == 3 ? .done : layer == 0 ? .kept : block == 2 ? .again : .dropped
  }
  for k in 1..<blocks { drawing.arrow(back[k].left, back[k - 1].right, .solid(.orange)) }
  for (k, frame) in back.enumerated() {
    drawing.text(
      ["waits", "waits", "computed again", "done"][k], frame.bottom.moved(0, 16),
      tone: k == 2 ? .orange : .soft,
      size: .small)
  }
  return drawing
}
