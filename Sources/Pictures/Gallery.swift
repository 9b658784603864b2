import NumberText
import Tensors

/// Images in rows, with a caption under each, such as `7 → 1  62 %`.
///
/// - Parameters:
///   - images: `[N, H, W]`, `[N, 1, H, W]` or, in colour, `[N, 3, H, W]`.
///   - captions: One for each image; `\n` begins a new line. They may be left out.
///   - title: What one sees; the first line.
///   - subtitle: More about it; nil for none.
///   - colorMap: How the numbers of images with one channel become colours.
///   - range: The numbers that are black and white; without it, the least and the largest of all images.
///   - most: How many images to show; the subtitle tells when there are more.
/// - Returns: The gallery, about 940 pixels wide.
/// - Book: chapter 7.
public func gallery(
  _ images: Tensor, captions: [String] = [], title: String, subtitle: String? = nil,
  colorMap: ColorMap = .gray,
  range: ClosedRange<Float>? = nil, most: Int = 200
) -> Canvas {
  galleryDrawing(
    images, captions: captions, title: title, subtitle: subtitle, colorMap: colorMap, range: range, most: most
  ).canvas()
}

func galleryDrawing(
  _ images: Tensor, captions: [String], title: String, subtitle: String?, colorMap: ColorMap,
  range: ClosedRange<Float>?, most: Int
) -> Drawing {
  var images = images
  if images.rank == 3 { images = images.reshaped([images.shape[0], 1, images.shape[1], images.shape[2]]) }
  if images.rank != 4 || (images.shape[1] != 1 && images.shape[1] != 3) {
    trap("gallery: images must be [N, H, W], [N, 1, H, W] or [N, 3, H, W], given \(images.shape)")
  }
  let (count, channels, height, width) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
  if !captions.isEmpty, captions.count != count {
    trap("gallery: \(captions.count) captions for \(count) images")
  }
  let shown = min(count, max(most, 1))
  let font = Font.body
  let lines = captions.prefix(shown).map {
    $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
  let captionWidth = min(lines.joined().map { font.width(of: $0) }.max() ?? 0, 220)
  let captionHeight = (lines.map(\.count).max() ?? 0) * font.lineHeight + (lines.isEmpty ? 8 : 12)
  let grid = MapGrid(
    count: shown, width: width, height: height, labelWidth: captionWidth + 8, labelHeight: captionHeight,
    fitting: 940 - 2 * margin)

  let total = max(grid.width + 2 * margin, 460)
  var drawing = Drawing(width: total, height: 0, title: title)
  let about = shown < count ? "The first \(readable(shown)) of \(readable(count))." : nil
  let top = drawing.addHeading(title, about.map { joined(subtitle, $0) } ?? subtitle, width: total)
  let scalars = images.scalars
  let scale = range ?? ColorScale(colorMap, for: scalars).range
  for i in 0..<shown {
    let cell = grid.cell(i)
    // Images stand in the middle of their cell, because captions may be wider.
    let x = margin + cell.x + (grid.stepX - grid.gap - grid.mapWidth) / 2
    let size = channels * height * width
    let image = Tensor(scalars[i * size..<(i + 1) * size], shape: [channels, height, width])
    let small = picture(ofInput: image, colorMap: colorMap, range: scale)
    drawing.add(.picture(small.enlarged(grid.factor), x: x, y: top + cell.y))
    if i < lines.count {
      for (k, line) in lines[i].enumerated() {
        drawing.add(
          Drawing.Label(
            text: font.truncated(line, to: captionWidth), x: x + grid.mapWidth / 2,
            y: top + cell.y + grid.mapHeight + 5 + font.capHeight + k * font.lineHeight, font: font,
            anchor: .middle))
      }
    }
  }
  if shown == 0 {
    drawing.add(Drawing.Label(text: "no images", x: margin, y: top + font.capHeight, color: .faintInk))
  }
  drawing.height = top + (shown == 0 ? font.lineHeight : grid.height) + margin
  return drawing
}
