import Chapter02Convolution
import Engine

/// Which numbers of each layer one result depends on: three layers of windows of 3, without and with a stride.
func receptiveFieldDrawing() -> Diagram {
  var drawing = Diagram(
    height: 330, title: "The receptive field grows",
    description: """
      Two stacks of four rows of circles, pixels at the bottom and results at the top. From one blue circle at the top, \
      lines go down to the three circles under its window, from each of those to three more, and so on. On the left, with \
      a stride of 1, the blue part widens from 1 to 3, 5 and 7 circles. On the right the second layer has a stride of 2: its \
      row has half as many circles, and the blue part widens to 9 pixels.
      """)
  let stacks: [(name: String, layers: [SlidingWindow], x: Float)] = [
    ("stride 1", [3, 3, 3].map { SlidingWindow($0) }, 24),
    ("stride 2 in the second layer", [SlidingWindow(3), SlidingWindow(3, stride: 2), SlidingWindow(3)], 388),
  ]
  let (pixels, step, radius): (Int, Float, Float) = (11, 28, 8)
  for (name, layers, left) in stacks {
    // A circle stands above the middle of the pixels that it sees.
    let fields = [ReceptiveField.onePixel] + ReceptiveField.behind(each: layers)
    let counts = layers.reduce(into: [pixels]) { $0.append($1.places(on: $0.last!)) }
    func place(_ layer: Int, _ i: Int) -> Point {
      let seen = fields[layer].pixels(of: i)
      let middle = Float(seen.lowerBound + seen.upperBound - 1) / 2
      return Point(left + radius + middle * step, 280 - Float(layer) * 70)
    }
    // From the result downwards: what it depends on.
    var used: [Set<Int>] = Array(repeating: [], count: layers.count + 1)
    used[layers.count] = [(counts[layers.count] - 1) / 2]
    for layer in layers.indices.reversed() {
      for i in used[layer + 1].sorted() {
        for cell in 0..<3 {
          let below = layers[layer].pixel(under: cell, at: i)
          used[layer].insert(below)
          drawing.line(place(layer + 1, i), place(layer, below), .solid(.blue, width: 1.25))
        }
      }
    }
    for layer in 0...layers.count {
      for i in 0..<counts[layer] {
        let isUsed = used[layer].contains(i)
        drawing.node("", place(layer, i), radius: radius, isUsed ? .blue : .soft)
      }
    }
    drawing.text(name, Point(left + radius + 5 * step, 30), bold: true)
    let (low, high) = (used[0].min()!, used[0].max()!)
    drawing.brace(
      place(0, high).moved(radius, 14), place(0, low).moved(-radius, 14),
      "\(fields[layers.count].size) pixels", tone: .blue)
  }
  for (layer, name) in ["pixels", "layer 1", "layer 2", "layer 3"].enumerated() {
    drawing.text(name, Point(362, 280 - Float(layer) * 70), tone: .soft, size: .small)
  }
  return drawing
}
