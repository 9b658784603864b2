import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Depths: ChapterExperiment {
  static let name = "depth"
  static let summary =
    "Deeper and deeper networks, with and without batch norm, with and without skip connections."
  static let details = """
    Two figures for each network: the gradient at its first layer before training, and what it reads after a short \
    training with Adam, all with the same learning rate.

    EXAMPLES
      train-cnn depth
      train-cnn depth --images 4000 --epochs 5 --seeds 3
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  /// Measures gradients in networks of several depths, then trains them.
  func run(_ experiment: inout Experiment) throws {
    let usual = common.scale.of(
      quick: ComparisonOptions.Sizes(images: 100, epochs: 1, seeds: 2, heldOut: 200),
      standard: ComparisonOptions.Sizes(images: 400, epochs: 4, seeds: 2, heldOut: 500),
      full: ComparisonOptions.Sizes(images: 1_000, epochs: 5, seeds: 4, heldOut: 1_000))
    let sizes = options.sizes(common, usual: usual, quick: usual)
    let data = try options.load(common, sizes)
    let depths = common.scale.of(quick: [2, 8], standard: [2, 8, 20], full: [2, 8, 20, 40])
    print(
      """
      Deep networks on \(data.source): \(counted(sizes.epochs, "epoch")) of \(grouped(data.training.count)) images, \
      \(counted(sizes.seeds, "seed"))

      """)
    try measureGradients(data, depths, sizes.seeds, &experiment)
    try train(data, depths, sizes, &experiment)
    experiment.metrics["seeds"] = Double(sizes.seeds)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["training_images"] = Double(data.training.count)
    experiment.metrics["test_images"] = Double(data.test.count)
    experiment.metrics["deepest"] = Double(depths.last!)
  }

  private func measureGradients(
    _ data: ImageData, _ depths: [Int], _ seeds: Int, _ experiment: inout Experiment
  ) throws {
    let (images, labels) = data.training.batch(0..<min(64, data.training.count))
    /// The norms of the gradients of the first layer and of each block's first convolution.
    func norms(_ design: DeepDesign, _ depth: Int, seed: UInt64) -> [Double] {
      let model = withRandomSource(RandomSource(seed: seed)) {
        DeepCNN(convolutions: depth, channels: 8, design: design)
      }
      crossEntropy(model(Variable(images)), labels).backward()
      return ([model.first] + model.blocks.map(\.conv1)).map { gradientNorm(of: [$0.weight]) }
    }
    var table = Table(
      "The norm of the gradient at the first layer, before training",
      columns: ["convolutions of 3×3"] + DeepDesign.allCases.map(\.name))
    var series: [Series] = []
    for depth in depths {
      let runs = DeepDesign.allCases.map { design in
        (0..<seeds).map { norms(design, depth, seed: common.seed + UInt64($0)) }
      }
      let means = runs.map { runs in Spread(runs.map { $0[0] }).mean }
      table.add(["\(depth)"] + means.map { readable($0, digits: 2) })
      for (design, mean) in zip(DeepDesign.allCases, means) {
        experiment.metrics["\(design)_\(depth)_gradient"] = mean
      }
      if depth == depths.last {
        series = zip(DeepDesign.allCases, runs).map { design, runs in
          Series(design.name, x: (1...depth / 2).map(Double.init), runs: runs.map { Array($0.dropFirst()) })
        }
      }
    }
    experiment.show(
      table, note: "Mean of \(counted(seeds, "seed")), for one batch of \(labels.shape[0]) images.")
    try experiment.write(
      LineChart(
        title: "Gradients along a network of \(depths.last!) convolutions, before training",
        subtitle:
          "norm of the gradient of each block's first convolution; mean of \(counted(seeds, "seed")), bands from the lowest "
          + "to the highest",
        x: Axis("block, from the image on"), y: Axis("norm", isLogarithmic: true), series: series),
      to: "gradients.svg", "how large the gradients are, block by block")
  }

  private func train(
    _ data: ImageData, _ depths: [Int], _ sizes: ComparisonOptions.Sizes,
    _ experiment: inout Experiment
  ) throws {
    let perRun = sizes.epochs * data.training.count
    // Deeper networks take longer: what is counted is layers.
    let layers = DeepDesign.allCases.count * depths.reduce(0) { $0 + $1 + 1 }
    let progress = Progress("depth", total: perRun * sizes.seeds * layers, unit: "images × layers")
    var seen = 0
    func finished(_ design: DeepDesign, _ depth: Int, seed: UInt64) throws
      -> TrainingRun<ImageClassification<DeepCNN>>?
    {
      defer { seen += perRun * (depth + 1) }
      var settings = TrainingSettings.cnn
      // Small batches, so that few images make enough steps.
      (settings.epochs, settings.batchSize, settings.seed) = (sizes.epochs, 16, seed)
      settings.learningRate = 3e-3
      let run = TrainingRun(ImageClassification<DeepCNN>(training: data.training), settings) {
        DeepCNN(convolutions: depth, channels: 8, design: design)
      }
      do {
        try run.finish {
          progress.update(seen + $0 * (depth + 1), note: "\(depth) convolutions, \(design.name)")
        }
      } catch is LossIsNotFinite { return nil }
      return run
    }

    var (losses, accuracies) = (
      Table(
        "Training loss of the last epoch", columns: ["convolutions of 3×3"] + DeepDesign.allCases.map(\.name)),
      Table(
        "Test digits read correctly", columns: ["convolutions of 3×3"] + DeepDesign.allCases.map(\.name))
    )
    var shares = [[[Double]]](repeating: [], count: DeepDesign.allCases.count)
    for depth in depths {
      var (lossCells, accuracyCells) = (["\(depth)"], ["\(depth)"])
      for (k, design) in DeepDesign.allCases.enumerated() {
        let runs = try (0..<sizes.seeds).map {
          try finished(design, depth, seed: common.seed + UInt64($0))
        }
        let ended = runs.compactMap { $0 }
        let accuracy = Spread(runs.map { $0.map { evaluate($0.model, on: data.test).accuracy } ?? 0.1 })
        shares[k].append(accuracy.values)
        lossCells.append(
          ended.isEmpty ? "infinite" : Spread(ended.map { $0.history.last!.training.loss }).text(2))
        accuracyCells.append(accuracy.percentText(1))
        experiment.metrics["\(design)_\(depth)_accuracy"] = accuracy.mean
        experiment.metrics["\(design)_\(depth)_accuracy_deviation"] = accuracy.deviation
        experiment.metrics["\(design)_\(depth)_loss"] =
          ended.isEmpty ? nil : Spread(ended.map { $0.history.last!.training.loss }).mean
      }
      losses.add(lossCells)
      accuracies.add(accuracyCells)
    }
    progress.finish()
    let note =
      "Mean ± standard deviation over \(counted(sizes.seeds, "seed")); all with Adam and the same learning rate."
    experiment.show(losses, note: note)
    experiment.show(accuracies, note: note)
    try experiment.write(
      LineChart(
        title: "What networks of several depths read",
        subtitle:
          "mean of \(counted(sizes.seeds, "seed")); the bands reach from the lowest run to the highest",
        x: Axis("convolutions of 3×3", isLogarithmic: true),
        y: Axis("digits read correctly", unit: "%", range: 0...100),
        series: DeepDesign.allCases.enumerated().map { k, design in
          Series(
            design.name, x: depths.map(Double.init),
            runs: (0..<sizes.seeds).map { seed in shares[k].map { $0[seed] * 100 } })
        }), to: "accuracy.svg", "the share of test digits read correctly, by depth")
  }
}
