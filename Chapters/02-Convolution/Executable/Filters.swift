import ArgumentParser
import Chapter02Convolution
import Engine
import Workbench

struct Filters: ChapterExperiment {
  static let name = "filters"
  static let summary = "Filters made by hand, on a drawn scene or on a picture of yours."
  static let details = """
    EXAMPLES
      convolution filters
      convolution filters --image photo.png --output out/my-filters
    """

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A PNG picture; colours are turned to grey.", valueName: "png"))
  var image: String?

  func run(_ experiment: inout Experiment) throws {
    try filters(imagePath: image, seed: common.seed, &experiment)
  }
}

/// Slides every hand-made filter over a picture.
func filters(imagePath: String?, seed: UInt64, _ experiment: inout Experiment) throws {
  let (picture, reduction) =
    try imagePath.map { try greyPicture($0) } ?? (Scene.drawn(width: 96, height: 72), 1)
  let (height, width) = (picture.shape[0], picture.shape[1])
  let reduced = reduction == 1 ? "" : ", \(reduction) times smaller than it is"
  print("Filters made by hand, on \(imagePath ?? "a drawn scene"), \(height)×\(width)\(reduced)\n")

  var table = Table(
    "What each filter does to the picture",
    columns: ["filter", "size", "sum", "smallest", "largest", "purpose"])
  var filtered: [(filter: HandMadeFilter, image: Tensor)] = []
  for filter in HandMadeFilter.all {
    let image = filter.apply(to: picture)
    filtered.append((filter, image))
    let (low, high) = image.extremes()
    let size = filter.kernel.shape[0]
    table.add(
      filter.name, "\(size)×\(size)", fixed(Double(filter.kernel.sum()), 2), fixed(Double(low), 2),
      fixed(Double(high), 2), filter.purpose)
    let key = filter.name.lowercased().replacing(",", with: "").replacing(" ", with: "_")
    experiment.metrics["\(key)_smallest"] = Double(low)
    experiment.metrics["\(key)_largest"] = Double(high)
  }
  experiment.show(table, note: "Brightness goes from 0, black, to 1, white.")
  try experiment.write(filterSheet(picture, filtered), to: "filters.png", "the picture after each filter")
}

/// A PNG as brightness from 0 to 1, `[H, W]`, and how many times smaller it was made.
///
/// On a photograph at its full size a window of three pixels sees nothing, and the sheet would be too large to look at:
/// squares of pixels are replaced by their mean until no side is longer than 600.
private func greyPicture(_ path: String) throws -> (Tensor, reduction: Int) {
  let png = try PNG(path: path, as: .gray)
  let k = (max(png.height, png.width) + 599) / 600
  let (height, width) = ((png.height + k - 1) / k, (png.width + k - 1) / k)
  var means: [Float] = []
  png.bytes.withUnsafeBufferPointer { bytes in
    for i in 0..<height {
      for j in 0..<width {
        let rows = i * k..<min((i + 1) * k, png.height)
        let columns = j * k..<min((j + 1) * k, png.width)
        var sum = 0
        for row in rows {
          for column in columns { sum += Int(bytes[row * png.width + column]) }
        }
        means.append(Float(sum) / Float(255 * rows.count * columns.count))
      }
    }
  }
  return (Tensor(means, shape: [height, width]), k)
}
