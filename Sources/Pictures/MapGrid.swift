/// How a number of small maps is laid out: so large that one sees something, so many to a row that they fit a page.
struct MapGrid: Sendable, Equatable {
  let count, columns, rows: Int
  /// By how much each map is enlarged.
  let factor: Int
  /// Sizes of an enlarged map.
  let mapWidth, mapHeight: Int
  /// From one map to the next.
  let stepX, stepY: Int
  /// The room for a label, above or below each map.
  let labelHeight: Int

  /// Pixels between two maps.
  let gap: Int
  private static let largestMap = 112
  private static let mostHeight = 880

  /// The grid with the largest maps that is no wider than `width`; a full last row is worth some size.
  init(
    count: Int, width: Int, height: Int, gap: Int = 2, labelWidth: Int, labelHeight: Int,
    fitting available: Int
  ) {
    typealias Choice = (columns: Int, factor: Int, step: Int)
    func step(_ factor: Int) -> Int { max(width * factor, labelWidth) + gap }
    var best: (choice: Choice, score: Int)?
    for columns in 1...max(count, 1) where width > 0 && height > 0 {
      let rows = (count + columns - 1) / columns
      // The largest factor that fits; at least 1, and 1 may be too wide.
      var factor = max(1, Self.largestMap / max(width, height))
      while factor > 1, columns * step(factor) - gap > available { factor -= 1 }
      while factor > 1, rows * (height * factor + labelHeight + gap) > Self.mostHeight { factor -= 1 }
      if columns > 1, columns * step(factor) - gap > available { continue }
      let isFull = count % columns == 0
      // Size counts most; a sheet that is taller than a screen is high loses some again.
      let tooTall = max(0, rows * (height * factor + labelHeight + gap) - 500)
      let score = factor * width * (isFull ? 10 : 7) - tooTall
      if score > best?.score ?? .min || (score == best?.score && columns <= 12) {
        best = ((columns, factor, step(factor)), score)
      }
    }
    let choice = best?.choice ?? (columns: 1, factor: 1, step: step(1))
    self.count = count
    self.gap = gap
    columns = choice.columns
    rows = (count + columns - 1) / columns
    factor = choice.factor
    mapWidth = width * factor
    mapHeight = height * factor
    stepX = choice.step
    stepY = mapHeight + labelHeight + gap
    self.labelHeight = labelHeight
  }

  var width: Int { count == 0 ? 0 : min(count, columns) * stepX - gap }
  var height: Int { count == 0 ? 0 : rows * stepY - gap }

  /// The corner of a map's cell, from the corner of the grid.
  func cell(_ i: Int) -> (x: Int, y: Int) { (i % columns * stepX, i / columns * stepY) }
}
