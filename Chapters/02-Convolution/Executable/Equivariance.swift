import ArgumentParser
import Chapter02Convolution
import Chapter07TrainingACNN
import Engine
import Workbench

struct Equivariance: ChapterExperiment {
  static let name = "equivariance"
  static let summary = "What moves in moves out: where that is so, and where stride and padding break it."
  static let details = """
    EXAMPLES
      convolution equivariance
      convolution equivariance --seed 2
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try equivariance(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// Moves a picture to the right, pixel by pixel, and looks whether the maps move along.
func equivariance(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  print("What moves in moves out. Or does it?\n")
  try strides(&experiment, seed: seed, digits: quick ? 4 : 32)
  try borders(&experiment)
}

/// Digits far from the border of a larger canvas, moved by 0 to 8 pixels: stride breaks the movement.
private func strides(_ experiment: inout Experiment, seed: UInt64, digits: Int) throws {
  let model = withRandomSource(RandomSource(seed: seed)) { CNN() }
  let (w1, b1, w2, b2) = (model.conv1.weight, model.conv1.bias!, model.conv2.weight, model.conv2.bias!)
  let layers: [(key: String, name: String, run: (Variable) -> Variable)] = [
    ("stride1", "convolution, stride 1", { relu(conv2d($0, w1, bias: b1, padding: 2)) }),
    ("stride2", "convolution, stride 2", { relu(conv2d($0, w1, bias: b1, stride: 2, padding: 2)) }),
    (
      "pooled", "convolution, pooling",
      { maxPool2d(relu(conv2d($0, w1, bias: b1, padding: 2)), kernelSize: 2) }
    ),
    (
      "article", "both of the article's, with pooling",
      {
        let first = maxPool2d(relu(conv2d($0, w1, bias: b1, padding: 2)), kernelSize: 2)
        return maxPool2d(relu(conv2d(first, w2, bias: b2, padding: 2)), kernelSize: 2)
      }
    ),
  ]
  // 28×28 in the middle of 96×96: neither the digit nor what is compared meets the border.
  let size = 96
  let images = digitsOnCanvas(digits, size: size, seed: seed)
  let steps = Array(0...8)
  var table = Table(
    "How far the maps are from any movement of themselves, as a share of their size",
    columns: ["moved by"] + layers.map(\.name))
  var gaps = [[Double]](repeating: [], count: layers.count)
  let progress = Progress("moving digits", total: layers.count * steps.count, unit: "movements")
  for (l, layer) in layers.enumerated() {
    let maps = withoutGradients { layer.run(Variable(images)).value }
    let scale = size / maps.shape[2]
    let inside = 16 / scale..<(size - 16) / scale
    for t in steps {
      let movedMaps = withoutGradients { layer.run(Variable(moved(images, right: t))).value }
      let gap = movementGap(maps, movedMaps, movedBy: t, inside: inside)
      gaps[l].append(gap)
      experiment.metrics["\(layer.key)_gap_\(t)"] = gap
      progress.update(l * steps.count + t + 1)
    }
  }
  progress.finish()
  for t in steps {
    let cells = gaps.map { percent($0[t]) }
    table.add("\(t)", cells[0], cells[1], cells[2], cells[3])
  }
  experiment.show(
    table,
    note:
      "\(digits) generated digits, filters initialised at random. 0 %: the maps have moved, and nothing else."
  )
  try experiment.write(
    LineChart(
      title: "What a movement of the digit does to the maps beyond moving them",
      subtitle: "\(digits) generated digits, moved to the right; filters initialised at random",
      x: Axis("movement", unit: "pixels"), y: Axis("left over", unit: "% of the maps' size"),
      series: zip(layers, gaps).map { layer, gaps in
        Series(layer.name, x: steps.map(Double.init), y: gaps.map { $0 * 100 })
      }),
    to: "strides.svg", "what stride and pooling leave of the movement")
}

/// A picture moved by some pixels under one filter, with zeros around it: padding breaks the movement at the border.
private func borders(_ experiment: inout Experiment) throws {
  let scene = Scene.drawn(width: 96, height: 72)
  let filter = HandMadeFilter.all.first { $0.name == "Sobel, horizontal" }!
  let t = 6
  func map(_ image: Tensor) -> Tensor {
    conv2d(image.reshaped([1, 1, 72, 96]), filter.kernel.reshaped([1, 1, 3, 3]), padding: 1).reshaped([
      72, 96,
    ])
  }
  let (found, hoped) = (map(moved(scene, right: t)), moved(map(scene), right: t))
  let columns = (0..<96).filter { j in (0..<72).contains { abs(found[$0, j] - hoped[$0, j]) > 1e-5 } }
  experiment.metrics["border_columns"] = Double(columns.count)
  experiment.metrics["border_moved_by"] = Double(t)
  try experiment.write(
    comparison(
      found, with: hoped, names: ("the map of the moved picture", "the moved map"),
      title: "Where the map does not move along",
      subtitle: """
        The Sobel filter on the drawn scene, moved to the right by \(t) pixels, with zeros around it. Columns that differ: \
        \(columns.map(String.init).joined(separator: ", ")) of 0–95
        """),
    to: "border.png", "the map of a moved picture, and the moved map")

  // Layer upon layer, the padding is felt farther inside. On an even picture the middle has one value.
  var table = Table(
    "How far the padding reaches: layers of 5×5 with padding 2 on an even picture of 28×28",
    columns: ["layers", "pixels from the border", "numbers that feel it"])
  var picture = Tensor(repeating: 1, shape: [1, 1, 28, 28])
  let mean = Tensor(repeating: 1 / 25, shape: [1, 1, 5, 5])
  for layers in 1...7 {
    picture = conv2d(picture, mean, padding: 2)
    let numbers = picture.scalars
    let felt = numbers.count { abs($0 - 1) > 1e-5 }
    let reach = (0..<14).filter { abs(numbers[14 * 28 + $0] - 1) > 1e-5 }.count
    table.add("\(layers)", "\(reach)", percent(Double(felt) / 784))
    experiment.metrics["padding_reach_\(layers)"] = Double(reach)
    experiment.metrics["padding_share_\(layers)"] = Double(felt) / 784
  }
  experiment.show(table)
}

/// Generated digits in the middle of larger, empty images: `[N, 1, size, size]`.
private func digitsOnCanvas(_ count: Int, size: Int, seed: UInt64) -> Tensor {
  let bytes = GeneratedDigits(seed: seed).images(at: 0..<count)
  let side = GeneratedDigits.side
  let corner = (size - side) / 2
  var images = Tensor.zeros([count, 1, size, size])
  for n in 0..<count {
    for i in 0..<side {
      for j in 0..<side {
        images[n, 0, corner + i, corner + j] = Float(bytes[(n * side + i) * side + j]) / 255
      }
    }
  }
  return images
}
