import Chapter01BigAndSmall
import Engine
import NumberText

/// A network of two hidden layers, one twice as wide and one twice as deep, every weight a line.
func growthDrawing() -> Diagram {
  let networks: [(name: String, sizes: [Int])] = [
    ("4 wide, 2 hidden layers", [2, 4, 4, 1]), ("twice as wide", [2, 8, 8, 1]),
    ("twice as deep", [2, 4, 4, 4, 4, 1]),
  ]
  func parameters(_ sizes: [Int]) -> Int {
    zip(sizes, sizes.dropFirst()).map { Part.linear($0, $1) }.parameters
  }
  let counts = networks.map { parameters($0.sizes) }

  var drawing = Diagram(
    height: 290, title: "Wider and deeper",
    description: """
      Three networks of circles with a line for each weight. The first has layers of 2, 4, 4 and 1 circles and \(counts[0]) \
      parameters. The second has 2, 8, 8 and 1: between its hidden layers the lines are dense, and it has \(counts[1]) parameters. The \
      third has four hidden layers of 4 and \(counts[2]) parameters.
      """)
  for (k, (name, sizes)) in networks.enumerated() {
    let center = Point(116 + 244 * Float(k), 142)
    let stepX = min(62, 190 / Float(sizes.count - 1))
    func place(_ layer: Int, _ i: Int) -> Point {
      center.moved(
        (Float(layer) - Float(sizes.count - 1) / 2) * stepX, (Float(i) - Float(sizes[layer] - 1) / 2) * 24)
    }
    for layer in 1..<sizes.count {
      for i in 0..<sizes[layer - 1] {
        for j in 0..<sizes[layer] {
          drawing.line(place(layer - 1, i), place(layer, j), .solid(.soft, width: 0.8))
        }
      }
    }
    for layer in sizes.indices {
      for i in 0..<sizes[layer] {
        drawing.node("", place(layer, i), radius: 8, layer == 0 || layer == sizes.count - 1 ? .orange : .blue)
      }
    }
    drawing.text(name, Point(center.x, 22), bold: true)
    drawing.text("\(counts[k]) parameters", Point(center.x, 264))
  }
  return drawing
}
