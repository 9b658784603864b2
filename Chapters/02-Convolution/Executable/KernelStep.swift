import Chapter02Convolution
import Engine
import Workbench

/// One place of a window on a picture: the pixels beneath, the products, their sum, and the map that all sums make.
///
/// The place is that of the largest sum, positive or negative.
struct KernelStep: Chart {
  let picture: Tensor
  let filter: HandMadeFilter
  /// `[H − 2, W − 2]`
  let map: Tensor
  /// Where the window lies: its upper left corner in the picture, and the number's place in the map.
  let row, column: Int

  init(_ picture: Tensor, _ filter: HandMadeFilter) {
    (self.picture, self.filter) = (picture, filter)
    let (height, width) = (picture.shape[0], picture.shape[1])
    map = conv2d(picture.reshaped([1, 1, height, width]), filter.kernel.reshaped([1, 1, 3, 3]))
      .reshaped([height - 2, width - 2])
    let numbers = map.scalars
    let place = numbers.indices.max { abs(numbers[$0]) < abs(numbers[$1]) }!
    (row, column) = place.quotientAndRemainder(dividingBy: width - 2)
  }

  var sum: Float { map[row, column] }

  /// The nine products, row by row.
  var terms: [(pixel: Float, weight: Float)] {
    (0..<9).map { k in (picture[row + k / 3, column + k % 3], filter.kernel[k / 3, k % 3]) }
  }

  private static let cell = 12
  private static let (left, top, gap) = (24, 84, 30)

  var drawing: Drawing {
    let (cell, left, top, gap) = (Self.cell, Self.left, Self.top, Self.gap)
    let (width, height) = (picture.shape[1] * cell, picture.shape[0] * cell)
    let products = left + width + gap
    let mapLeft = products + 3 * 88 + gap
    let title = "One window, nine products, one number"
    var drawing = Drawing(
      width: mapLeft + map.shape[1] * cell + left, height: top + height + 46, title: title)
    _ = drawing.addHeading(title, "", width: drawing.width)

    func caption(_ text: String, _ x: Int) {
      drawing.add(Drawing.Label(text: text, x: x, y: top - 10, color: .faintInk))
    }
    caption("the picture, and the window", left)
    caption("pixel × weight = product", products)
    caption("the map of all sums", mapLeft)
    drawing.add(.picture(shades(picture) { ColorMap.gray.color($0) }.enlarged(cell), x: left, y: top))
    frame(&drawing, x: left + column * cell, y: top + row * cell, side: 3 * cell)

    for (k, term) in terms.enumerated() {
      let box = Box(x: products + k % 3 * 88, y: top + k / 3 * 58, width: 88, height: 58)
      drawing.add(.frame(Box(x: box.x, y: box.y, width: 89, height: 59), .rule))
      for (line, text) in [
        "\(fixed(Double(term.pixel), 2)) × \(readable(Double(term.weight)))",
        "= " + fixed(Double(term.pixel * term.weight), 2),
      ].enumerated() {
        drawing.add(Drawing.Label(text: text, x: box.x + 8, y: box.y + 24 + line * 20))
      }
    }
    drawing.add(
      Drawing.Label(text: "sum: \(fixed(Double(sum), 2))", x: products, y: top + 3 * 58 + 26, font: .title))

    let most = map.scalars.reduce(0) { max($0, abs($1)) }
    drawing.add(
      .picture(
        shades(map) { ColorMap.blueWhiteRed.color(0.5 + $0 / most / 2) }.enlarged(cell), x: mapLeft, y: top))
    drawing.add(
      .frame(
        Box(x: mapLeft - 1, y: top - 1, width: map.shape[1] * cell + 2, height: map.shape[0] * cell + 2),
        .rule))
    frame(&drawing, x: mapLeft + column * cell, y: top + row * cell, side: cell)
    drawing.add(
      Drawing.Label(
        text: "blue: negative, white: 0, red: positive", x: mapLeft, y: top + map.shape[0] * cell + 20,
        font: .small, color: .faintInk))
    return drawing
  }

  /// A pixel for each number.
  private func shades(_ numbers: Tensor, _ color: (Float) -> Color) -> Canvas {
    var canvas = Canvas(width: numbers.shape[1], height: numbers.shape[0])
    for i in 0..<numbers.shape[0] { for j in 0..<numbers.shape[1] { canvas[j, i] = color(numbers[i, j]) } }
    return canvas
  }

  /// A frame that shows on any colour: orange within white.
  private func frame(_ drawing: inout Drawing, x: Int, y: Int, side: Int) {
    for (color, reach) in [(Color.white, 3), (Color.categories[1], 2), (Color.categories[1], 1)] {
      drawing.add(
        .frame(Box(x: x - reach, y: y - reach, width: side + 2 * reach, height: side + 2 * reach), color))
    }
  }
}
