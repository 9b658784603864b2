import Engine

/// The Transformer's block with the norm on the residual path, as in 2017, and beside it, as in GPT-2.
func blocksDrawing() -> Diagram {
  var drawing = Diagram(
    height: 330, title: "Two kinds of Transformer block",
    description: """
      Two blocks, one above the other, each with a thick blue path from left to right, the residual path. In the upper one, \
      pre-norm, the path is free from end to end: branches leave it, go through norm and attention, and norm and two \
      linear layers, and are added to it again. In the lower one, post-norm, the branches hold attention and two linear \
      layers, and the norms stand on the path itself, one behind each addition.
      """)
  let blue = Diagram.Stroke(.blue, width: 4)
  /// A branch that leaves the path, goes through boxes and is added again; gives where the path goes on.
  func branch(_ boxes: [(String, Tone, Float)], from x: Float, road: Float) -> Float {
    let lane = road + 62
    drawing.dot(Point(x, road), radius: 4.5, .blue)
    var end = x + 26
    var frames: [Frame] = []
    for (name, tone, width) in boxes {
      frames.append(drawing.box(name, Frame(end, lane - 17, width, 34), tone))
      end += width + 22
    }
    drawing.route([Point(x, road), Point(x, lane), frames[0].left])
    for k in 1..<max(frames.count, 1) { drawing.arrow(frames[k - 1].right, frames[k].left) }
    let add = Point(end + 14, road)
    drawing.route([frames.last!.right, Point(add.x, lane), add.moved(0, 15)])
    drawing.arrow(Point(x, road), add.moved(-15, 0), blue)
    drawing.node("+", add, radius: 15, .blue, size: .large)
    return add.x + 15
  }
  let attention = ("attention", Tone.orange, Float(84))
  let linear = ("two linear layers", Tone.green, Float(130))
  let norm = ("norm", Tone.purple, Float(54))

  drawing.text("pre-norm", Point(24, 26), .start, bold: true)
  var road: Float = 62
  drawing.line(Point(24, road), Point(60, road), blue)
  var x = branch([norm, attention], from: 60, road: road)
  drawing.line(Point(x, road), Point(x + 40, road), blue)
  x = branch([norm, linear], from: x + 40, road: road)
  drawing.arrow(Point(x, road), Point(706, road), blue)

  drawing.text("post-norm", Point(24, 196), .start, bold: true)
  road = 232
  drawing.line(Point(24, road), Point(60, road), blue)
  x = 60
  for (k, part) in [attention, linear].enumerated() {
    x = branch([part], from: x, road: road)
    drawing.arrow(Point(x, road), Point(x + 28, road), blue)
    let box = drawing.box("norm", Frame(x + 28, road - 17, 54, 34), .purple)
    x = box.maxX + 30
    if k == 0 {
      drawing.line(box.right, Point(x, road), blue)
    } else {
      drawing.arrow(box.right, Point(706, road), blue)
    }
  }
  return drawing
}
