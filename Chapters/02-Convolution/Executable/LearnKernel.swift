import ArgumentParser
import Chapter02Convolution
import Engine
import Workbench

struct LearnKernel: ChapterExperiment {
  static let name = "learn-kernel"
  static let summary = "A kernel learned from an image and from what a filter made of it."
  static let details = """
    EXAMPLES
      convolution learn-kernel
      convolution learn-kernel --seed 2
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try learnKernel(seed: common.seed, &experiment)
  }
}

/// An image that the kernel is learned from, with its learning rate and what came of it.
private struct LearnedKernel {
  let key: String
  let name: String
  let learningRate: Double
  /// Before the first step, and after each.
  var losses: [Double]
  /// The kernel, by the number of steps.
  var kernels: [Int: [[Double]]]
}

/// Learns the horizontal Sobel kernel from three images: the less alike neighbouring pixels are, the faster it goes.
func learnKernel(seed: UInt64, _ experiment: inout Experiment) throws {
  let (side, steps) = (32, 100)
  let shown = [0, 1, 2, 5, 10, 100]
  let sobel = rows(HandMadeFilter.all.first { $0.name == "Sobel, horizontal" }!.kernel)
  var random = RandomStream(seed: seed)
  let noise = random.uniform(-1..<1, shape: [side, side])
  let images: [(key: String, name: String, image: Tensor)] = [
    ("noise", "noise from −1 to 1", noise), ("bright", "noise from 0 to 1", (noise + 1) / 2),
    ("scene", "the drawn scene", Scene.drawn(width: 40, height: 30)),
  ]
  print("Learning the horizontal Sobel kernel from what it makes of an image\n")

  var learned: [LearnedKernel] = []
  for (key, name, image) in images {
    let start = KernelFromData(image: rows(image), filter: sobel)
    let rate = bestRate(start, steps: 40)
    var (task, losses, kernels) = (start, [start.loss], [0: start.kernel])
    for step in 1...steps {
      task.step(learningRate: rate)
      losses.append(task.loss)
      if shown.contains(step) { kernels[step] = task.kernel }
    }
    learned.append(
      LearnedKernel(key: key, name: name, learningRate: rate, losses: losses, kernels: kernels))
  }

  var table = Table(
    "The loss as a share of that before the first step",
    columns: ["image", "learning rate", "after 1 step", "2", "5", "10", "100", "worst weight after 10"])
  for one in learned {
    let worst = zip(one.kernels[10]!.joined(), sobel.joined()).map { abs($0 - $1) }.max()!
    let shares = shown.dropFirst().map { one.losses[$0] / one.losses[0] }
    table.add([one.name, readable(one.learningRate)] + shares.map { percent($0, 2) } + [fixed(worst, 2)])
    experiment.metrics["\(one.key).rate"] = one.learningRate
    experiment.metrics["\(one.key).worst_10"] = worst
    for (step, share) in zip(shown.dropFirst(), shares) {
      experiment.metrics["\(one.key).share_\(step)"] = share
    }
  }
  experiment.metrics["steps"] = Double(steps)
  experiment.show(table, note: "The worst weight is the one farthest from that of the Sobel kernel.")
  try experiment.write(
    mapTable(
      learned.map { one in
        MapRow(
          one.name,
          shown.map { Tensor(one.kernels[$0]!.map { $0.map { Float(($0 * 10).rounded() / 10) } }) }
            + [Tensor(sobel.map { $0.map { Float($0) } })],
          quantity: "weight", colorMap: .blueWhiteRed, range: -2...2)
      }, columns: shown.map { $0 == 1 ? "1 step" : "\($0) steps" } + ["Sobel"],
      title: "A kernel, as it is learned",
      subtitle: "Gradient descent from zeros; blue is negative, red positive.",
      cellSize: 114, showsValues: true),
    to: "kernels.png", "the kernel after so many steps")
  try experiment.write(
    LineChart(
      title: "The loss, step by step",
      subtitle: "as a share of that before the first step; to learn a 3×3 kernel",
      x: Axis("step"), y: Axis("loss", isLogarithmic: true, range: 1e-8...1),
      series: learned.map { one in
        let shares = one.losses[...30].map { $0 / one.losses[0] }.prefix { $0 > 1e-8 }
        return Series(
          "\(one.name), learning rate \(readable(one.learningRate))", x: shares.indices.map(Double.init),
          y: Array(shares))
      }),
    to: "losses.svg", "the loss after every step")
}

/// The learning rate, of powers of two, with which the loss is lowest after so many steps.
private func bestRate(_ start: KernelFromData, steps: Int) -> Double {
  func lossAtEnd(_ rate: Double) -> Double {
    var task = start
    for _ in 0..<steps { task.step(learningRate: rate) }
    return task.loss.isFinite ? task.loss : .infinity
  }
  let rates: [Double] = (-4...2).map { Double(sign: .plus, exponent: $0, significand: 1) }
  let losses = rates.map(lossAtEnd)
  return rates[losses.indices.min { losses[$0] < losses[$1] }!]
}

/// A picture as rows of numbers.
private func rows(_ image: Tensor) -> [[Double]] {
  (0..<image.shape[0]).map { i in
    let row: [Float] = (0..<image.shape[1]).map { j in image[i, j] }
    return row.map(Double.init)
  }
}
