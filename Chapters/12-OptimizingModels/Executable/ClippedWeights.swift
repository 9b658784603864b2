import Chapter12OptimizingModels
import Engine
import Workbench

/// Weights kept within ±c, the other thing that is called weight clipping.
struct ClippedWeights {
  static let limits: [Float?] = [nil, 0.2, 0.1, 0.05, 0.02]

  struct Job: Sendable {
    let network: TrainedPerceptron
    let limit: Float?
  }

  struct Outcome: Sendable {
    let accuracy: Double
    let largest: Double
    let atLimit: Double
    let zeros: Double
    let twoBits: Double
  }

  let networks: [TrainedPerceptron]

  init(_ networks: [TrainedPerceptron]) { self.networks = networks }

  func run(_ experiment: inout Experiment) throws {
    let jobs = networks.flatMap { network in Self.limits.map { Job(network: network, limit: $0) } }
    let epochs = networks[0].epochs
    let outcomes = try sideBySide(
      "clipping weights", jobs, steps: epochs * networks[0].images, unit: "images"
    ) { job, advance in try outcome(job, advance) }
    print("")
    var table = Table(
      "Weights kept within ±c while they learn",
      columns: ["c", "digits read", "largest weight", "at ±c", "exactly 0", "read, weights −c, 0, c"])
    for limit in Self.limits {
      let own = jobs.indices.filter { jobs[$0].limit == limit }.map { outcomes[$0] }
      func spread(_ value: (Outcome) -> Double) -> Spread { Spread(own.map(value)) }
      table.add(
        limit.map { readable(Double($0)) } ?? "none", spread(\.accuracy).percentText(),
        spread(\.largest).text(2), limit == nil ? "" : percent(spread(\.atLimit).mean),
        percent(spread(\.zeros).mean), spread(\.twoBits).percentText())
      let key = limit.map { "clip_\(readable(Double($0)))" } ?? "clip_none"
      experiment.metrics["\(key).accuracy"] = spread(\.accuracy).mean
      experiment.metrics["\(key).two_bits"] = spread(\.twoBits).mean
      experiment.metrics["\(key).largest"] = spread(\.largest).mean
      experiment.metrics["\(key).at_limit"] = spread(\.atLimit).mean
    }
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(networks.count, "network")), trained from the beginning. The last column: each \
        layer's weights rounded to
          three values, −1, 0 and 1 times their largest (2 bits each), nothing learned again
        """)
  }

  private func outcome(_ job: Job, _ advance: (Int) -> Void) throws -> Outcome {
    let network = job.network
    let model = withRandomSource(RandomSource(seed: network.seed)) { Perceptron() }
    try network.retrain(
      model, epochs: network.epochs, rate: 1, schedule: .linear, clippedTo: job.limit, advance)
    let accuracy = network.accuracy(of: model)
    let weights = model.weights.flatMap { $0.value.scalars }
    let count = Double(weights.count)
    for weight in model.weights {
      weight.value = QuantizedTensor(weight.value, range: -1...1).dequantized()
    }
    return Outcome(
      accuracy: accuracy, largest: Double(weights.reduce(0) { max($0, abs($1)) }),
      atLimit: job.limit.map { limit in Double(weights.count { abs($0) >= limit }) / count } ?? 0,
      zeros: Double(weights.count { $0 == 0 }) / count, twoBits: network.accuracy(of: model))
  }
}
