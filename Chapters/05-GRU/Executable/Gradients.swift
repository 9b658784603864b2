import ArgumentParser
import Chapter04FullyConnected
import Chapter05GRU
import Engine
import Foundation
import Synchronization
import Tensors
import Workbench

struct Gradients: ChapterExperiment {
  static let name = "gradients"
  static let summary = "How much of a loss's gradient is left after so many steps back in time."
  static let details = """
    Sends the gradient of a loss at the last step back through time, and measures how
    long it is at each state on the way: of a plain RNN, a GRU and an LSTM, before
    training and after it. The bound is the largest singular value of the plain
    network's U, to the power of the number of steps.

    EXAMPLES
      gru gradients
      gru gradients --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let plan = AddingPlan.of(common.scale)
    let length = common.scale.of(quick: 40, standard: 101, full: 101)
    let lags = common.scale.of(quick: [10, 20, 30], standard: [10, 25, 50, 100], full: [10, 25, 50, 100])
    let all = plan.shortJobs(firstSeed: common.seed)
    let trained = try AddingNetworks.trained(all.flatMap(\.jobs))
    var table = Table(
      "Length of the gradient at a state, so many steps before the loss, as a share of that at the last; \(plan.seeds) networks each",
      columns: ["network", "when", "σ of U"] + lags.map { "\($0) steps" })

    for when in [When.start, .trained] {
      var series: [Series] = []
      for (contender, jobs) in all {
        let networks = trained.filter { $0.job.contender == contender }
        let profiles = sideBySide(jobs.count) { i in
          let network = when == .start ? jobs[i].fresh() : try networks[i].network()
          return Profile(of: network, length: length, seed: jobs[i].seed, sequences: 8)
        }
        let found = try profiles.map { try $0.get() }
        add(found, contender.name, when, lags: lags, to: &table, &series, &experiment)
      }
      try experiment.write(
        LineChart(
          title: when == .start
            ? "The gradient through time, before training" : "The gradient through time, after training",
          subtitle:
            "Adding problem. Geometric mean of \(plan.seeds) networks and 8 sequences each; bands from the smallest to the largest network.",
          x: Axis("steps before the loss"),
          y: Axis("length, as a share of that at the loss", isLogarithmic: true), series: series),
        to: "\(when.rawValue).svg", "how long the gradient is, \(when.words)")
    }
    experiment.show(
      table,
      note:
        "σ: the largest singular value; a plain network's gradient changes by no more than this factor a step."
    )
    try scaled(plan, length: min(length, 51), &experiment)
    experiment.metrics["seeds"] = Double(plan.seeds)
  }

  /// A row of the table, the lines of the chart, and the metrics.
  private func add(
    _ found: [Profile], _ name: String, _ when: When, lags: [Int], to table: inout Table,
    _ series: inout [Series],
    _ experiment: inout Experiment
  ) {
    let key = "\(when.rawValue).\(name.lowercased())"
    let means = found[0].norms.indices.map { k in geometricMean(found.map { $0.norms[k] }) }
    let x = means.indices.map(Double.init)
    let sigmas = found.compactMap(\.sigma)
    table.add(
      [name, when.words, sigmas.isEmpty ? "–" : Spread(sigmas).text(2)] + lags.map { power(means[$0]) })
    series.append(
      Series(
        name, x: x, y: means, low: means.indices.map { k in found.map { $0.norms[k] }.min()! },
        high: means.indices.map { k in found.map { $0.norms[k] }.max()! }))
    for lag in lags { experiment.metrics["\(key).lag_\(lag)"] = means[lag] }
    if !sigmas.isEmpty {
      let sigma = Spread(sigmas).mean
      experiment.metrics["\(key).sigma"] = sigma
      series.append(Series("bound of the RNN, σᵏ", x: x, y: x.map { pow(sigma, $0) }, isDashed: true))
    }
  }

  /// The plain network with its U made smaller and larger: vanishing and exploding.
  private func scaled(_ plan: AddingPlan, length: Int, _ experiment: inout Experiment) throws {
    let jobs = plan.shortJobs(firstSeed: common.seed)[0].jobs
    let lags = [10, 25, length - 1].filter { $0 < length }
    var table = Table(
      "A plain RNN before training, its U multiplied by a factor; \(plan.seeds) networks",
      columns: ["U times", "σ of U"] + lags.map { "\($0) steps" }
        + lags.suffix(1).map { "bound, \($0) steps" })
    var series: [Series] = []
    for factor in [0.75, 1, 2, 4] as [Float] {
      let found = try sideBySide(jobs.count) { i in
        let network = jobs[i].fresh()
        network.parameters[1].update { $0 = factor * $0 }
        return Profile(of: network, length: length, seed: jobs[i].seed, sequences: 8)
      }.map { try $0.get() }
      let means = (0..<length).map { k in geometricMean(found.map { $0.norms[k] }) }
      let sigma = Spread(found.map { $0.sigma! }).mean
      let name = readableFactor(factor)
      table.add(
        [name, fixed(sigma, 2)] + lags.map { power(means[$0]) } + [power(pow(sigma, Double(lags.last!)))])
      series.append(Series("U × \(name)", x: means.indices.map(Double.init), y: means))
      experiment.metrics["factor_\(name).sigma"] = sigma
      experiment.metrics["factor_\(name).lag_\(lags.last!)"] = means[lags.last!]
    }
    experiment.show(table, note: "Where σ is below 1 the gradient must vanish; above 1 it may do either.")
    try experiment.write(
      LineChart(
        title: "Vanishing and exploding, in one plain RNN",
        subtitle:
          "Its U multiplied by a factor. Geometric mean of \(plan.seeds) networks and 8 sequences each.",
        x: Axis("steps before the loss"),
        y: Axis("length, as a share of that at the loss", isLogarithmic: true),
        series: series),
      to: "scaled.svg", "the same for a plain RNN with a smaller and a larger U")
  }
}

/// Before or after training.
private enum When: String {
  case start, trained
  var words: String { self == .start ? "before training" : "after training" }
}

/// Calls `body` for `0..<count`, several at a time.
private func sideBySide<Value: Sendable>(_ count: Int, _ body: (Int) throws -> Value) -> [Result<
  Value, any Error
>] {
  let results = Mutex([Int: Result<Value, any Error>]())
  Parallel.forEach(pieces: count) { piece in
    let result = Result { try body(piece) }
    results.withLock { $0[piece] = result }
  }
  return results.withLock { results in (0..<count).map { results[$0]! } }
}

private func readableFactor(_ factor: Float) -> String {
  factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
}
