import Engine
import NumberText

/// One step of three ranks: a batch in shards, a gradient from each, their mean, and the same step everywhere.
func dataParallelDrawing() -> Diagram {
  // One weight, w = 2, and the loss (w x − y)² of each example: its gradient is 2 (w x − y) x.
  let (weight, rate) = (2.0, 0.01)
  let examples: [(x: Double, y: Double)] = [(1, 4), (2, 7), (3, 9), (1, 2), (2, 3), (4, 11)]
  func gradient(_ part: ArraySlice<(x: Double, y: Double)>) -> Double {
    part.reduce(0) { $0 + 2 * (weight * $1.x - $1.y) * $1.x } / Double(part.count)
  }
  let ranks = 3
  let size = examples.count / ranks
  let parts = (0..<ranks).map { gradient(examples[$0 * size..<($0 + 1) * size]) }
  let all = gradient(examples[...])
  let after = weight - rate * all

  var drawing = Diagram(
    height: 306, title: "Data parallelism",
    description: """
      On the left a batch of six examples as a column of cells in three colours, two cells for each of three ranks. Arrows \
      lead to three boxes, one below the other, each with the same weight, w = 2. From each comes another gradient, \
      \(parts.map { fixed($0, 0) }.joined(separator: ", ")). All lead into one tall box, all-reduce, and out of it leads the same mean \
      to every rank, \(fixed(all, 0)). On the right each rank makes the same step and has the same weight again, \(fixed(after, 2)).
      """)
  let tones: [Tone] = [.blue, .orange, .green]
  let batch = drawing.cells(
    examples.map { ["(\(fixed($0.x, 0)), \(fixed($0.y, 0)))"] }, x: 24, y: 56, cell: (64, 38), size: .small,
    tone: { row, _ in tones[row / size] })
  drawing.text("batch", batch.frame.top.moved(0, -15), tone: .soft, size: .small)
  let reduce = drawing.box("all-\nreduce:\nmean", Frame(424, 56, 76, 228), .purple)
  drawing.text("gradients", Point(368, 41), tone: .soft, size: .small)
  drawing.text("step", Point(560, 41), tone: .soft, size: .small)
  for r in 0..<ranks {
    let y = 94 + 76 * Float(r)
    let model = drawing.box("rank \(r)\nw = \(fixed(weight, 0))", Frame(176, y - 26, 116, 52), tones[r])
    drawing.arrow(batch[r * size...(r + 1) * size - 1, 0...0].right.moved(4, 0), model.left.moved(-2, 0))
    drawing.arrow(
      model.right.moved(2, 0), Point(reduce.x - 2, y), .solid(tones[r]), label: fixed(parts[r], 0),
      size: .body)
    let end = drawing.box("w = \(fixed(after, 2))", Frame(616, y - 20, 90, 40), tones[r])
    drawing.arrow(
      Point(reduce.maxX + 2, y), end.left.moved(-2, 0), .solid(.purple), label: fixed(all, 0), size: .body)
  }
  return drawing
}
