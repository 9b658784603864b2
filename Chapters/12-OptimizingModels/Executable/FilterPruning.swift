import Chapter12OptimizingModels
import Engine
import Workbench

/// Whole filters and units out of the article's CNN: what is left is a smaller network, and nothing need be known of
/// zeros.
struct FilterPruning {
  static let amounts = [0.25, 0.5, 0.75]

  struct Outcome: Sendable {
    let filters: (Int, Int)
    let hidden: Int
    let parameters: Int
    let flops: Int
    let before: Double
    let after: Double
    /// The same small network, trained from the beginning for as long.
    let scratch: Double
  }

  let seeds: [UInt64]
  let images: Int
  let epochs: Int

  private func settings(_ epochs: Int, rate: Double, seed: UInt64) -> TrainingSettings {
    var settings = TrainingSettings(epochs: epochs, learningRate: 1e-3 * rate, seed: seed)
    settings.schedule = .linear
    return settings
  }

  func run(_ experiment: inout Experiment) throws {
    let outcomes = try sideBySide(
      "taking filters out of the article's CNN", seeds, steps: images * epochs * 10, unit: "images"
    ) { seed, advance in try self.outcomes(seed, advance) }
    print("")
    var table = Table(
      "The article's CNN without some of its filters and units",
      columns: [
        "taken away", "parameters", "MFLOP", "µs an image", "nothing learned again", "learned again",
        "same size from scratch",
      ])
    for i in outcomes[0].indices {
      let own = outcomes.map { $0[i] }
      func spread(_ value: (Outcome) -> Double) -> Spread { Spread(own.map(value)) }
      let amount = i == 0 ? 0 : Self.amounts[i - 1]
      let time = microseconds(SizedCNN(filters: own[0].filters, hidden: own[0].hidden))
      table.add(
        i == 0 ? "nothing" : percent(amount, 0), grouped(own[0].parameters),
        fixed(Double(own[0].flops) / 1e6, 1), fixed(time, 1), spread(\.before).percentText(),
        i == 0 ? "" : spread(\.after).percentText(), i == 0 ? "" : spread(\.scratch).percentText())
      let key = "filters_\(Int(amount * 100))"
      experiment.metrics["\(key).parameters"] = Double(own[0].parameters)
      experiment.metrics["\(key).microseconds"] = time
      experiment.metrics["\(key).before"] = spread(\.before).mean
      experiment.metrics["\(key).accuracy"] = spread(\.after).mean
      experiment.metrics["\(key).scratch"] = spread(\.scratch).mean
    }
    experiment.show(
      table,
      note: """
        digits read, mean ± deviation of \(counted(seeds.count, "network")). Learned again: \
        \(counted(epochs, "epoch")); from scratch: \(counted(2 * epochs, "epoch")), so that both have learned as long
        """)
  }

  private func outcomes(_ seed: UInt64, _ advance: (Int) -> Void) throws -> [Outcome] {
    let data = ImageData.generatedDigits(
      training: images, validation: 0, test: images < 1_000 ? 200 : 2_000, seed: seed)
    let task = ImageClassification<SizedCNN>(data)
    let model = withRandomSource(RandomSource(seed: seed)) { SizedCNN(filters: (32, 64), hidden: 128) }
    try train(model, on: task, settings(epochs, rate: 1, seed: seed), advance: advance)
    func accuracy(_ model: SizedCNN) -> Double { evaluate(model, on: data.test).accuracy }
    let dense = accuracy(model)
    var outcomes = [
      Outcome(
        filters: (32, 64), hidden: 128, parameters: model.parameterCount, flops: model.flops,
        before: dense, after: dense, scratch: dense)
    ]
    for amount in Self.amounts {
      let smaller = model.withoutFilters(amount, units: amount)
      let before = accuracy(smaller)
      try train(smaller, on: task, settings(epochs, rate: 1, seed: seed &+ 1_000), advance: advance)
      let filters = (smaller.conv1.weight.shape[0], smaller.conv2.weight.shape[0])
      let hidden = smaller.fc1.weight.shape[0]
      let fresh = withRandomSource(RandomSource(seed: seed)) { SizedCNN(filters: filters, hidden: hidden) }
      try train(fresh, on: task, settings(2 * epochs, rate: 1, seed: seed), advance: advance)
      outcomes.append(
        Outcome(
          filters: filters, hidden: hidden, parameters: smaller.parameterCount, flops: smaller.flops,
          before: before, after: accuracy(smaller), scratch: accuracy(fresh)))
    }
    return outcomes
  }

  /// Microseconds for reading one of 64 images: the shortest of several tries.
  private func microseconds(_ model: SizedCNN) -> Double {
    let images = Variable(Tensor.zeros([64, 1, 28, 28]))
    return shortest(seconds: self.images < 1_000 ? 0.02 : 0.2) {
      _ = withoutGradients { model(images) }.value
    } / 64 * 1e6
  }
}

/// The seconds that something takes: the shortest of as many tries as fit into a time.
func shortest(seconds: Double, _ body: () -> Void) -> Double {
  body()
  var best = Double.infinity
  let watch = Stopwatch()
  repeat {
    let once = Stopwatch()
    body()
    best = min(best, once.seconds)
  } while watch.seconds < seconds
  return best
}
