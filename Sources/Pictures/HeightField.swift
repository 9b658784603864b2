/// A function of two numbers over a box of pixels, and its lines of equal height.
struct HeightField {
  let box: Box
  private let x, y: ClosedRange<Double>
  private let height: (Double, Double) -> Double
  private let columns, rows: Int
  /// At the corners of a grid of cells, row by row from the top.
  private let corners: [Double]
  private static let cell = 4

  init(
    over box: Box, x: ClosedRange<Double>, y: ClosedRange<Double>,
    _ height: @escaping (Double, Double) -> Double
  ) {
    (self.box, self.x, self.y, self.height) = (box, x, y, height)
    (columns, rows) = (max(box.width / Self.cell, 1), max(box.height / Self.cell, 1))
    var corners: [Double] = []
    for i in 0...rows {
      for j in 0...columns {
        let right = Double(j) / Double(columns), down = Double(i) / Double(rows)
        corners.append(
          height(
            x.lowerBound + (x.upperBound - x.lowerBound) * right,
            y.upperBound - (y.upperBound - y.lowerBound) * down))
      }
    }
    self.corners = corners
  }

  /// The height at a place within the box, in pixels from its upper left corner.
  func height(atPixel column: Float, _ row: Float) -> Double {
    height(
      x.lowerBound + (x.upperBound - x.lowerBound) * Double(column) / Double(box.width),
      y.upperBound - (y.upperBound - y.lowerBound) * Double(row) / Double(box.height))
  }

  /// The lines along which the function has the value `level`, in pixels of the whole picture.
  ///
  /// Each cell's corners are above or below; where two neighbours differ, the line crosses the edge between them, at the
  /// place where a straight line from one height to the other would. Cells hand the line on across shared edges.
  ///
  /// - Source: Lorensen, Cline, "Marching cubes", 1987, in two dimensions.
  func contour(at level: Double) -> [[Point]] {
    var neighbours: [Int: [Int]] = [:]
    for i in 0..<rows {
      for j in 0..<columns {
        let edges = crossedEdges(row: i, column: j, level)
        for pair in stride(from: 0, to: edges.count - 1, by: 2) {
          neighbours[edges[pair], default: []].append(edges[pair + 1])
          neighbours[edges[pair + 1], default: []].append(edges[pair])
        }
      }
    }
    var left = Set(neighbours.keys)
    var lines: [[Point]] = []
    // Open lines from their ends first, then closed ones from anywhere; in a fixed order.
    let ends = neighbours.keys.filter { neighbours[$0]!.count == 1 }.sorted()
    for start in ends + neighbours.keys.sorted() where left.contains(start) {
      var edges = [start]
      left.remove(start)
      while let next = neighbours[edges.last!]!.first(where: left.contains) {
        left.remove(next)
        edges.append(next)
      }
      if edges.count > 2, neighbours[edges.last!]!.contains(start) { edges.append(start) }
      lines.append(edges.map { crossing($0, level) })
    }
    return lines
  }

  private func corner(_ i: Int, _ j: Int) -> Double { corners[i * (columns + 1) + j] }

  /// The edges of a cell that the line crosses, two for each piece of it. An edge's number is twice that of the corner
  /// it begins at, and one more where it runs downwards.
  private func crossedEdges(row i: Int, column j: Int, _ level: Double) -> [Int] {
    let heights = [corner(i, j), corner(i, j + 1), corner(i + 1, j + 1), corner(i + 1, j)]
    if !heights.allSatisfy(\.isFinite) { return [] }
    let first = i * (columns + 1) + j
    let below = first + columns + 1
    // Around the cell: top, right, bottom, left.
    let edges = [2 * first, 2 * (first + 1) + 1, 2 * below, 2 * first + 1]
    let isHigh = heights.map { $0 >= level }
    let crossed = (0..<4).filter { side in isHigh[side] != isHigh[(side + 1) % 4] }.map { edges[$0] }
    if crossed.count < 4 { return crossed }
    // Opposite corners are alike: the middle says which of them belong together.
    let mean: Double = heights.reduce(0, +) / 4
    let middle = mean >= level
    return middle == isHigh[0] ? crossed : [crossed[3], crossed[0], crossed[1], crossed[2]]
  }

  private func crossing(_ edge: Int, _ level: Double) -> Point {
    let (i, j) = (edge / 2).quotientAndRemainder(dividingBy: columns + 1)
    let isDown = edge % 2 == 1
    let from = corner(i, j)
    let to = isDown ? corner(i + 1, j) : corner(i, j + 1)
    let share = Float((level - from) / (to - from))
    let column = Float(j) + (isDown ? 0 : share)
    let row = Float(i) + (isDown ? share : 0)
    return Point(
      Float(box.x) + column / Float(columns) * Float(box.width),
      Float(box.y) + row / Float(rows) * Float(box.height))
  }
}
