import Chapter02Convolution
import Engine

/// The picture, and what each filter makes of it, side by side, each with its kernel.
func filterSheet(_ picture: Tensor, _ filtered: [(filter: HandMadeFilter, image: Tensor)]) -> Canvas {
  var tiles = [("the picture", nil as Tensor?, shades(picture, signed: false))]
  for (filter, image) in filtered {
    tiles.append((filter.name, filter.kernel, shades(image, signed: filter.kernel.sum() < 0.5)))
  }
  let columns = 3
  let (width, height) = (tiles[0].2.width, tiles[0].2.height)
  let (gap, margin, caption) = (18, 24, 46)
  let rows = (tiles.count + columns - 1) / columns
  let heading = 62
  var sheet = Canvas(
    width: 2 * margin + columns * width + (columns - 1) * gap,
    height: heading + rows * (height + caption) + margin)
  sheet.text("Filters made by hand", x: margin, y: 34, font: .title)
  sheet.text(
    "The kernel's numbers are under each picture. Filters that sum to 1 are grey, those that sum to 0 coloured.",
    x: margin, y: 54, font: .small)
  // One bar for all coloured pictures: each reaches to its own largest number.
  let bar = Box(x: sheet.width - margin - 210, y: 28, width: 100, height: 12)
  for i in 0..<bar.width {
    let color = ColorMap.blueWhiteRed.color(Float(i) / Float(bar.width - 1))
    sheet.fill(Box(x: bar.x + i, y: bar.y, width: 1, height: bar.height), color)
  }
  sheet.frame(Box(x: bar.x - 1, y: bar.y - 1, width: bar.width + 2, height: bar.height + 2), .rule)
  for (text, place) in [("most below 0", -6), ("most above", bar.width + 6)] {
    let width = Font.small.width(of: text)
    sheet.text(
      text, x: bar.x + place - (place < 0 ? width : 0), y: bar.y + 10, font: .small, color: .faintInk)
  }
  for (i, (name, kernel, image)) in tiles.enumerated() {
    let x = margin + i % columns * (width + gap)
    let y = heading + 8 + i / columns * (height + caption)
    sheet.draw(image, x: x, y: y)
    sheet.text(name, x: x, y: y + height + 16, font: .body)
    if let kernel { sheet.text(numbers(kernel), x: x, y: y + height + 31, font: .small) }
  }
  return sheet
}

/// A picture's brightness as grey, or, for numbers of both signs, as blue and red.
private func shades(_ image: Tensor, signed: Bool) -> Canvas {
  let (height, width) = (image.shape[0], image.shape[1])
  // A grey step is 1/255: what is much smaller comes from rounding, and must not be shown as if it were large.
  let bound = max(abs(image.extremes().min), abs(image.extremes().max), 1e-3)
  var canvas = Canvas(width: width, height: height)
  for i in 0..<height {
    for j in 0..<width {
      let v = image[i, j]
      canvas[j, i] = signed ? ColorMap.blueWhiteRed.color((v / bound + 1) / 2) : ColorMap.gray.color(v)
    }
  }
  return canvas.enlarged(max(1, 290 / width))
}

/// The kernel, row by row: `−1 0 1 | −2 0 2 | −1 0 1`; large ones by their size alone.
private func numbers(_ kernel: Tensor) -> String {
  let k = kernel.shape[0]
  if k > 3 { return "\(k)×\(k), from the row 1 4 6 4 1" }
  if kernel.scalars.allSatisfy({ $0 == kernel.scalars[0] }) { return "nine times 1/9" }
  return (0..<k).map { i in
    (0..<k).map { j in
      let v = Int(kernel[i, j])
      return v < 0 ? "−\(-v)" : "\(v)"
    }.joined(separator: " ")
  }.joined(separator: " | ")
}
