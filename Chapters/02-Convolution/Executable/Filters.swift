import ArgumentParser
import Chapter02Convolution
import Engine
import Workbench

struct Filters: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filters",
    abstract: "Filters made by hand, on a drawn scene or on a picture of yours.",
    discussion: """
      EXAMPLES
        convolution filters
        convolution filters --image photo.png --output out/my-filters
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A PNG picture; colours are turned to grey.", valueName: "png"))
  var image: String?

  func run() throws {
    try filters(imagePath: image, seed: common.seed, to: common.prepare(chapterFolder + "/filters"))
  }
}

/// Slides every hand-made filter over a picture.
func filters(imagePath: String?, seed: UInt64, to output: OutputFolder) throws {
  let start = ContinuousClock.now
  let picture = try imagePath.map { try greyPicture($0) } ?? Scene.drawn(width: 96, height: 72)
  let (height, width) = (picture.shape[0], picture.shape[1])
  print("Filters made by hand, on \(imagePath ?? "a drawn scene"), \(height)×\(width)\n")

  var results = Results(command: "convolution filters", seed: seed)
  var table = Table(
    "What each filter does to the picture", columns: ["filter", "size", "sum", "smallest", "largest", "purpose"])
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
    results.metrics["\(key)_smallest"] = Double(low)
    results.metrics["\(key)_largest"] = Double(high)
  }
  print(table.text)

  let sheet = filterSheet(picture, filtered)
  try sheet.writePNG(to: output.file("filters.png"))
  results.tables = [table]
  results.files = ["filters.png"]
  results.seconds = (ContinuousClock.now - start).seconds
  try results.write(to: output)
  print("\n\(output.path)/\n  filters.png      the picture after each filter\n  results.json\n")
}

/// A PNG as brightness from 0 to 1, `[H, W]`.
private func greyPicture(_ path: String) throws -> Tensor {
  let png = try PNG(path: path, as: .gray)
  return Tensor(png.bytes.map { Float($0) / 255 }, shape: [png.height, png.width])
}
