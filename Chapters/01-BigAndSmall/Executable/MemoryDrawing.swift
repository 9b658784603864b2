import Chapter01BigAndSmall
import Engine
import NumberText

/// What training the article's network keeps in memory, for batches of 1, 16 and 64.
func memoryDrawing() -> Diagram {
  let network = DigitNetwork.description(width: 32)
  let rows = [1, 16, 64].map { batch in
    (batch, TrainingMemory(parameters: network.parameters, activations: network.activations, batch: batch))
  }
  func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 1) }

  var drawing = Diagram(
    height: 258, title: "What a training keeps in memory",
    description: """
      Three bars for batches of 1, 16 and 64 images, each of a blue, an orange, a green and a purple piece: weights, gradients, \
      Adam's means and activations. The first three pieces are equally long in all bars, together \
      \(megabytes(rows[0].1.total - rows[0].1.activations)) MB. The purple one grows from a sliver to most of the last bar: the bars are \
      \(rows.map { megabytes($0.1.total) }.joined(separator: ", ")) MB long.
      """)
  let (left, width): (Float, Float) = (110, 520)
  let largest = Float(rows.last!.1.total)
  for (k, (batch, memory)) in rows.enumerated() {
    let y = 34 + 58 * Float(k)
    drawing.text("batch of \(batch)", Point(left - 12, y + 18), .end)
    var x = left
    for (bytes, tone) in [
      (memory.weights, Tone.blue), (memory.gradients, .orange), (memory.optimizer, .green),
      (memory.activations, .purple),
    ] {
      let length = width * Float(bytes) / largest
      drawing.rectangle(Frame(x, y, length, 36), .strong(tone, 0.75))
      x += length
    }
    drawing.text("\(megabytes(memory.total)) MB", Point(x + 8, y + 18), .start)
  }
  var x = left
  for (name, tone) in [
    ("weights", Tone.blue), ("gradients", .orange), ("Adam's means", .green), ("activations", .purple),
  ] {
    drawing.rectangle(Frame(x, 222, 14, 14), .strong(tone, 0.75))
    let label = drawing.text(name, Point(x + 21, 229), .start, size: .small)
    x = label.maxX + 26
  }
  return drawing
}
