import NumberText
import Tensors

/// A sheet of a layer's maps beside the image it saw: each map enlarged by a whole number, its channel above it, one
/// colour scale for all.
///
/// A value that is not finite is drawn in pink and counted under the scale.
///
/// - Parameters:
///   - input: The image, `[H, W]`, `[1, H, W]` or `[3, H, W]`; rank 4 with `N` = 1 works too.
///   - maps: The layer's output, `[C, H, W]` or `[1, C, H, W]`.
///   - title: What one sees; the first line.
///   - subtitle: More about it; number and size of the maps and the meaning of the colours are added.
///   - quantity: What the colours measure.
///   - colorMap: How numbers become colours.
///   - range: The ends of the colour scale; without it, those of the maps.
///   - most: How many maps to show; the subtitle tells when there are more.
/// - Returns: The sheet, about 940 pixels wide.
/// - Book: chapter 2.
public func featureMapSheet(
  input: Tensor? = nil, maps: Tensor, title: String, subtitle: String? = nil, quantity: String = "activation",
  colorMap: ColorMap = .viridis, range: ClosedRange<Float>? = nil, most: Int = 256
) -> Canvas {
  featureMapDrawing(
    input: input, maps: maps, title: title, subtitle: subtitle, quantity: quantity, colorMap: colorMap,
    range: range, most: most
  ).canvas()
}

func featureMapDrawing(
  input: Tensor?, maps: Tensor, title: String, subtitle: String?, quantity: String, colorMap: ColorMap,
  range: ClosedRange<Float>?, most: Int
) -> Drawing {
  let maps = withoutBatch(maps, rank: 3, "featureMapSheet: maps")
  let (count, height, width) = (maps.shape[0], maps.shape[1], maps.shape[2])
  let shown = min(count, max(most, 1))
  var about =
    shown < count ? "the first \(readable(shown)) of \(readable(count)) maps" : "\(readable(count)) maps"
  if count == 1 { about = "1 map" }
  about += " of \(height)×\(width)"
  if let input {
    let size = input.shape.suffix(2)
    about += ", seen in an image of \(size.map(String.init).joined(separator: "×"))"
  }
  about += count == 1 ? "." : "; one colour scale for all."
  return mapSheet(
    input: input, scalars: maps.scalars, count: shown, width: width, height: height, title: title,
    subtitle: joined(subtitle, about), quantity: quantity,
    scale: ColorScale(colorMap, for: maps.scalars, range: range), isFramed: colorMap.isDiverging)
}

/// Which numbers of a kernel with several input channels a sheet shows.
public enum KernelView: Sendable, Equatable {
  /// The mean over the input channels.
  case mean
  /// One input channel, counted from 0.
  case channel(Int)
}

/// A sheet of a convolution's kernels: blue where the weight is negative, red where it is positive, white at zero.
///
/// - Parameters:
///   - weights: `[O, C, KH, KW]`.
///   - title: What one sees; the first line.
///   - subtitle: More about it; number and size of the kernels are added.
///   - view: What to show of several input channels; the subtitle says so.
///   - most: How many kernels to show; the subtitle tells when there are more.
/// - Returns: The sheet.
/// - Book: chapter 2.
public func kernelSheet(
  _ weights: Tensor, title: String, subtitle: String? = nil, view: KernelView = .mean, most: Int = 256
) -> Canvas {
  kernelDrawing(weights, title: title, subtitle: subtitle, view: view, most: most).canvas()
}

func kernelDrawing(
  _ weights: Tensor, title: String, subtitle: String?, view: KernelView, most: Int
) -> Drawing {
  if weights.rank != 4 { trap("kernelSheet: weights must be [O, C, KH, KW], given \(weights.shape)") }
  let (count, channels, size) = (weights.shape[0], weights.shape[1], weights.shape[2] * weights.shape[3])
  let all = weights.scalars
  var about: String
  var scalars: [Float] = []
  let shown = min(count, max(most, 1))
  about =
    shown < count
    ? "The first \(readable(shown)) of \(readable(count)) kernels" : "\(readable(count)) kernels"
  about += " of \(weights.shape[2])×\(weights.shape[3])"
  switch view {
  case .channel(let channel):
    if channel < 0 || channel >= channels {
      trap("kernelSheet: input channel \(channel) of \(weights.shape)")
    }
    for o in 0..<count {
      let start = (o * channels + channel) * size
      scalars += all[start..<start + size]
    }
    if channels > 1 { about += ", their weights for input channel \(channel) of \(channels)" }
  case .mean:
    for o in 0..<count {
      for i in 0..<size {
        scalars.append(
          (0..<channels).reduce(0) { $0 + all[(o * channels + $1) * size + i] } / Float(channels))
      }
    }
    if channels > 1 { about += ", the mean over their \(channels) input channels" }
  }
  about += ". Blue: negative, red: positive; one colour scale for all."
  return mapSheet(
    input: nil, scalars: scalars, count: shown, width: weights.shape[3], height: weights.shape[2],
    title: title,
    subtitle: joined(subtitle, about), quantity: "weight",
    scale: ColorScale(.blueWhiteRed, for: scalars), isFramed: true)
}

/// The sheet itself: heading; on the left the input and the scale, on the right the maps.
private func mapSheet(
  input: Tensor?, scalars: [Float], count: Int, width: Int, height: Int, title: String, subtitle: String,
  quantity: String, scale: ColorScale, isFramed: Bool
) -> Drawing {
  let font = Font.small
  let panelWidth = 168
  let labelHeight = font.capHeight + 9
  var input = input.map { picture(ofInput: $0) }
  if let small = input, small.width > 0, small.height > 0 {
    input = small.enlarged(max(1, panelWidth / max(small.width, small.height)))
  }
  let leftWidth = max(panelWidth, input?.width ?? 0)
  let grid = MapGrid(
    count: count, width: width, height: height, gap: isFramed ? 10 : 2,
    labelWidth: font.width(of: String(max(count - 1, 0))) + 2,
    labelHeight: labelHeight, fitting: 940 - 2 * margin - leftWidth - 28)

  let total = max(2 * margin + leftWidth + 28 + grid.width, 640)
  var drawing = Drawing(width: total, height: 0, title: title)
  let top = drawing.addHeading(title, subtitle, width: total)

  var y = top
  if let input {
    drawing.add(Drawing.Label(text: "input", x: margin, y: y + labelHeight - 4, font: font, color: .faintInk))
    y += labelHeight
    drawing.add(.picture(input, x: margin, y: y))
    y += input.height + 18
  }
  scale.draw(&drawing, quantity, x: margin, y: y, width: leftWidth)
  y += scale.height(quantity, width: leftWidth)

  let left = margin + leftWidth + 28
  for i in 0..<count {
    let cell = grid.cell(i)
    let corner = (x: left + cell.x, y: top + cell.y)
    drawing.add(
      Drawing.Label(text: String(i), x: corner.x, y: corner.y + labelHeight - 4, font: font, color: .faintInk)
    )
    let map = scale.picture(scalars, from: i * width * height, width: width, height: height)
    drawing.add(.picture(map.enlarged(grid.factor), x: corner.x, y: corner.y + labelHeight))
    if isFramed {
      drawing.add(
        .frame(
          Box(
            x: corner.x - 1, y: corner.y + labelHeight - 1, width: grid.mapWidth + 2,
            height: grid.mapHeight + 2),
          Color(0xC4CAD1)))
    }
  }
  if count == 0 {
    drawing.add(Drawing.Label(text: "no maps", x: left, y: top + Font.body.capHeight, color: .faintInk))
  }
  drawing.height = max(y, top + grid.height) + margin
  return drawing
}

/// The numbers of one image: `[H, W]`, `[1, H, W]` in gray, `[3, H, W]` in colour.
func picture(ofInput image: Tensor, colorMap: ColorMap = .gray, range: ClosedRange<Float>? = nil) -> Canvas {
  var image = image
  if image.rank == 4 { image = withoutBatch(image, rank: 3, "image") }
  if image.rank == 2 { image = image.reshaped([1] + image.shape) }
  if image.rank != 3 || (image.shape[0] != 1 && image.shape[0] != 3) {
    trap("image: must be [H, W], [1, H, W] or [3, H, W], given \(image.shape)")
  }
  let (height, width) = (image.shape[1], image.shape[2])
  let scalars = image.scalars
  let scale = ColorScale(colorMap, for: scalars, range: range)
  if image.shape[0] == 1 { return scale.picture(scalars, width: width, height: height) }
  let planes = (0..<3).map {
    ColorScale(.gray, for: [], range: scale.range).picture(
      scalars, from: $0 * height * width, width: width, height: height)
  }
  var canvas = Canvas(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      let isFinite = (0..<3).allSatisfy { scalars[($0 * height + y) * width + x].isFinite }
      canvas[x, y] =
        isFinite ? Color(planes[0][x, y].red, planes[1][x, y].red, planes[2][x, y].red) : ColorMap.notFinite
    }
  }
  return canvas
}

/// A tensor without the leading axis of size 1 that a batch of one has.
func withoutBatch(_ x: Tensor, rank: Int, _ what: String) -> Tensor {
  if x.rank == rank { return x }
  if x.rank == rank + 1, x.shape[0] == 1 { return x.reshaped(Array(x.shape.dropFirst())) }
  trap("\(what) must have \(rank) axes, or one more of size 1 before them, given \(x.shape)")
}

/// Two sentences in a row, the second with a capital.
func joined(_ first: String?, _ second: String) -> String {
  let second = second.prefix(1).uppercased() + second.dropFirst()
  guard let first, !first.isEmpty else { return second }
  return first + (".!?:…".contains(first.last!) ? " " : ". ") + second
}
