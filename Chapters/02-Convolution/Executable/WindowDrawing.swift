import Chapter02Convolution
import Engine
import NumberText

/// A Sobel kernel on an image with an edge: one place of the window, its nine products, and the number that they add up to.
func windowDrawing() -> Diagram {
  let image: [Float] = [
    1, 1, 2, 8, 9,
    1, 2, 2, 9, 9,
    0, 1, 3, 8, 9,
    1, 1, 2, 9, 8,
    0, 2, 2, 8, 9,
  ]
  let kernel: [Float] = [-1, 0, 1, -2, 0, 2, -1, 0, 1]
  let geometry = ConvolutionGeometry(input: [1, 1, 5, 5], weight: [1, 1, 3, 3])
  let map = crossCorrelate2d(image, with: kernel, geometry)
  let (row, column) = (1, 1)
  let products = (0..<9).map { k in (kernel[k], image[(row + k / 3) * 5 + column + k % 3]) }
  let sum = products.map { ($0.0 < 0 ? "(\(whole($0.0)))" : whole($0.0)) + "·\(whole($0.1))" }.joined(
    separator: " + ")
  let result = map[row * 3 + column]

  var drawing = Diagram(
    height: 290, title: "A window that slides",
    description: """
      An image of five by five numbers, small on the left and large on the right. A blue window of three by three \
      numbers lies on its middle, and a dashed one shows where it stands next, one place to the right. Beside it stand the \
      kernel, with −1, −2, −1 on the left, zeros in the middle and 1, 2, 1 on the right, and the result of three by \
      three numbers. Its middle number, \(whole(result)), is marked; below, it is written as the sum of the nine products.
      """)
  func rows(_ numbers: [Float], _ width: Int) -> [[String]] {
    stride(from: 0, to: numbers.count, by: width).map { start in
      numbers[start..<start + width].map(whole)
    }
  }
  let input = drawing.cells(rows(image, 5), x: 30, y: 44, cell: (38, 34), heading: "image")
  let small = drawing.cells(
    rows(kernel, 3), x: 312, y: 78, cell: (38, 34), tone: { _, _ in .orange }, heading: "kernel")
  let output = drawing.cells(
    rows(map, 3), x: 550, y: 78, cell: (46, 34), tone: { $0 == row && $1 == column ? .blue : .soft },
    heading: "feature map")
  drawing.window(input[row...row + 2, column + 1...column + 3].inset(2), .soft, dashed: true)
  drawing.window(input[row...row + 2, column...column + 2], .blue)
  drawing.window(output[row, column], .blue)
  drawing.text("×", Point(266, small.frame.center.y), size: .large)
  drawing.arrow(small.frame.right.moved(12, 0), output.frame.left.moved(-12, 0), label: "add up")
  drawing.text("\(sum) = ", Point(596, 258), .end)
  drawing.text(whole(result), Point(600, 258), .start, tone: .blue, bold: true)
  return drawing
}

/// A whole number as it is written in a cell.
func whole(_ x: Float) -> String { fixed(Double(x), 0) }
