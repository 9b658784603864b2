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
    height: 280, title: "Windows as columns",
    description: """
      On the left, the image 1 to 9 in three rows, with four windows of two by two in four colours, one in each corner. \
      On the right, a matrix of four columns in the same colours: each holds the four numbers of one window, the upper \
      left one 1, 2, 4, 5. Left of the matrix stands the filter as one row, 1, 0, 0, −1; below it the product, one number for \
      each window: \(result.map(whole).joined(separator: ", ")).
      """)
  let input = drawing.cells(
    (0..<3).map { i in (0..<3).map { whole(image[3 * i + $0]) } }, x: 34, y: 66, cell: (46, 42),
    tone: { _, _ in .ink }, heading: "")
  drawing.text("image", input.frame.top.moved(0, -24), tone: .soft, size: .small)
  for place in 0..<4 {
    let (i, j) = (place / 2, place % 2)
    let shift: Float = place == 0 || place == 3 ? -4 : 4
    drawing.window(input[i...i + 1, j...j + 1].inset(shift), tones[place])
  }
  drawing.arrow(Point(196, 129), Point(250, 129))
  let row = drawing.cells(
    [kernel.map(whole)], x: 270, y: 192, cell: (40, 36), tone: { _, _ in .soft }, heading: "")
  drawing.text("filter", row.frame.bottom.moved(0, 18), tone: .soft, size: .small)
  drawing.text("×", Point(450, 129), size: .large)
  let matrix = drawing.cells(
    (0..<4).map { i in (0..<4).map { whole(columns[i, $0]) } }, x: 478, y: 44, cell: (46, 36),
    tone: { _, j in tones[j] }, heading: "one column for each window")
  let product = drawing.cells(
    [result.map(whole)], x: 478, y: 210, cell: (46, 36), tone: { _, j in tones[j] })
  drawing.text("=", Point(455, product.frame.center.y), size: .large)
  drawing.text("feature map, row after row", product.frame.bottom.moved(0, 18), tone: .soft, size: .small)
  _ = matrix
  return drawing
}
