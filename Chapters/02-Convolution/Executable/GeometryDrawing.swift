import Chapter02Convolution
import Engine

/// Where a window stands: with zeros around the image, with steps of two, and with gaps between its cells.
func geometryDrawing() -> Diagram {
  var drawing = Diagram(
    height: 300, title: "Padding, stride, dilation",
    description: """
      Three images in small cells, each with a window of three by three. Padding: a ring of zeros, drawn pale, lies around \
      an image of five by five, and the window stands on the corner, half on zeros. Stride: on an image of seven by \
      seven, three windows stand side by side, each two cells further than the one before. Dilation: on an image of \
      seven by seven, the window's nine cells are marked; between them lie gaps of one cell, so that they reach over five \
      by five. Below each stands how many numbers come out.
      """)
  let cell: Float = 24
  let panels: [(name: String, pixels: Int, window: SlidingWindow, x: Float)] = [
    ("padding 1", 5, SlidingWindow(3, padding: 1), 34),
    ("stride 2", 7, SlidingWindow(3, stride: 2), 276),
    ("dilation 2", 7, SlidingWindow(3, dilation: 2), 518),
  ]
  for (name, pixels, window, x) in panels {
    let padded = pixels + 2 * window.padding
    let ring = 0..<window.padding
    let grid = drawing.cells(
      (0..<padded).map { i in
        (0..<padded).map { j in
          let isZero = [i, j, padded - 1 - i, padded - 1 - j].contains(where: ring.contains)
          return isZero ? "0" : ""
        }
      }, x: x, y: 50, cell: (cell, cell), size: .small,
      tone: { i, j in
        [i, j, padded - 1 - i, padded - 1 - j].contains(where: ring.contains) ? .ink : .soft
      }, text: { _, _ in .soft })
    drawing.text(name, grid.frame.top.moved(0, -22), bold: true)

    // The cells under the window at a place of the first row.
    func under(_ place: Int) -> [Int] {
      (0..<window.cells).map { window.pixel(under: $0, at: place) + window.padding }
    }
    if window.dilation > 1 {
      for i in under(0) { for j in under(0) { drawing.window(grid[i, j].inset(1), .blue) } }
      drawing.window(grid[0...window.span - 1, 0...window.span - 1], .soft, dashed: true)
    } else {
      let tones: [Tone] = [.blue, .orange, .green]
      let shown = window.stride > 1 ? window.places(on: pixels) : 1
      for place in (0..<shown).reversed() {
        let columns = under(place)
        drawing.window(
          grid[0...2, columns[0]...columns[2]].inset(Float(place) * 1.5), tones[place], dashed: place > 0)
      }
    }
    let places = window.places(on: pixels)
    drawing.text(
      "\(pixels)×\(pixels) → \(places)×\(places)", Point(grid.frame.center.x, grid.frame.maxY + 24))
  }
  drawing.text(
    "⌊(N + 2·padding − span) / stride⌋ + 1 places, where span = dilation·(K − 1) + 1", Point(360, 280),
    tone: .soft, size: .small)
  return drawing
}
