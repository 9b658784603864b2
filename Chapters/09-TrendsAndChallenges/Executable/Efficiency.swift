import ArgumentParser
import Chapter09TrendsAndChallenges
import Engine
import Workbench

struct Efficiency: ChapterExperiment {
  static let name = "efficiency"
  static let summary = "Full convolutions against depthwise-separable ones: accuracy, weights, work, time."
  static let details = """
    Trains small CNNs of growing width whose second convolution is full, or taken apart into one window for each \
    channel and a 1×1 convolution, and compares them where they read equally well.

    EXAMPLES
      trends efficiency
      trends efficiency --seeds 5
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 2; with --quick 1).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  struct Kind: Sendable {
    let channels: Int
    let isSeparable: Bool
    var key: String { "\(isSeparable ? "separable" : "full")_\(channels)" }
    func network() -> SeparableCNN { SeparableCNN(channels: channels, isSeparable: isSeparable) }
  }

  struct Row {
    let kind: Kind
    let accuracy: Spread
    let cost: ConvolutionCost
    /// Microseconds for reading one image.
    let time: Double
  }

  func run(_ experiment: inout Experiment) throws {
    let widths = common.scale.of(quick: [2], standard: [2, 4, 8, 16], full: [2, 4, 8, 16, 32])
    let images = common.scale.of(quick: 200, standard: 3_000, full: 20_000)
    let epochs = common.scale.of(quick: 1, standard: 3, full: 3)
    let seeds = seeds ?? common.scale.of(quick: 1, standard: 2, full: 5)
    print("Two kinds of convolution on \(grouped(images)) digits\n")
    showShares(&experiment)
    let kinds = [false, true].flatMap { isSeparable in
      widths.map { Kind(channels: $0, isSeparable: isSeparable) }
    }
    let jobs = kinds.flatMap { kind in (0..<seeds).map { (kind: kind, seed: common.seed &+ UInt64($0)) } }
    let accuracies = try sideBySide(
      "training \(jobs.count) networks", jobs, steps: images * epochs, unit: "images"
    ) { job, advance in
      let data = ImageData.generatedDigits(training: images, validation: 0, test: 1_000, seed: job.seed)
      var settings = TrainingSettings(epochs: epochs, batchSize: 32, learningRate: 3e-3, seed: job.seed)
      settings.schedule = .linear
      let run = TrainingRun(ImageClassification<SeparableCNN>(data), settings) { job.kind.network() }
      var seen = 0
      try run.finish { images in
        advance(images - seen)
        seen = images
      }
      return evaluate(run.model, on: data.test).accuracy
    }
    let rows = kinds.enumerated().map { i, kind in
      Row(
        kind: kind, accuracy: Spread(Array(accuracies[i * seeds..<(i + 1) * seeds])),
        cost: kind.network().cost,
        time: Self.microseconds(kind.network(), seconds: common.quick ? 0.05 : 0.4))
    }
    show(rows, seeds, &experiment)
    showEqual(rows, &experiment)
    try draw(rows, seeds, &experiment)
  }

  /// What taking apart saves, for layers of well-known sizes.
  private func showShares(_ experiment: inout Experiment) {
    var table = Table(
      "What taking a convolution apart leaves of its weights and of its work",
      columns: ["layer", "full", "separable", "share", "1/O + 1/K²"])
    for (name, c, o, k, places) in [
      ("conv2 of the article, 5×5, 32 → 64", 32, 64, 5, 196), ("3×3, 64 → 128", 64, 128, 3, 784),
      ("3×3, 512 → 512", 512, 512, 3, 196),
    ] {
      let full = ConvolutionCost.full(inChannels: c, outChannels: o, kernelSize: k, places: places)
      let apart = ConvolutionCost.separable(inChannels: c, outChannels: o, kernelSize: k, places: places)
      table.add(
        name, grouped(full.weights), grouped(apart.weights),
        percent(Double(apart.weights) / Double(full.weights)),
        percent(1 / Double(o) + 1 / Double(k * k)))
    }
    experiment.show(table)
    let (full, apart) = (
      ConvolutionCost.full(inChannels: 32, outChannels: 64, kernelSize: 5, places: 196),
      ConvolutionCost.separable(inChannels: 32, outChannels: 64, kernelSize: 5, places: 196)
    )
    experiment.metrics["article.full_weights"] = Double(full.weights)
    experiment.metrics["article.separable_weights"] = Double(apart.weights)
    experiment.metrics["article.share"] = Double(apart.flops) / Double(full.flops)
  }

  /// Microseconds for reading one of 64 images: the shortest of several tries.
  private static func microseconds(_ model: SeparableCNN, seconds: Double) -> Double {
    let images = Variable(Tensor.zeros([64, 1, 28, 28]))
    var best = Double.infinity
    let watch = Stopwatch()
    repeat {
      let once = Stopwatch()
      _ = withoutGradients { model(images) }.value
      best = min(best, once.seconds)
    } while watch.seconds < seconds
    return best / 64 * 1e6
  }

  private func show(_ rows: [Row], _ seeds: Int, _ experiment: inout Experiment) {
    var table = Table(
      "The second convolution full and taken apart",
      columns: [
        "second convolution", "channels", "its weights", "its kFLOP", "read correctly", "µs an image",
      ])
    for row in rows {
      table.add(
        row.kind.isSeparable ? "separable" : "full", "\(row.kind.channels) → \(2 * row.kind.channels)",
        grouped(row.cost.weights), grouped(row.cost.flops / 1_000), row.accuracy.percentText(),
        fixed(row.time, 1))
      experiment.metrics["\(row.kind.key).accuracy"] = row.accuracy.mean
      experiment.metrics["\(row.kind.key).weights"] = Double(row.cost.weights)
      experiment.metrics["\(row.kind.key).microseconds"] = row.time
    }
    experiment.metrics["seeds"] = Double(seeds)
    experiment.show(
      table,
      note:
        "mean ± deviation of \(counted(seeds, "network")); the time is that of the whole network, 64 images at once"
    )
  }

  /// The smallest network of each kind that reads so much.
  private func showEqual(_ rows: [Row], _ experiment: inout Experiment) {
    let best = [false, true].compactMap { kind in
      rows.filter { $0.kind.isSeparable == kind }.map(\.accuracy.mean).max()
    }
    // What both kinds can do, in half percents.
    let reachable = ((best.min() ?? 0) * 200).rounded(.down) / 200
    var table = Table(
      "The cheapest network of each kind that reads so many",
      columns: ["read at least", "second convolution", "channels", "its weights", "its kFLOP", "µs an image"])
    for (name, target) in [("most", reachable), ("less", reachable - 0.02)] {
      for isSeparable in [false, true] {
        let kind = isSeparable ? "separable" : "full"
        guard
          let row = rows.filter({ $0.kind.isSeparable == isSeparable && $0.accuracy.mean >= target })
            .min(by: { $0.cost.flops < $1.cost.flops })
        else { continue }
        table.add(
          percent(target), kind, "\(row.kind.channels) → \(2 * row.kind.channels)", grouped(row.cost.weights),
          grouped(row.cost.flops / 1_000), fixed(row.time, 1))
        experiment.metrics["equal_\(name).\(kind)_weights"] = Double(row.cost.weights)
        experiment.metrics["equal_\(name).\(kind)_microseconds"] = row.time
      }
      experiment.metrics["equal_\(name).accuracy"] = target
    }
    experiment.show(table)
  }

  private func draw(_ rows: [Row], _ seeds: Int, _ experiment: inout Experiment) throws {
    let series = [false, true].map { isSeparable in
      let own = rows.filter { $0.kind.isSeparable == isSeparable }
      return Series(
        isSeparable ? "depthwise-separable" : "full", x: own.map { Double($0.cost.flops) / 1e6 },
        y: own.map { $0.accuracy.mean * 100 }, low: own.map { $0.accuracy.values.min()! * 100 },
        high: own.map { $0.accuracy.values.max()! * 100 }, labels: own.map { "\($0.kind.channels)" })
    }
    try experiment.write(
      LineChart(
        title: "Full and depthwise-separable convolutions",
        subtitle: "Beside each point: channels that go in. Mean of \(counted(seeds, "network")).",
        x: Axis("work of the second convolution", unit: "MFLOP an image", isLogarithmic: true),
        y: Axis("digits read", unit: "%"), series: series),
      to: "efficiency.svg", "accuracy against work")
  }
}
