import Chapter02Convolution
import Engine

/// Each window of an image as a column of a matrix: the filter's row times this matrix is the whole feature map.
func columnsDrawing() -> Diagram {
  let image = (1...9).map(Float.init)
  let kernel: [Float] = [1, 0, 0, -1]
  let geometry = ConvolutionGeometry(input: [1, 1, 3, 3], weight: [1, 1, 2, 2])
  let columns = Tensor(windowColumns(image, geometry), shape: [4, 4])
  let result = matmul(Tensor(kernel, shape: [1, 4]), columns).scalars
  let tones: [Tone] = [.blue, .orange, .green, .purple]

  var drawing = Diagram(
    height: 220, title: "Windows as columns",
    description: """
      On the left, the image 1 to 9 in three rows, with four windows of two by two in four colours, one in each corner. \
      On the right, a matrix of four columns in the same colours: each holds the four numbers of one window, the upper \
      left one 1, 2, 4, 5. Left of the matrix stands the filter as one row, 1, 0, 0, −1; right of it the product, one number \
      for each window: \(result.map(whole).joined(separator: ", ")).
      """)
  let middle: Float = 124
  let input = drawing.cells(
    (0..<3).map { i in (0..<3).map { whole(image[3 * i + $0]) } }, x: 24, y: middle - 60, cell: (40, 40),
    tone: { _, _ in .ink })
  drawing.text("image", input.frame.top.moved(0, -22), tone: .soft, size: .small)
  for place in 0..<4 {
    let (i, j) = (place / 2, place % 2)
    // Two a little larger and two a little smaller, so that all edges are seen.
    drawing.window(input[i...i + 1, j...j + 1].inset(i == j ? -4 : 4), tones[place])
  }
  drawing.arrow(Point(158, middle), Point(196, middle))
  let row = drawing.cells([kernel.map(whole)], x: 208, y: middle - 17, cell: (32, 34))
  drawing.text("filter", row.frame.top.moved(0, -14), tone: .soft, size: .small)
  drawing.text("×", Point(353, middle), size: .large)
  drawing.cells(
    (0..<4).map { i in (0..<4).map { whole(columns[i, $0]) } }, x: 368, y: middle - 72, cell: (36, 36),
    tone: { _, j in tones[j] }, heading: "one column for each window")
  drawing.text("=", Point(529, middle), size: .large)
  let product = drawing.cells(
    [result.map(whole)], x: 546, y: middle - 17, cell: (37, 34), tone: { _, j in tones[j] })
  drawing.text("feature map, row by row", product.frame.top.moved(0, -14), tone: .soft, size: .small)
  return drawing
}
