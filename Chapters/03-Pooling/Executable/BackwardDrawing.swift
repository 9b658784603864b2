import Chapter03Pooling
import Engine

/// The gradients of section 3.5: to the place of the maximum, or in equal shares to all.
func backwardDrawing() -> Diagram {
  let windows = Windows.sliding(over: 4, size: 2)
  let places = maxPool(drawnMap, rows: windows, columns: windows).places
  let gradients: [Double] = [10, 20, 30, 40]
  let toMax = maxPoolGradient(gradients, places: places, rows: windows, columns: windows)
  let toAll = averagePoolGradient(gradients, rows: windows, columns: windows)

  var drawing = Diagram(
    height: 256, title: "Gradients back through pooling",
    description: """
      In the middle the gradients of the four results, 10, 20, 30 and 40, in four colours. An arrow to the left, max, leads \
      to a map of four by four cells, in which only the places of the four maxima are coloured, each with its whole gradient; \
      all others are 0. An arrow to the right, average, leads to a map in which each gradient is shared equally among the \
      four cells of its window: 2.5, 5, 7.5 and 10.
      """)
  func rows(_ numbers: [Double], _ width: Int) -> [[String]] {
    stride(from: 0, to: numbers.count, by: width).map { start in numbers[start..<start + width].map(cellText)
    }
  }
  let middle: Float = 140
  func map(_ numbers: [Double], _ name: String, x: Float) -> CellGrid {
    let map = drawing.cells(
      rows(numbers, 4), x: x, y: middle - 84, cell: (46, 42),
      tone: { numbers[$0 * 4 + $1] == 0 ? .ink : windowTones[$0 / 2 * 2 + $1 / 2] },
      text: { numbers[$0 * 4 + $1] == 0 ? .soft : .ink }, heading: name)
    for window in 0..<4 {
      let (i, j) = (window / 2 * 2, window % 2 * 2)
      drawing.rectangle(map[i...i + 1, j...j + 1].inset(1), .none, .init(windowTones[window], width: 2.5))
    }
    return map
  }
  let left = map(toMax, "gradient of the map, max", x: 30)
  let right = map(toAll, "gradient of the map, average", x: 506)
  let results = drawing.cells(
    rows(gradients, 2), x: 310, y: middle - 42, cell: (50, 42), tone: { windowTones[$0 * 2 + $1] },
    heading: "gradient of the results")
  drawing.arrow(results.frame.left.moved(-10, 0), left.frame.right.moved(10, 0), label: "max")
  drawing.arrow(results.frame.right.moved(10, 0), right.frame.left.moved(-10, 0), label: "average")
  return drawing
}
