import Chapter07TrainingACNN
import Engine
import Workbench

/// A digit on its way through the article's CNN: the image, the maps after each convolution and its pooling, and how
/// likely each answer is.
struct DigitThroughLayers: Chart {
  let image: [UInt8]
  /// `[32, 14, 14]` and `[64, 7, 7]`
  let first, second: Tensor
  let probabilities: [Double]

  /// - Parameter image: 28×28 bytes, 0 for paper and 255 for ink.
  init(_ cnn: CNN, _ image: [UInt8]) {
    self.image = image
    let x = Variable(Tensor(image.map { Float($0) * (1 / 255) }, shape: [1, 1, 28, 28]))
    (first, second, probabilities) = withoutGradients {
      let first = maxPool2d(relu(cnn.conv1(x)), kernelSize: 2)
      let second = maxPool2d(relu(cnn.conv2(first)), kernelSize: 2)
      return (
        first.value.selected(0, axis: 0), second.value.selected(0, axis: 0),
        cnn(x).value.softmax().scalars.map(Double.init)
      )
    }
  }

  var drawing: Drawing {
    let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] }!
    let title = "A digit on its way through the network"
    var drawing = Drawing(width: 940, height: 0, title: title)
    let top = drawing.addHeading(
      title,
      "The article's CNN, its weights in eight bits. The colours of each layer go from 0, dark, to its largest number.",
      width: drawing.width)
    func caption(_ text: String, x: Int, y: Int) {
      drawing.add(Drawing.Label(text: text, x: x, y: y + Font.body.capHeight))
    }

    caption("the image, 28×28", x: 24, y: top)
    drawing.add(.picture(gray.enlarged(6), x: 24, y: top + 24))
    let bars = top + 24 + 168 + 24
    caption("probability of each digit", x: 24, y: bars)
    for (digit, probability) in probabilities.enumerated() {
      let y = bars + 24 + digit * 21
      drawing.add(Drawing.Label(text: "\(digit)", x: 24, y: y + 12, font: .small))
      drawing.add(
        .fill(
          Box(x: 40, y: y, width: max(1, Int((probability * 96).rounded())), height: 15),
          digit == best ? Color.categories[1] : Color.categories[0]))
      drawing.add(
        Drawing.Label(text: percent(probability), x: 192, y: y + 12, font: .small, anchor: .end))
    }

    let left = 228
    caption("after the first convolution, ReLU and pooling: 32 maps of 14×14", x: left, y: top)
    let height = drawMaps(first, factor: 3, columns: 16, x: left, y: top + 24, &drawing)
    let below = top + 24 + height + 24
    caption("after the second convolution, ReLU and pooling: 64 maps of 7×7", x: left, y: below)
    let rest = drawMaps(second, factor: 5, columns: 16, x: left, y: below + 24, &drawing)
    drawing.height = max(below + 24 + rest, bars + 24 + 10 * 21) + 24
    return drawing
  }

  private var gray: Canvas {
    var canvas = Canvas(width: 28, height: 28)
    for (i, ink) in image.enumerated() { canvas[i % 28, i / 28] = Color(ink, ink, ink) }
    return canvas
  }

  /// Maps side by side with one scale of colours; returns their height.
  private func drawMaps(
    _ maps: Tensor, factor: Int, columns: Int, x: Int, y: Int, _ drawing: inout Drawing
  ) -> Int {
    let (count, side) = (maps.shape[0], maps.shape[1])
    let (numbers, step) = (maps.scalars, side * factor + 2)
    let most = max(numbers.max() ?? 0, .leastNormalMagnitude)
    for m in 0..<count {
      var canvas = Canvas(width: side, height: side)
      for p in 0..<side * side {
        canvas[p % side, p / side] = ColorMap.viridis.color(numbers[m * side * side + p] / most)
      }
      drawing.add(
        .picture(canvas.enlarged(factor), x: x + m % columns * step, y: y + m / columns * step))
    }
    return (count + columns - 1) / columns * step
  }
}
