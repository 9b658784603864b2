import ArgumentParser
import Chapter02Convolution
import Chapter07TrainingACNN
import Engine
import Workbench

struct ReceptiveFields: ChapterExperiment {
  static let name = "receptive-field"
  static let summary = "Which pixels a number behind several layers depends on, and how much."
  static let details = """
    Changes every pixel of random images in turn, and looks which numbers of the article's network change with it.

    EXAMPLES
      convolution receptive-field
      convolution receptive-field --seed 2
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try receptiveFields(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// The layers of the article's network that look through windows.
private let articleLayers: [(name: String, window: SlidingWindow)] = [
  ("convolution", SlidingWindow(5, padding: 2)), ("max pooling", SlidingWindow(2, stride: 2)),
  ("convolution", SlidingWindow(5, padding: 2)), ("max pooling", SlidingWindow(2, stride: 2)),
]

/// Finds the receptive fields of the article's network by trying, and compares them with the formula; then counts the
/// ways through stacks of small windows.
func receptiveFields(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  print("Which pixels does a number depend on?\n")

  let images = quick ? 1 : 12
  let fields = ReceptiveField.behind(each: articleLayers.map(\.window))
  let influences = influence(images: images, seed: seed)
  var table = Table(
    "The article's network: by the formula, and by changing one pixel after the other",
    columns: ["layer", "k", "s", "r", "j", "place", "rows by formula", "rows that matter"])
  var panels: [InfluencePanel] = []
  for (i, field) in fields.enumerated() {
    let map = influences[i].map
    let place = influences[i].place
    let formula = field.pixels(of: place)
    let rows = (0..<28).filter { row in (0..<28).contains { map[row, $0] > 0 } }
    let found = (rows.first ?? 0)..<(rows.last ?? -1) + 1
    let window = articleLayers[i].window
    table.add(
      articleLayers[i].name, "\(window.cells)", "\(window.stride)", "\(field.size)", "\(field.jump)",
      "\(place)",
      "\(formula.lowerBound)–\(formula.upperBound - 1)", "\(found.lowerBound)–\(found.upperBound - 1)")
    experiment.metrics["layer\(i + 1)_r"] = Double(field.size)
    experiment.metrics["layer\(i + 1)_j"] = Double(field.jump)
    experiment.metrics["layer\(i + 1)_rows_found"] = Double(found.count)
    panels.append(
      InfluencePanel(
        name: "\(i < 2 ? "first" : "second") \(articleLayers[i].name)", map: map,
        field: formula,
        size: field.size))
  }
  experiment.show(
    table, note: "r: receptive field, j: jump. Mean over \(images) random images, and all channels.")
  try experiment.write(
    influenceSheet(panels, images: images), to: "influence.png",
    "how much each pixel changes one number, layer by layer")

  try countWays(&experiment, quick: quick)
}

/// For the middle number behind each of the four layers: how much changing each pixel changes it, `[28, 28]`.
private func influence(images: Int, seed: UInt64) -> [(map: Tensor, place: Int)] {
  let model = withRandomSource(RandomSource(seed: seed)) { CNN() }
  var stream = RandomStream(seed: seed, stream: 1)
  var sums = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 4)
  let places = [14, 7, 7, 3]
  let progress = Progress("changing pixels", total: images * 784, unit: "pixels")
  for image in 0..<images {
    let original = stream.normal(shape: [784]).scalars
    // The image itself, then one for each pixel that is changed.
    var batch = original
    for pixel in 0..<784 {
      var changed = original
      changed[pixel] += 0.5
      batch += changed
    }
    let layers = layerOutputs(model, Tensor(batch, shape: [785, 1, 28, 28]))
    for (l, maps) in layers.enumerated() {
      let (channels, size) = (maps.shape[1], maps.shape[2])
      let scalars = maps.scalars
      for c in 0..<channels {
        let offset = (c * size + places[l]) * size + places[l]
        let before = scalars[offset]
        for pixel in 0..<784 {
          sums[l][pixel] += abs(scalars[(pixel + 1) * channels * size * size + offset] - before)
        }
      }
    }
    progress.update((image + 1) * 784)
  }
  progress.finish()
  return zip(sums, places).map { (Tensor($0, shape: [28, 28]), $1) }
}

/// What comes out of each layer. Without ReLU, which hides some changes and moves none.
private func layerOutputs(_ model: CNN, _ x: Tensor) -> [Tensor] {
  // By the sums of the definition: a transform's rounding would reach every pixel.
  ConvolutionMethod.$forced.withValue(.windows) {
    withoutGradients {
      let conv1 = model.conv1(Variable(x))
      let pool1 = maxPool2d(conv1, kernelSize: 2)
      let conv2 = model.conv2(pool1)
      return [conv1, pool1, conv2, maxPool2d(conv2, kernelSize: 2)].map(\.value)
    }
  }
}

/// Stacks of 3-wide windows: how the weight of the pixels gathers in the middle.
private func countWays(_ experiment: inout Experiment, quick: Bool) throws {
  var table = Table(
    "Stacks of windows of 3, all weights 1",
    columns: ["layers", "dilation", "receptive field", "95 % of the weight in", "share"])
  var series: [Series] = []
  func add(_ name: String, _ layers: [SlidingWindow], dilation: String, isDrawn: Bool) {
    let ways = waysToPixels(layers)
    let middle = middleWith(0.95, of: ways)
    let share = Double(middle) / Double(ways.count)
    table.add("\(layers.count)", dilation, "\(ways.count)", "\(middle) pixels", percent(share, 0))
    experiment.metrics["stack\(name)_field"] = Double(ways.count)
    experiment.metrics["stack\(name)_middle"] = Double(middle)
    let largest = ways.max()!
    if isDrawn {
      series.append(
        Series(
          "\(layers.count) layer\(layers.count == 1 ? "" : "s")",
          x: ways.indices.map { Double($0 - ways.count / 2) / Double(ways.count / 2) },
          y: ways.map { $0 / largest }))
    }
  }
  for count in [1, 2, 5, 10, 20, 40] {
    add(
      "\(count)", [SlidingWindow](repeating: SlidingWindow(3), count: count), dilation: "1", isDrawn: true)
  }
  add("3", [SlidingWindow](repeating: SlidingWindow(3), count: 3), dilation: "1", isDrawn: false)
  add("_dilated", [1, 2, 4].map { SlidingWindow(3, dilation: $0) }, dilation: "1, 2, 4", isDrawn: false)
  experiment.show(
    table, note: "A pixel's weight is the number of ways that lead from it to the number behind.")
  try experiment.write(
    LineChart(
      title: "Where in its receptive field a number looks",
      subtitle: "Stacks of windows of 3 with all weights 1: the ways that lead from each pixel to the number",
      x: Axis("place in the receptive field, from its left end to its right"),
      y: Axis("ways, the most being 1", range: 0...1), series: series),
    to: "ways.svg", "how the weight gathers in the middle as layers are stacked")
}

/// How many pixels in the middle have this share of all weight.
private func middleWith(_ share: Double, of weights: [Double]) -> Int {
  let total = weights.reduce(0, +)
  var half = 0
  while true {
    let range = max(0, weights.count / 2 - half)...min(weights.count - 1, weights.count / 2 + half)
    if weights[range].reduce(0, +) >= share * total || range.count == weights.count { return range.count }
    half += 1
  }
}
