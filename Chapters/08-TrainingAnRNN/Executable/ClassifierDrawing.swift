import Engine

/// The article's network on three words: from their numbers to rows of the table, states, and scores.
func classifierDrawing() -> Diagram {
  let words = [("not", 3), ("bad", 2), (".", 5)]
  var drawing = Diagram(
    height: 344, title: "From words to scores",
    description: """
      At the bottom three words, not, bad and a full stop, with their numbers 3, 2 and 5. On the left a table with a row of four cells for each \
      number from 0 to 5; rows 3, 2 and 5 are coloured, and arrows lead up from the words with vectors of the same colours into \
      three boxes, LSTM, one for each step. Thick arrows carry the state from box to box, beginning with zeros. From the last box \
      an arrow leads through a linear layer to two scores, praise and complaint.
      """)
  let tones: [Int: Tone] = [3: .blue, 2: .orange, 5: .green]
  let table = drawing.cells(
    (0..<6).map { _ in ["", "", "", ""] }, x: 44, y: 108, cell: (22, 26),
    tone: { row, _ in tones[row] ?? .ink })
  for row in 0..<6 {
    drawing.text("\(row)", table[row, 0].left.moved(-9, 0), .end, tone: tones[row] ?? .soft, size: .small)
  }
  drawing.text("embedding", table.frame.top.moved(0, -15), tone: .soft, size: .small)
  drawing.text("a row for\neach word", table.frame.bottom.moved(0, 28), tone: .soft, size: .small)
  let xs: [Float] = [246, 374, 502]
  let y: Float = 76
  let boxes = xs.map { drawing.box("LSTM", Frame(center: Point($0, y), 76, 48), .soft) }
  let state = Diagram.Stroke(.purple, width: 4)
  drawing.arrow(Point(172, y), boxes[0].left, state)
  drawing.text("0", Point(162, y), tone: .purple)
  for k in 1..<3 { drawing.arrow(boxes[k - 1].right, boxes[k].left, state) }
  drawing.text("state", Point((xs[0] + xs[1]) / 2, y - 18), tone: .purple, size: .small)
  for (k, (word, id)) in words.enumerated() {
    let vector = drawing.vector(4, x: xs[k] - 11, y: 150, cell: (22, 22), tones[id]!, upright: true)
    drawing.arrow(vector.frame.top.moved(0, -2), boxes[k].bottom.moved(0, 2))
    drawing.text("row \(id)", vector.frame.right.moved(8, 0), .start, tone: tones[id]!, size: .small)
    drawing.arrow(Point(xs[k], 292), vector.frame.bottom.moved(0, 2))
    drawing.text("\(id)", Point(xs[k], 306), tone: tones[id]!, bold: true)
    drawing.text(word == "." ? "“.”" : word, Point(xs[k], 328))
  }
  let linear = drawing.box("linear", Frame(center: Point(630, y), 76, 48), .blue)
  drawing.arrow(boxes[2].right, linear.left)
  let scores = drawing.vector(2, x: 619, y: 140, cell: (22, 26), .blue, upright: true)
  drawing.arrow(linear.bottom, scores.frame.top.moved(0, -2))
  drawing.text("praise", scores[0, 0].right.moved(6, 0), .start, size: .small)
  drawing.text("complaint", scores[1, 0].right.moved(6, 0), .start, size: .small)
  return drawing
}
