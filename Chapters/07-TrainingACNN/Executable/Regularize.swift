import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Regularize: ChapterExperiment {
  static let name = "regularize"
  static let summary =
    "Very few images: what dropout, weight decay and batch norm are worth against memorising."
  static let details = """
    Each method first looks for its own strength, by the validation loss. Then all train from the same seeds: each seed \
    has its own few images and its own first weights, which all methods share, so that they can be compared seed by seed.

    EXAMPLES
      train-cnn regularize
      train-cnn regularize --images 400 --epochs 30 --seeds 12
      train-cnn regularize --data ~/mnist --split 8000
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  /// Trains on few images with each method, from several seeds.
  func run(_ experiment: inout Experiment) throws {
    let usual = common.scale.of(
      quick: ComparisonOptions.Sizes(images: 60, epochs: 3, seeds: 2, heldOut: 200),
      standard: ComparisonOptions.Sizes(images: 100, epochs: 12, seeds: 3, heldOut: 500),
      full: ComparisonOptions.Sizes(images: 100, epochs: 25, seeds: 6, heldOut: 2_000))
    let sizes = options.sizes(common, usual: usual, quick: usual)
    let searches = common.full ? 2 : 1
    // Of each seed its own images, and twice as many for the yardstick.
    var pool = sizes
    pool.images = 2 * sizes.images * (sizes.seeds + searches)
    let data = try options.load(common, pool)
    print(
      """
      Regularisation on \(data.source): \(counted(sizes.epochs, "epoch")) of \(grouped(sizes.images)) images, \
      \(counted(sizes.seeds, "seed"))

      """)

    let methods = RegularizationMethod.all
    let trials = methods.reduce(0) { $0 + ($1.strengths.count > 1 ? searches * $1.strengths.count : 0) }
    let perRun = sizes.epochs * sizes.images
    let progress = Progress(
      "regularisation", total: perRun * (trials + sizes.seeds * (methods.count + 1)), unit: "images")
    var seen = 0
    func train(_ method: RegularizationMethod, _ strength: Double, number: Int) throws -> RegularizedRun {
      defer { seen += perRun * method.imageFactor }
      return try RegularizedRun(
        method, strength: strength, number: number, images: sizes.images, epochs: sizes.epochs,
        seed: common.seed + UInt64(number), on: data
      ) { progress.update(seen + $0, note: method.label(strength)) }
    }

    var chosen: [Double] = []
    var runs: [[RegularizedRun]] = []
    for method in methods {
      // By other seeds than those that follow, so that their luck does not count.
      let losses =
        try method.strengths.count == 1
        ? [0]
        : method.strengths.map { strength in
          Spread(
            try (0..<searches).map {
              try train(method, strength, number: sizes.seeds + $0).validationLosses.last!
            }
          ).mean
        }
      let best = method.strengths[losses.indices.min { losses[$0] < losses[$1] }!]
      chosen.append(best)
      runs.append(try (0..<sizes.seeds).map { try train(method, best, number: $0) })
    }
    progress.finish()
    let labels = zip(methods, chosen).map { $0.label($1) }
    show(methods, labels, chosen, runs, &experiment)

    experiment.metrics["seeds"] = Double(sizes.seeds)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["training_images"] = Double(sizes.images)
    experiment.metrics["test_images"] = Double(data.test.count)
    try experiment.write(
      LineChart(
        title: "Validation loss with each method",
        subtitle:
          "\(sizes.images) images, mean of \(sizes.seeds) seeds; the bands reach from the lowest run to the highest",
        x: Axis("epoch"), y: Axis("loss", isLogarithmic: true),
        series: methods.indices.map { k in
          Series(
            labels[k], x: RegularizedRun.looks(sizes.epochs).map(Double.init),
            runs: runs[k].map(\.validationLosses))
        }), to: "validation-loss.svg", "the loss on images that were not learned from, epoch by epoch")
  }

  private func show(
    _ methods: [RegularizationMethod], _ labels: [String], _ chosen: [Double], _ runs: [[RegularizedRun]],
    _ experiment: inout Experiment
  ) {
    var table = Table(
      "What each method is worth",
      columns: [
        "method", "right, training images", "test loss", "right, test images", "difference, seed by seed",
        "better in",
      ])
    for (k, method) in methods.enumerated() {
      let (training, accuracy) = (
        Spread(runs[k].map(\.training.accuracy)), Spread(runs[k].map(\.test.accuracy))
      )
      let loss = Spread(runs[k].map(\.test.loss))
      let gains = Spread(zip(runs[k], runs[0]).map { $0.test.accuracy - $1.test.accuracy })
      let better = gains.values.count { $0 > 0 }
      table.add(
        labels[k], training.percentText(1), loss.text(3), accuracy.percentText(1),
        k == 0 ? "" : points(gains),
        k == 0 ? "" : "\(better) of \(gains.values.count)")
      experiment.metrics["\(method.key)_training_accuracy"] = training.mean
      experiment.metrics["\(method.key)_accuracy"] = accuracy.mean
      experiment.metrics["\(method.key)_accuracy_deviation"] = accuracy.deviation
      experiment.metrics["\(method.key)_loss"] = loss.mean
      experiment.metrics["\(method.key)_loss_deviation"] = loss.deviation
      experiment.metrics["\(method.key)_gain"] = gains.mean
      experiment.metrics["\(method.key)_gain_deviation"] = gains.deviation
      experiment.metrics["\(method.key)_better"] = Double(better)
      if method.strengths.count > 1 { experiment.metrics["\(method.key)_strength"] = chosen[k] }
    }
    experiment.show(
      table,
      note:
        "Mean ± standard deviation over \(runs[0].count) seeds; differences to the first row, in percentage points."
    )
  }
}

/// `+1.2 ± 0.4` percentage points.
private func points(_ shares: Spread) -> String {
  let text = Spread(shares.values.map { $0 * 100 }).text(1)
  return shares.mean > 0 ? "+" + text : text
}

/// A way to keep a network from memorising its images, and how strong it may be.
private struct RegularizationMethod: Sendable {
  /// Its name in the metrics.
  let key: String
  let name: String
  /// Those that are tried; one where there is nothing to choose.
  var strengths = [0.0]
  /// The strength in the table: `p = 0.5`.
  var symbol: String?
  /// How many times as many images it has.
  var imageFactor = 1
  var augmentation = AugmentationChoice.none
  let model: @Sendable (_ strength: Double) -> RegularizedCNN
  var optimizer: @Sendable (_ parameters: [Parameter], _ strength: Double) -> any Optimizer = {
    parameters, _ in
    Adam(parameters)
  }

  func label(_ strength: Double) -> String {
    symbol.map { "\(name), \($0) = \(readable(strength))" } ?? name
  }

  static let all = [
    RegularizationMethod(key: "none", name: "nothing", model: { _ in RegularizedCNN() }),
    RegularizationMethod(
      key: "dropout", name: "dropout", strengths: [0.3, 0.5, 0.7], symbol: "p",
      model: { RegularizedCNN(dropout: Float($0)) }),
    RegularizationMethod(
      key: "coupled", name: "decay in the gradient", strengths: [1e-3, 1e-2, 1e-1], symbol: "λ",
      model: { _ in RegularizedCNN() }, optimizer: { Adam($0, weightDecay: $1) }),
    RegularizationMethod(
      key: "decoupled", name: "decoupled decay", strengths: [1, 3, 10], symbol: "λ",
      model: { _ in RegularizedCNN() }, optimizer: { AdamW($0, weightDecay: $1) }),
    RegularizationMethod(
      key: "batchNorm", name: "batch norm", model: { _ in RegularizedCNN(isNormed: true) }),
    RegularizationMethod(
      key: "shift", name: "shifted images", augmentation: .shift, model: { _ in RegularizedCNN() }),
    RegularizationMethod(
      key: "double", name: "twice as many images", imageFactor: 2, model: { _ in RegularizedCNN() }),
  ]
}

/// One training on few images, and what came of it.
private struct RegularizedRun {
  let training: Evaluation
  let test: Evaluation
  let validationLosses: [Double]

  init(
    _ method: RegularizationMethod, strength: Double, number: Int, images: Int, epochs: Int, seed: UInt64,
    on data: ImageData, onStep: (Int) -> Void
  ) throws {
    let first = 2 * images * number
    let part = ImagePart(
      data.training.set, data.training.indices[first..<first + images * method.imageFactor])
    var settings = TrainingSettings.cnn
    (settings.epochs, settings.seed) = (epochs, seed)
    // Small batches, so that few images make enough steps.
    settings.batchSize = 16
    let task = ImageClassification<RegularizedCNN>(
      training: part, augmentation: method.augmentation.make(seed: seed))
    let run = TrainingRun(
      task, settings, optimizer: { method.optimizer($0.parameters, strength) },
      model: { method.model(strength) })
    // Not after every epoch: looking would take longer than learning.
    let watched = data.validation.first(300)
    var losses: [Double] = []
    for epoch in 1...epochs {
      try run.nextEpoch { onStep((epoch - 1) * part.count + $0.examples) }
      if Self.looks(epochs).contains(epoch) { losses.append(evaluate(run.model, on: watched).loss) }
    }
    validationLosses = losses
    training = evaluate(run.model, on: part)
    test = evaluate(run.model, on: data.test)
  }

  /// After which epochs the validation loss is taken: eight of them at most, with the last.
  static func looks(_ epochs: Int) -> [Int] {
    Array(stride(from: epochs, to: 0, by: -((epochs + 7) / 8)).reversed())
  }
}
