import ArgumentParser
import Chapter12OptimizingModels
import Engine
import Workbench

struct Prune: ChapterExperiment {
  static let name = "prune"
  static let summary = "How many weights a network can lose, and what that is good for."
  static let details = """
    Trains LeNet-300-100 on digits and takes weights away: the least or any, once or round by round, single weights or \
    whole units. Repeats the published protocol with its 8, 9 and 26 % of the weights kept, clips weights instead of \
    pruning them, takes filters out of the article's CNN, and measures what zeros save in time.

    EXAMPLES
      optimize-model prune
      optimize-model prune --seeds 5
      optimize-model prune --full           about 3 minutes on two cores
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: SeedsOption

  func run(_ experiment: inout Experiment) throws {
    let seeds = options.values(common)
    let images = common.scale.of(quick: 300, standard: 2_000, full: 6_000)
    let epochs = common.scale.of(quick: 2, standard: 10, full: 12)
    if common.full { print("--full: five networks of each kind, about 3 minutes on two cores\n") }
    print("LeNet-300-100 on \(grouped(images)) digits, \(counted(seeds.count, "network")) of each kind\n")
    let networks = try sideBySide(
      "training LeNet-300-100", seeds, steps: images * epochs, unit: "images"
    ) { seed, advance in
      try TrainedPerceptron(images: images, epochs: epochs, seed: seed, advance)
    }
    experiment.metrics["seeds"] = Double(seeds.count)
    experiment.metrics["images"] = Double(images)
    let dense = Spread(networks.map(\.accuracy))
    experiment.metrics["dense.accuracy"] = dense.mean
    experiment.metrics["dense.accuracy_deviation"] = dense.deviation

    let rounds = common.scale.of(quick: 2, standard: 6, full: 7)
    let retraining = common.scale.of(quick: 1, standard: 2, full: 2)
    try PruningCurves(networks, rounds: rounds, epochsPerRound: retraining).run(&experiment)
    try HanProtocol(networks, epochsPerRound: common.scale.of(quick: 1, standard: 4, full: 8)).run(
      &experiment)
    try ClippedWeights(networks).run(&experiment)
    try FilterPruning(
      seeds: seeds, images: common.scale.of(quick: 100, standard: 2_000, full: 4_000),
      epochs: common.scale.of(quick: 1, standard: 2, full: 2)
    ).run(&experiment)
    try SparseTimes(seconds: common.scale.of(quick: 0.02, standard: 0.1, full: 0.5)).run(&experiment)
  }
}

/// LeNet-300-100 after its training: what all of pruning begins with.
struct TrainedPerceptron: Sendable {
  let images: Int
  let epochs: Int
  let seed: UInt64
  let data: ImageData
  /// The weights after the first epoch, and after the last.
  let early, last: [(name: String, tensor: Tensor)]
  /// On digits that it never saw.
  let accuracy: Double

  static let learningRate = 1e-3

  init(images: Int, epochs: Int, seed: UInt64, _ advance: (Int) -> Void) throws {
    (self.images, self.epochs, self.seed) = (images, epochs, seed)
    data = .generatedDigits(training: images, validation: 0, test: images < 1_000 ? 300 : 2_000, seed: seed)
    var settings = TrainingSettings(
      epochs: epochs, batchSize: 32, learningRate: Self.learningRate, seed: seed)
    settings.schedule = .linear
    let run = TrainingRun(ImageClassification<Perceptron>(data), settings) { Perceptron() }
    var early: [(name: String, tensor: Tensor)] = []
    while !run.isFinished {
      var seen = 0
      try run.nextEpoch {
        advance($0.examples - seen)
        seen = $0.examples
      }
      if early.isEmpty { early = run.model.state }
    }
    (self.early, last) = (early, run.model.state)
    accuracy = evaluate(run.model, on: data.test).accuracy
  }

  /// The network as it was at the end.
  var model: Perceptron {
    let model = Perceptron()
    model.take(last)
    return model
  }

  func accuracy(of model: Perceptron) -> Double { evaluate(model, on: data.test).accuracy }

  /// Trains on, by default at a tenth of the rate, as Han and others did.
  func retrain(
    _ model: Perceptron, epochs: Int, rate: Double = 0.1, schedule: ScheduleChoice = .constant,
    holding pruning: Pruning? = nil, clippedTo limit: Float? = nil, _ advance: (Int) -> Void = { _ in }
  ) throws {
    var settings = TrainingSettings(
      epochs: epochs, batchSize: 32, learningRate: Self.learningRate * rate, seed: seed &+ 1_000)
    settings.schedule = schedule
    try train(
      model, on: ImageClassification<Perceptron>(data), settings, holding: pruning, clippedTo: limit,
      advance: advance)
  }
}
