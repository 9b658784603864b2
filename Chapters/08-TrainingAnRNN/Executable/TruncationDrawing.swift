import Engine

/// A text read in pieces of four steps: the state goes on over the cut, the gradient does not.
func truncationDrawing() -> Diagram {
  let text = Array("the network")
  let (steps, pieces) = (4, 2)
  var drawing = Diagram(
    height: 250, title: "Truncated back-propagation",
    description: """
      Eight boxes in a row, one for each letter of “the netw”, with a dashed vertical line in the middle, the cut. Blue arrows lead \
      from box to box, also over the cut: the state goes on. Below them dashed orange arrows lead back from box to box, but none \
      crosses the cut. Each half is named as a batch of four steps. Above each box stands the letter that it should predict, the next one.
      """)
  let y: Float = 130
  func x(_ k: Int) -> Float { 62 + 78 * Float(k) + (k >= steps ? 48 : 0) }
  func shown(_ letter: Character) -> String { letter == " " ? "␣" : String(letter) }
  let boxes = (0..<steps * pieces).map { k in
    drawing.box("LSTM", Frame(center: Point(x(k), y), 50, 40), .soft, size: .small)
  }
  for k in boxes.indices {
    drawing.arrow(Point(x(k), 186), boxes[k].bottom.moved(0, 2), .solid(.soft))
    drawing.text(shown(text[k]), Point(x(k), 200), bold: true)
    drawing.arrow(boxes[k].top.moved(0, -2), Point(x(k), 74), .solid(.soft))
    drawing.text(shown(text[k + 1]), Point(x(k), 60), tone: .soft)
    if k > 0 {
      let (from, to) = (boxes[k - 1].right, boxes[k].left)
      drawing.arrow(from.moved(1, -8), to.moved(-1, -8), .init(.blue, width: 2))
      if k != steps { drawing.arrow(to.moved(-1, 8), from.moved(1, 8), .dashed(.orange)) }
    }
  }
  let cut = (x(steps - 1) + x(steps)) / 2
  drawing.line(Point(cut, 34), Point(cut, 216), .init(.ink, width: 1.5, dash: [3, 4]))
  drawing.text("the state goes on,\nas plain numbers", Point(cut, 16), tone: .blue, size: .small)
  for piece in 0..<pieces {
    let (first, last) = (piece * steps, piece * steps + steps - 1)
    drawing.brace(
      Point(x(last) + 28, 214), Point(x(first) - 28, 214),
      "batch \(piece + 1): gradients go back \(steps) steps at most", tone: .orange)
  }
  return drawing
}
