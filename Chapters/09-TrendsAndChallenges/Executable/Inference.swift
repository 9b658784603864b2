import ArgumentParser
import Chapter09TrendsAndChallenges
import Engine
import Foundation
import Workbench

struct Inference: ChapterExperiment {
  static let name = "inference"
  static let summary = "Whether a digit was among those that a network learned from: an attack by the loss."
  static let details = """
    Trains small networks on few and on many digits until they know them by heart. Then an attacker who sees only the \
    loss says which digits were learned from: yes where the loss is small. The threshold is chosen on one half of the \
    digits and judged by the other.

    EXAMPLES
      trends inference
      trends inference --seeds 10
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 3; with --quick 1).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  /// What one network came to.
  struct Outcome: Sendable {
    var training = 0.0
    var test = 0.0
    /// The advantage on the half that the threshold was not chosen on, on the half that it was, and with the mean loss as
    /// threshold.
    var other = 0.0
    var same = 0.0
    var mean = 0.0
    var memberLosses: [Double] = []
    var otherLosses: [Double] = []
  }

  func run(_ experiment: inout Experiment) throws {
    let sizes = common.scale.of(
      quick: [50, 100], standard: [100, 200, 400, 800, 1_600, 3_200],
      full: [100, 200, 400, 800, 1_600, 3_200, 6_400])
    let seeds = seeds ?? common.scale.of(quick: 1, standard: 3, full: 10)
    let epochs = common.scale.of(quick: 10, standard: 40, full: 60)
    print("Which digits were learned from? \(counted(seeds, "network")) for each number of digits\n")
    var table = Table(
      "An attack on networks that were trained \(epochs) epochs",
      columns: [
        "digits learned", "read, of those", "read, of others", "gap", "advantage", "same half", "mean loss",
      ])
    var (points, names): ([(Double, Double)], [String]) = ([], [])
    var panels: [(size: Int, outcome: Outcome)] = []
    for size in sizes {
      let outcomes = try sideBySide(
        "\(size) digits", (0..<seeds).map { common.seed &+ UInt64($0) }, steps: size * epochs, unit: "images"
      ) { seed, advance in try Self.attacked(size: size, epochs: epochs, seed: seed, advance) }
      func spread(_ value: (Outcome) -> Double) -> Spread { Spread(outcomes.map(value)) }
      let gap = spread { $0.training - $0.test }
      table.add(
        grouped(size), spread(\.training).percentText(), spread(\.test).percentText(), gap.percentText(),
        spread(\.other).text(3), spread(\.same).text(3), spread(\.mean).text(3))
      experiment.metrics["gap_\(size)"] = gap.mean
      experiment.metrics["advantage_\(size)"] = spread(\.other).mean
      experiment.metrics["advantage_\(size)_deviation"] = spread(\.other).deviation
      experiment.metrics["same_half_\(size)"] = spread(\.same).mean
      experiment.metrics["mean_loss_\(size)"] = spread(\.mean).mean
      points.append((gap.mean, spread(\.other).mean))
      names.append(grouped(size))
      panels.append((size, outcomes[0]))
    }
    print("")
    experiment.show(
      table,
      note: """
        advantage: the share of learned digits found less the share of others suspected, on the half that the
          threshold was not chosen on; same half: on the one that it was; mean loss: with the mean training loss as
          threshold, for which an attacker must know it.
        """)
    experiment.metrics["seeds"] = Double(seeds)
    experiment.metrics["epochs"] = Double(epochs)
    let largest = max(points.map { max($0.0, $0.1) }.max() ?? 1, 0.1)
    try experiment.write(
      LineChart(
        title: "What an over-fitted network gives away",
        subtitle: "Beside each point: how many digits were learned. Mean of \(counted(seeds, "network")).",
        x: Axis("generalisation gap: read of those learned less read of others", range: 0...largest * 1.05),
        y: Axis("advantage of the attack", range: 0...largest * 1.05),
        series: [
          Series(
            "the attack, threshold chosen on other digits", x: points.map(\.0), y: points.map(\.1),
            labels: names),
          Series("advantage = gap", x: [0, largest], y: [0, largest], isDashed: true),
        ]), to: "advantage.svg", "the attack's advantage beside the generalisation gap")
    try drawLosses(panels, &experiment)
  }

  /// Trains a network, and attacks it.
  private static func attacked(size: Int, epochs: Int, seed: UInt64, _ advance: (Int) -> Void) throws
    -> Outcome
  {
    let known = digits(0..<size, seed: seed)
    let unknown = digits(size..<size + max(size, 400), seed: seed)
    let model = try trainedReader(on: known, epochs: epochs, seed: seed, advance: advance)
    var outcome = Outcome()
    outcome.training = evaluate(model, on: known).accuracy
    outcome.test = evaluate(model, on: unknown).accuracy
    (outcome.memberLosses, outcome.otherLosses) = (losses(model, on: known), losses(model, on: unknown))
    let attack = HalvedAttack(members: outcome.memberLosses, others: outcome.otherLosses, seed: seed)
    (outcome.other, outcome.same) = (attack.advantage, attack.sameHalf)
    let mean = MembershipAttack(threshold: outcome.memberLosses.reduce(0, +) / Double(size))
    outcome.mean = mean.advantage(on: attack.members, and: attack.others)
    return outcome
  }

  private func drawLosses(_ panels: [(size: Int, outcome: Outcome)], _ experiment: inout Experiment) throws {
    let chosen = [panels.first!, panels[panels.count / 2], panels.last!]
    let range = -6.0...1.5
    func panel(_ losses: [Double]) -> HistogramSheet.Panel {
      HistogramSheet.Panel(losses.map { log10(max($0, 1e-6)) }, over: range, bins: 30)
    }
    try experiment.write(
      HistogramSheet(
        title: "The losses of digits that were learned from, and of others",
        subtitle: "One network for each number of digits learned.",
        axis: Axis("log₁₀ of the loss", range: range),
        columns: chosen.map { "\(grouped($0.size)) digits learned" },
        rows: [
          ("learned", chosen.map { panel($0.outcome.memberLosses) }),
          ("others", chosen.map { panel($0.outcome.otherLosses) }),
        ]), to: "losses.svg", "how large the losses are")
  }
}
