/// A grey photograph of paper with a digit on it, told apart although the light changes from place to place.
///
/// The paper's own brightness is what is left when everything narrower than a third of the picture is filled in with its
/// surroundings: a closing, the largest value around each place and then the smallest of those. It follows a gradient, a
/// vignette and the edge of a shadow, and ink is how much darker than it a place is.
///
/// - Source: the closing is that of Serra, "Image Analysis and Mathematical Morphology", 1982.
struct PhotographedPaper {
  /// How far each place is from the paper there, as from 0 to 255 in full light.
  let distances: [Float]
  /// The darkest paper relative to the lightest, margins left out.
  let evenness: Float

  /// - Parameter isDark: Whether the ink is darker than the paper.
  init(_ gray: [Float], height: Int, width: Int, inkIsDark isDark: Bool) {
    let values = isDark ? gray : gray.map { 255 - $0 }
    let window = max(3, max(height, width) / 3 | 1)
    let pad = min(window, height - 1, width - 1)
    var paper = Self.closing(values, height, width, window: window, pad: pad)
    for i in paper.indices { paper[i] = max(paper[i], values[i]) }
    let inner = paper.indices.filter { i in
      let (row, column) = i.quotientAndRemainder(dividingBy: width)
      return (height / 10..<height - height / 10).contains(row)
        && (width / 10..<width - width / 10).contains(column)
    }.map { paper[$0] }.sorted()
    evenness = inner.isEmpty ? 0 : inner[inner.count / 20] / max(1, inner[inner.count - 1 - inner.count / 20])
    // In the shade the same ink differs by less.
    let light = Self.median(paper)
    var distances = paper.indices.map { i in
      isDark ? (paper[i] - values[i]) * light / max(1, paper[i]) : paper[i] - values[i]
    }
    // Most of the picture is paper: what its places differ by is grain.
    let grain = Self.median(distances)
    for i in distances.indices { distances[i] = max(0, distances[i] - grain) }
    self.distances = distances
  }

  private static func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }

  /// The largest value of a square around each place, then the smallest of those. Beyond its edges the picture goes on as
  /// it runs towards them.
  private static func closing(
    _ values: [Float], _ height: Int, _ width: Int, window: Int, pad: Int
  ) -> [Float] {
    let rows = (0..<height).map { row in extended(Array(values[row * width..<(row + 1) * width]), by: pad) }
    let columns = (0..<width + 2 * pad).map { column in extended(rows.map { $0[column] }, by: pad) }
    var table = columns
    for isLargest in [true, false] {
      table = table.map { extremes($0, window, isLargest: isLargest) }
      table = transposed(transposed(table).map { extremes($0, window, isLargest: isLargest) })
    }
    var closed: [Float] = []
    closed.reserveCapacity(values.count)
    for row in 0..<height {
      for column in 0..<width { closed.append(table[column + pad][row + pad]) }
    }
    return closed
  }

  private static func transposed(_ table: [[Float]]) -> [[Float]] {
    (0..<(table.first?.count ?? 0)).map { i in table.map { $0[i] } }
  }

  /// A line continued at both ends by its own mirror image, turned over, so that a slope goes on as a slope.
  private static func extended(_ line: [Float], by pad: Int) -> [Float] {
    let last = line.count - 1
    let before = (0..<pad).map { 2 * line[0] - line[pad - $0] }
    let after = (0..<pad).map { 2 * line[last] - line[last - 1 - $0] }
    return before + line + after
  }

  /// The largest or smallest value in a window around each place of a line.
  private static func extremes(_ line: [Float], _ window: Int, isLargest: Bool) -> [Float] {
    let reach = window / 2
    // Places whose values may still become the extreme, the best first.
    var open: [Int] = []
    var first = 0
    var result: [Float] = []
    result.reserveCapacity(line.count)
    for next in 0..<line.count + reach {
      if next < line.count {
        while open.count > first, isLargest ? line[open.last!] <= line[next] : line[open.last!] >= line[next]
        {
          open.removeLast()
        }
        open.append(next)
      }
      let place = next - reach
      if place < 0 { continue }
      while open[first] < place - reach { first += 1 }
      result.append(line[open[first]])
    }
    return result
  }
}
