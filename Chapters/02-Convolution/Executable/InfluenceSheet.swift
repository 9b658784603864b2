import Engine

/// One layer's picture: how much each pixel matters to one number, and where the formula says that it can.
struct InfluencePanel {
  let name: String
  /// `[H, W]`
  let map: Tensor
  /// The rows, and the columns too, of the receptive field.
  let field: Range<Int>
  let size: Int
}

/// The panels side by side, with the receptive field framed in each.
func influenceSheet(_ panels: [InfluencePanel], images: Int) -> Canvas {
  let (factor, gap, margin, heading) = (7, 26, 24, 66)
  let side = panels[0].map.shape[0] * factor
  let captionHeight = 44
  var sheet = Canvas(
    width: 2 * margin + panels.count * side + (panels.count - 1) * gap,
    height: heading + side + captionHeight + 26 + margin)
  sheet.text("What one number sees of the image", x: margin, y: 36, font: .title)
  sheet.text(
    "Each of the 28×28 pixels by how much changing it changes the number: black not at all, yellow most. The frame is "
      + "the formula's.", x: margin, y: 55, font: .small, color: .faintInk)
  for (k, panel) in panels.enumerated() {
    let x = margin + k * (side + gap)
    let top = heading + 4
    sheet.draw(shades(panel.map).enlarged(factor), x: x, y: top)
    let frame = Box(
      x: x + panel.field.lowerBound * factor - 1, y: top + panel.field.lowerBound * factor - 1,
      width: panel.field.count * factor + 2, height: panel.field.count * factor + 2)
    sheet.frame(frame, .white)
    sheet.text(panel.name, x: x, y: top + side + 17)
    sheet.text("\(panel.size)×\(panel.size) pixels", x: x, y: top + side + 34, font: .small, color: .faintInk)
  }
  // The scale of all panels: a share of the most that any pixel of its panel does.
  let bar = Box(x: margin, y: heading + side + captionHeight + 14, width: 180, height: 12)
  for i in 0..<bar.width {
    let color = ColorMap.viridis.color((Float(i) / Float(bar.width - 1)).squareRoot())
    sheet.fill(Box(x: bar.x + i, y: bar.y, width: 1, height: bar.height), color)
  }
  sheet.fill(Box(x: bar.x, y: bar.y, width: 2, height: bar.height), .black)
  sheet.frame(Box(x: bar.x - 1, y: bar.y - 1, width: bar.width + 2, height: bar.height + 2), .rule)
  sheet.text(
    "from 0 to the most that a pixel of the panel does", x: bar.right + 10, y: bar.y + 10, font: .small,
    color: .faintInk)
  return sheet
}

/// Black where nothing comes of a pixel, and from dark blue to yellow by the root of what does: small is seen too.
private func shades(_ map: Tensor) -> Canvas {
  let (height, width) = (map.shape[0], map.shape[1])
  let most = max(map.extremes().max, .leastNormalMagnitude)
  var canvas = Canvas(width: width, height: height)
  for i in 0..<height {
    for j in 0..<width {
      let share = (map[i, j] / most).squareRoot()
      canvas[j, i] = map[i, j] == 0 ? .black : ColorMap.viridis.color(share)
    }
  }
  return canvas
}
