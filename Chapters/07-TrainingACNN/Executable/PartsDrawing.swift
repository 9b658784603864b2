import Engine

/// What the three parts of the data are for.
func partsDrawing() -> Diagram {
  var drawing = Diagram(
    height: 236, title: "Three parts of the data",
    description: """
      A bar of examples cut into three: a long blue training part, a shorter orange validation part and a shorter green test \
      part. From the first an arrow leads down to a box, weights, marked at every step. From the second one leads to a \
      box, choices: learning rate, when to stop, marked after every epoch. From the third one leads to a box, the number \
      that is reported, marked once, at the end.
      """)
  let parts: [(name: String, use: String, when: String, x: Float, width: Float, tone: Tone)] = [
    ("training part", "weights", "at every step", 24, 300, .blue),
    ("validation part", "choices: learning rate,\nwhen to stop", "after every epoch", 334, 164, .orange),
    ("test part", "the number that\nis reported", "once, at the end", 508, 188, .green),
  ]
  for (name, use, when, x, width, tone) in parts {
    let bar = drawing.box(name, Frame(x, 24, width, 46), tone, bold: true, corner: 3)
    let boxWidth = min(width, 166) + (width < 160 ? 10 : 0)
    let box = drawing.box(use, Frame(center: Point(bar.center.x, 176), boxWidth, 52), .soft, size: .small)
    drawing.arrow(bar.bottom.moved(0, 3), box.top.moved(0, -3), .solid(tone))
    drawing.text(when, Point(bar.center.x + 9, 111), .start, tone: tone, size: .small)
  }
  return drawing
}
