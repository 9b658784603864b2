import Chapter03Pooling
import Engine
import NumberText

/// The map of section 3.1, in windows of 2×2.
let drawnMap: [Double] = [1, 3, 0, 2, 4, 2, 1, 0, 0, 1, 5, 6, 2, 0, 7, 3]
/// A tone for each of its four windows.
let windowTones: [Tone] = [.blue, .orange, .green, .purple]

/// A number as a cell shows it: without digits after the point where it has none.
func cellText(_ x: Double) -> String {
  x == x.rounded() ? fixed(x, 0) : x * 10 == (x * 10).rounded() ? fixed(x, 1) : fixed(x, 2)
}

/// Each window of a map becomes one number: its largest, or its mean.
func poolDrawing() -> Diagram {
  let windows = Windows.sliding(over: 4, size: 2)
  let (largest, places) = maxPool(drawnMap, rows: windows, columns: windows)
  let means = averagePool(drawnMap, rows: windows, columns: windows)

  var drawing = Diagram(
    height: 270, title: "Max and average pooling",
    description: """
      In the middle a map of four by four numbers, cut into four windows of two by two in four colours; the largest number of \
      each is in a bold frame. An arrow to the left leads to the largest numbers, \(largest.map(cellText).joined(separator: ", ")), an \
      arrow to the right to the means, \(means.map(cellText).joined(separator: ", ")), two by two cells in the windows' colours.
      """)
  func rows(_ numbers: [Double], _ width: Int) -> [[String]] {
    stride(from: 0, to: numbers.count, by: width).map { start in numbers[start..<start + width].map(cellText)
    }
  }
  let middle: Float = 146
  let map = drawing.cells(
    rows(drawnMap, 4), x: 268, y: middle - 92, cell: (46, 46), tone: { windowTones[$0 / 2 * 2 + $1 / 2] },
    heading: "map")
  for window in 0..<4 {
    let (i, j) = (window / 2 * 2, window % 2 * 2)
    drawing.rectangle(map[i...i + 1, j...j + 1].inset(1), .none, .init(windowTones[window], width: 3))
    drawing.rectangle(
      map[places[window] / 4, places[window] % 4].inset(6), .none, .init(.ink, width: 2), corner: 4)
  }
  func result(_ numbers: [Double], _ name: String, x: Float) -> CellGrid {
    drawing.cells(
      rows(numbers, 2), x: x, y: middle - 46, cell: (56, 46), tone: { windowTones[$0 * 2 + $1] },
      heading: name)
  }
  let left = result(largest, "largest", x: 50)
  let right = result(means, "mean", x: 558)
  drawing.arrow(map.frame.left.moved(-10, 0), left.frame.right.moved(10, 0), label: "max")
  drawing.arrow(map.frame.right.moved(10, 0), right.frame.left.moved(-10, 0), label: "average")
  return drawing
}
