import Chapter12OptimizingModels
import Engine
import Workbench

/// Han and others' LeNet-300-100: 8, 9 and 26 % of the three layers' weights are kept, and learn on at a tenth of the
/// rate.
struct HanProtocol {
  /// Table 3 of the paper.
  static let kept = [0.08, 0.09, 0.26]
  static let rounds = 4

  struct Outcome: Sendable {
    /// Thresholds in standard deviations of the layers.
    let qualities: [Double]
    let masks: [Tensor]
    let before: Double
    let after: Double
    /// Weights that have come back where no mask is applied after the step.
    let back: Double
  }

  let networks: [TrainedPerceptron]
  let epochsPerRound: Int

  init(_ networks: [TrainedPerceptron], epochsPerRound: Int) {
    (self.networks, self.epochsPerRound) = (networks, epochsPerRound)
  }

  func run(_ experiment: inout Experiment) throws {
    let outcomes = try sideBySide(
      "8, 9 and 26 % kept", networks, steps: (Self.rounds * epochsPerRound + 1) * networks[0].images,
      unit: "images"
    ) { network, advance in try outcome(network, advance) }
    print("")
    showLayers(outcomes, &experiment)
    showErrors(outcomes, &experiment)
    try draw(outcomes[0].masks[0], &experiment)
  }

  private func outcome(_ network: TrainedPerceptron, _ advance: (Int) -> Void) throws -> Outcome {
    let model = network.model
    let qualities = zip(model.weights, Self.kept).map { weight, kept in
      Double(quality(of: weight.value.scalars, amount: 1 - kept) as Float)
    }
    let untrained = network.model
    for (weight, kept) in zip(untrained.weights, Self.kept) {
      weight.value = weight.value * magnitudeMask(of: weight.value, amount: 1 - kept)
    }
    let before = network.accuracy(of: untrained)
    var pruning = Pruning()
    for round in 1...Self.rounds {
      pruning = Pruning()
      for (weight, kept) in zip(model.weights, Self.kept) {
        let amount = PruningSchedule.geometric.sparsity(after: round, of: Self.rounds, to: 1 - kept)
        pruning.add(weight, mask: magnitudeMask(of: weight.value, amount: amount))
      }
      try network.retrain(model, epochs: epochsPerRound, holding: pruning, advance)
    }
    let after = network.accuracy(of: model)
    let masks = pruning.masks.map(\.mask)
    // Once more, and nobody holds the pruned weights.
    try network.retrain(model, epochs: 1, advance)
    let gone = zip(masks, model.weights).flatMap { mask, weight -> [Float] in
      zip(mask.scalars, weight.value.scalars).compactMap { kept, number in kept == 0 ? number : nil }
    }
    return Outcome(
      qualities: qualities, masks: masks, before: before, after: after,
      back: Double(gone.count { $0 != 0 }) / Double(gone.count))
  }

  private func showLayers(_ outcomes: [Outcome], _ experiment: inout Experiment) {
    var table = Table(
      "LeNet-300-100, 12 times smaller", columns: ["layer", "weights", "kept", "share", "threshold"])
    var (all, left) = (0, 0)
    for (i, mask) in outcomes[0].masks.enumerated() {
      let kept = Int(mask.sum())
      (all, left) = (all + mask.count, left + kept)
      let quality = Spread(outcomes.map { $0.qualities[i] })
      table.add(
        "fc\(i + 1), \(mask.shape[1]) → \(mask.shape[0])", grouped(mask.count), grouped(kept),
        percent(Double(kept) / Double(mask.count), 0), quality.text(2) + " σ")
      experiment.metrics["han.quality_fc\(i + 1)"] = quality.mean
    }
    table.add("all", grouped(all), grouped(left), percent(Double(left) / Double(all)), "")
    experiment.metrics["han.weights"] = Double(all)
    experiment.metrics["han.kept"] = Double(left)
    experiment.metrics["han.times"] = Double(all) / Double(left)
    experiment.show(
      table,
      note:
        "threshold: below it a weight of the trained network would go, in standard deviations of its layer")
  }

  private func showErrors(_ outcomes: [Outcome], _ experiment: inout Experiment) {
    let dense = Spread(networks.map { 1 - $0.accuracy })
    let before = Spread(outcomes.map { 1 - $0.before })
    let after = Spread(outcomes.map { 1 - $0.after })
    let change = Spread(zip(outcomes, networks).map { $0.1.accuracy - $0.0.after })
    var table = Table(
      "Digits misread, 1 of 12 weights kept", columns: ["network", "here", "Han and others, MNIST"])
    table.add("all weights", dense.percentText(), "1.64 %")
    table.add("pruned, nothing learned again", before.percentText(), "")
    table.add("pruned in \(Self.rounds) rounds, learned again", after.percentText(), "1.59 %")
    table.add("change", Spread(change.values.map { $0 * 100 }).text(1) + " points", "−0.05 points")
    experiment.metrics["han.error"] = dense.mean
    experiment.metrics["han.error_before"] = before.mean
    experiment.metrics["han.error_after"] = after.mean
    experiment.metrics["han.change"] = change.mean
    experiment.metrics["han.change_deviation"] = change.deviation
    experiment.metrics["han.back"] = Spread(outcomes.map(\.back)).mean
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(networks.count, "network")). Without a mask after the step, one more epoch brings \
        \(percent(experiment.metrics["han.back"]!)) of the
          pruned weights back
        """)
  }

  /// Where the weights of the first layer are left, as a matrix and summed over the units.
  private func draw(_ mask: Tensor, _ experiment: inout Experiment) throws {
    try experiment.write(
      heatMap(
        mask, rowTitle: "the 300 units", columnTitle: "the 784 pixels, row after row of the image",
        title: "What is left of the first layer",
        subtitle: "White: a weight that was kept. 28 bands, one for each row of pixels.", quantity: "kept",
        colorMap: .gray, range: 0...1),
      to: "surviving-weights.png", "which weights of the first layer are left")
    let perPixel = mask.sum(axis: 0).reshaped([28, 28])
    try experiment.write(
      heatMap(
        perPixel, title: "How many units still look at each pixel",
        subtitle: "Of 300. Darkest: pixels that no unit reads any more.", quantity: "weights"),
      to: "weights-per-pixel.png", "how many weights each pixel has kept")
    let box = (4..<24).reduce(0.0) { sum, i in (4..<24).reduce(sum) { $0 + Double(perPixel[i, $1]) } }
    experiment.metrics["han.in_box"] = box / Double(mask.sum())
    let empty = perPixel.scalars.count { $0 == 0 }
    experiment.metrics["han.pixels_unread"] = Double(empty)
  }
}
