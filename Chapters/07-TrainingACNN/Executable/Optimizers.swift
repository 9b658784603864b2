import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Optimizers: ChapterExperiment {
  static let name = "optimizers"
  static let summary = "SGD, momentum, Nesterov, RMSProp, Adam and AdamW on the same network and data."
  static let details = """
    Each optimiser first looks for its own learning rate: the mean loss of two runs on the validation part. Then it \
    trains from several other seeds with that rate, and is judged by the test part.

    EXAMPLES
      train-cnn optimizers
      train-cnn optimizers --images 10000 --epochs 5 --seeds 8
      train-cnn optimizers --data ~/mnist --split 8000
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  /// Trains with every optimiser, each at its own best learning rate, from several seeds.
  func run(_ experiment: inout Experiment) throws {
    let isShort = experiment.isPartOfAll && !common.full
    let sizes = options.sizes(
      common, usual: .init(images: isShort ? 1_000 : 1_500, epochs: 2, seeds: 3, heldOut: 1_000),
      quick: .init(images: 256, epochs: 1, seeds: 2, heldOut: 200))
    let data = try options.load(common, sizes)
    print(
      """
      Six optimisers on \(data.source): \(sizes.epochs) \(sizes.epochs == 1 ? "epoch" : "epochs") of \
      \(grouped(data.training.count)) images, \(sizes.seeds) \(sizes.seeds == 1 ? "seed" : "seeds")

      """)
    let choices = OptimizerChoice.allCases
    let perRun = sizes.epochs * data.training.count
    let progress = Progress("optimisers", total: choices.count * (7 + sizes.seeds) * perRun, unit: "images")
    var seen = 0
    func train(_ choice: OptimizerChoice, _ rate: Double, seed: UInt64) throws -> TimedRun {
      var settings = TrainingSettings.cnn
      (settings.epochs, settings.seed) = (sizes.epochs, seed)
      (settings.optimizer, settings.learningRate) = (choice, rate)
      defer { seen += perRun }
      return try TimedRun(settings, on: data) {
        progress.update(
          min(seen + $0, choices.count * (7 + sizes.seeds) * perRun),
          note: "\(choice.name), learning rate \(rate)")
      }
    }

    let searchSeeds = common.quick ? [common.seed] : [common.seed, common.seed + 1]
    var sweeps: [LearningRateSweep] = []
    var runs: [[TimedRun]] = []
    for choice in choices {
      // Short runs want larger steps than the usual ones.
      let sweep = try LearningRateSweep(around: 3 * choice.learningRate, most: common.quick ? 3 : 7) { rate in
        do {
          // Two runs, so that none is chosen that works by luck.
          let losses = try searchSeeds.map { try train(choice, rate, seed: $0).validationLoss }
          return losses.reduce(0, +) / Double(losses.count)
        } catch is LossIsNotFinite {
          return .infinity
        }
      }
      sweeps.append(sweep)
      // Other seeds than the search's, so that its luck does not count.
      runs.append(
        try (1...sizes.seeds).map {
          try train(choice, sweep.best.rate, seed: searchSeeds.last! + UInt64($0))
        })
    }
    progress.finish()

    var table = Table(
      "Each optimiser at its own learning rate",
      columns: [
        "optimiser", "learning rate", "right", "test loss", "training step", "the optimiser's part",
        "kept per weight",
      ])
    for (k, choice) in choices.enumerated() {
      let accuracy = Spread(runs[k].map(\.test.accuracy))
      let loss = Spread(runs[k].map(\.test.loss))
      let step = Spread(runs[k].map { $0.secondsPerStep * 1e3 })
      let own = secondsPerStep(of: choice, on: data) * 1e3
      let kept = choice.numbersKeptPerWeight
      table.add(
        choice.name, "\(sweeps[k].best.rate)", accuracy.percentText(2), loss.text(4), step.text(2) + " ms",
        fixed(own, 2) + " ms", "\(kept)")
      let key = choice.rawValue
      experiment.metrics["\(key)_learning_rate"] = sweeps[k].best.rate
      experiment.metrics["\(key)_accuracy"] = accuracy.mean
      experiment.metrics["\(key)_accuracy_deviation"] = accuracy.deviation
      experiment.metrics["\(key)_loss"] = loss.mean
      experiment.metrics["\(key)_loss_deviation"] = loss.deviation
      experiment.metrics["\(key)_step_ms"] = step.mean
      experiment.metrics["\(key)_own_ms"] = own
      experiment.metrics["\(key)_kept_per_weight"] = Double(kept)
    }
    experiment.show(
      table,
      note:
        "Mean ± standard deviation over \(sizes.seeds) seeds; learning rates chosen on the validation part."
    )
    experiment.metrics["seeds"] = Double(sizes.seeds)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["training_images"] = Double(data.training.count)
    experiment.metrics["test_images"] = Double(data.test.count)

    let steps = runs[0][0].batchLosses.count
    let bins = curveBins(steps)
    try experiment.write(
      LineChart(
        title: "Training loss, step by step",
        subtitle:
          "mean of \(sizes.seeds) seeds, smoothed over \(bins[0].count) steps; the bands reach from the lowest run to "
          + "the highest",
        x: Axis("step"), y: Axis("loss", isLogarithmic: true),
        series: choices.indices.map { k in
          Series(
            "\(choices[k].name), \(sweeps[k].best.rate)", x: bins.map { Double($0.upperBound) },
            runs: runs[k].map { run in bins.map { run.meanLoss($0) } }, isDashed: choices[k].liesOnAnother)
        }), to: "learning-curves.svg", "how fast the loss falls with each optimiser")
    try experiment.write(
      LineChart(
        title: "The search for a learning rate",
        subtitle:
          "validation loss at the end of \(searchSeeds.count == 1 ? "one run" : "two runs, their mean") for each rate",
        x: Axis("learning rate", isLogarithmic: true), y: Axis("loss", isLogarithmic: true),
        series: choices.indices.map { k in
          Series(
            choices[k].name, x: sweeps[k].tried.map(\.rate), y: sweeps[k].tried.map(\.loss),
            isDashed: choices[k].liesOnAnother)
        }), to: "learning-rates.svg", "how much each depends on its learning rate")
  }
}

extension OptimizerChoice {
  /// In so few steps weight decay changes next to nothing: AdamW's line is broken, for Adam's to be seen below it.
  fileprivate var liesOnAnother: Bool { self == .adamw }
}

/// Equal stretches of the steps, about two dozen.
private func curveBins(_ steps: Int) -> [Range<Int>] {
  let size = max(1, steps / 24)
  return stride(from: 0, to: steps, by: size).map { $0..<min(steps, $0 + size) }
}

/// A training that was watched closely: each step's loss, and how long the steps took.
private struct TimedRun {
  let test: Evaluation
  let validationLoss: Double
  let batchLosses: [Double]
  let secondsPerStep: Double

  init(_ settings: TrainingSettings, on data: ImageData, onBatch: (Int) -> Void) throws {
    let run = CNNRun(settings, on: data)
    var losses: [Double] = []
    var seconds = 0.0
    while !run.isFinished {
      let before = run.history.count * data.training.count
      let watch = Stopwatch()
      try run.nextEpoch { progress in
        losses.append(progress.batchLoss)
        // Without the look at the validation part, which comes after the last batch.
        if progress.batch == progress.batches { seconds += watch.seconds }
        onBatch(before + progress.examples)
      }
    }
    batchLosses = losses
    secondsPerStep = seconds / Double(losses.count)
    validationLoss = run.history.last!.validation!.loss
    test = evaluate(run.model, on: data.test)
  }

  func meanLoss(_ steps: Range<Int>) -> Double {
    batchLosses[steps].reduce(0, +) / Double(steps.count)
  }
}

/// How long one call of `step` takes, gradients being there: the median of many.
private func secondsPerStep(of choice: OptimizerChoice, on data: ImageData) -> Double {
  let model = CNN()
  let (images, labels) = data.training.batch(0..<min(64, data.training.count))
  crossEntropy(model(Variable(images)), labels).backward()
  let optimizer = choice.make(for: model.parameters, learningRate: 1e-6)
  let times = (0..<41).map { _ in
    let watch = Stopwatch()
    optimizer.step()
    return watch.seconds
  }
  return times.sorted()[times.count / 2]
}
