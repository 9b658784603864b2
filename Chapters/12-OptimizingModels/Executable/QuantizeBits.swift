import Chapter07TrainingACNN
import Engine
import Workbench

extension Quantize {
  /// Fewer bits, with and without training: rounded in floats, as the eight bits' training sees them.
  func showBits(_ models: TrainedModels, _ common: CommonOptions, _ experiment: inout Experiment) throws {
    let bits = common.scale.of(quick: [8, 3], standard: [8, 4, 3, 2], full: [8, 6, 5, 4, 3, 2])
    let seeds = common.scale.of(quick: 1, standard: 2, full: 3)
    let images = common.scale.of(quick: 300, standard: 3_000, full: 6_000)
    let epochs = common.scale.of(quick: 1, standard: 1, full: 2)
    let training = ImagePart(models.digits.training.set, models.digits.training.indices.prefix(images))
    struct Job: Sendable {
      let bits: Int
      let seed: UInt64
    }
    let state = models.cnn.state
    let test = models.digits.test
    let jobs = bits.flatMap { bits in (0..<seeds).map { Job(bits: bits, seed: common.seed &+ UInt64($0)) } }
    let outcomes = try sideBySide(
      "training with rounded numbers", jobs, steps: images * epochs, unit: "images"
    ) { job, advance in
      func rounded() throws -> (CNN, RoundedTraining) {
        let model = CNN()
        try model.load(state)
        return (model, RoundedTraining(of: model, bits: job.bits))
      }
      // As it is: the ranges are those of one batch of what it learned from.
      let (plain, watching) = try rounded()
      plain.evaluate()
      _ = withoutGradients {
        plain(Variable(training.batch(0..<min(images, 500)).images)).value
      }
      let before = evaluate(plain, on: test).accuracy
      watching.end()

      var settings = TrainingSettings.cnn
      (settings.epochs, settings.learningRate, settings.seed) = (epochs, 3e-4, job.seed)
      var rounding: RoundedTraining?
      let run = TrainingRun(ImageClassification<CNN>(training: training), settings) {
        let (model, roundedTraining) = try! rounded()
        rounding = roundedTraining
        return model
      }
      var seen = 0
      try run.finish { images in
        advance(images - seen)
        seen = images
      }
      let after = evaluate(run.model, on: test).accuracy
      rounding?.end()
      return (before: before, after: after)
    }
    var table = Table(
      "The article's CNN with fewer bits",
      columns: ["bits", "numbers of a weight", "only rounded", "trained so"])
    var (only, trained): ([[Double]], [[Double]]) = ([], [])
    for (i, bits) in bits.enumerated() {
      let mine = outcomes[i * seeds..<(i + 1) * seeds]
      let (before, after) = (Spread(mine.map(\.before)), Spread(mine.map(\.after)))
      table.add(
        "\(bits)", "\((1 << bits) - 1)", percent(before.mean, 2), after.percentText(2))
      only.append(before.values)
      trained.append(after.values)
      experiment.metrics["bits.\(bits).rounded_accuracy"] = before.mean
      experiment.metrics["bits.\(bits).trained_accuracy"] = after.mean
      experiment.metrics["bits.\(bits).trained_deviation"] = after.deviation
    }
    experiment.metrics["bits.seeds"] = Double(seeds)
    experiment.metrics["bits.images"] = Double(images)
    experiment.show(
      table,
      note: "weights and inputs; trained on \(grouped(images)) digits, \(counted(epochs, "epoch")) more, "
        + "\(counted(seeds, "seed"))")
    let x = bits.map { Double($0) }
    func runs(_ values: [[Double]]) -> [[Double]] {
      (0..<seeds).map { seed in values.map { $0[seed] * 100 } }
    }
    try experiment.write(
      LineChart(
        title: "Fewer bits",
        subtitle:
          "weights and inputs of the article's CNN; \(counted(seeds, "seed")), the band from the lowest to the highest",
        x: Axis("bits"), y: Axis("digits read", unit: "%"),
        series: [
          Series("trained so", x: x, runs: runs(trained)), Series("only rounded", x: x, runs: runs(only)),
        ]),
      to: "bits.svg", "accuracy by the number of bits")
  }
}
