import Chapter07TrainingACNN
import Engine
import NumberText

/// The five things that every step does, and what is handed on: for the article's CNN and a batch of 64.
func loopDrawing() -> Diagram {
  let batch = 64
  let network = CNN()
  let parameters = network.parameters.reduce(0) { $0 + $1.value.count }
  let logits = network(Variable(Tensor.zeros([batch, 1, 28, 28]))).value.shape

  func shape(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "×") }
  var drawing = Diagram(
    height: 250, title: "The loop of training",
    description: """
      Five boxes in a row: batch, forward pass, loss, backward pass, step. Arrows lead from each to the next. Between them stands \
      what is handed on: \(shape([batch, 1, 28, 28])) pixels, \(shape(logits)) logits, one number, and \(inGroups("\(parameters)")) gradients. \
      The labels of the batch go past the forward pass to the loss, on an arrow of their own. From the step a long arrow leads back \
      below all boxes to the forward pass: the changed weights.
      """)
  let y: Float = 116
  let boxes: [(String, Tone)] = [
    ("batch", .soft), ("forward", .blue), ("loss", .purple), ("backward", .orange), ("step", .green),
  ]
  let frames = boxes.enumerated().map { k, box in
    drawing.box(box.0, Frame(20 + 147 * Float(k), y - 26, 88, 52), box.1)
  }
  let handed = [
    "\(batch) images", "\(shape(logits))\nlogits", "1\nnumber", "\(inGroups("\(parameters)"))\ngradients",
  ]
  for k in 0..<4 {
    drawing.arrow(frames[k].right, frames[k + 1].left)
    drawing.text(
      handed[k], Point((frames[k].maxX + frames[k + 1].x) / 2, y + (k == 0 ? 50 : 50)), tone: .soft,
      size: .small)
  }
  drawing.route(
    [frames[0].top, Point(frames[0].center.x, 48), Point(frames[2].center.x, 48), frames[2].top],
    .solid(.soft))
  drawing.text("\(batch) labels", Point(frames[1].center.x, 32), tone: .soft, size: .small)
  drawing.route(
    [frames[4].bottom, Point(frames[4].center.x, 204), Point(frames[1].center.x, 204), frames[1].bottom],
    .init(.green, width: 2.5))
  drawing.text("changed weights, for the next batch", Point(frames[3].x - 20, 222), tone: .green)
  return drawing
}
