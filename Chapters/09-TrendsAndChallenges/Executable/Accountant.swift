import ArgumentParser
import Chapter09TrendsAndChallenges
import Engine
import Foundation
import Workbench

struct Accountant: ChapterExperiment {
  static let name = "accountant"
  static let summary = "What DP-SGD has promised after so many steps: its ε."
  static let details = """
    By Rényi differential privacy, of the whole orders 2 to 64 unless said otherwise, converted as Balle and others \
    have it (2020). With --epsilon, looks for the noise that keeps to it. Beside it stand published figures.

    EXAMPLES
      trends accountant --noise 1.1 --rate 0.01 --steps 1000 --delta 1e-5
      trends accountant --epsilon 8 --rate 0.04 --steps 2000
    """

  @OptionGroup var common: CommonOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The noise multiplier, σ: the noise's deviation over the clipping norm.", valueName: "σ"))
  var noise: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How likely an example is to be in a batch: batch size over examples.", valueName: "q")
  )
  var rate = 0.01

  @Option(parsing: .unconditional, help: "How many steps are made.")
  var steps = 1_000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How likely the promise is to fail: well below 1 / examples.", valueName: "δ"))
  var delta = 1e-5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Look for the noise that keeps to this ε, in place of --noise.", valueName: "ε"))
  var epsilon: Double?

  func validate() throws {
    if let noise, !(noise > 0 && noise.isFinite) {
      throw ValidationError(
        "--noise must be a number above 0, given \(noise): without noise nothing is promised")
    }
    if let noise, noise < 0.05 {
      throw ValidationError("--noise must be at least 0.05, given \(noise): with less, ε is of no use")
    }
    if !(rate > 0 && rate <= 1) {
      throw ValidationError("--rate must be above 0 and at most 1, given \(rate)")
    }
    try checkOption("--steps", steps, in: 1...1_000_000_000)
    if !(delta > 0 && delta < 1) {
      throw ValidationError("--delta must be above 0 and below 1, given \(delta)")
    }
    if let epsilon, !(epsilon > 0 && epsilon.isFinite) {
      throw ValidationError("--epsilon must be a number above 0, given \(epsilon)")
    }
    if noise != nil, epsilon != nil {
      throw ValidationError("--noise and --epsilon follow from each other: give one of them")
    }
  }

  func run(_ experiment: inout Experiment) throws {
    let noise = try sought()
    let whole = PrivacyAccountant(noise: noise, rate: rate)
    let result = whole.epsilon(steps: steps, delta: delta)
    let old = whole.epsilon(steps: steps, delta: delta, by: .mironov)
    let tenths = PrivacyAccountant(noise: noise, rate: rate, orders: PrivacyAccountant.tenths)
      .epsilon(steps: steps, delta: delta)
    print(
      """
      \(grouped(steps)) steps, each example in a batch with probability \(readable(rate)), noise \(readable(noise, digits: 5)), \
      δ = \(readable(delta))

        ε = \(significant(result.epsilon, 6))

      """)
    var table = Table(
      "The same run, counted in three ways", columns: ["orders", "conversion", "ε", "from order"])
    table.add("2, 3 … 64", "Balle and others 2020", significant(result.epsilon, 6), readable(result.order))
    table.add("2, 3 … 64", "Mironov 2017", significant(old.epsilon, 6), readable(old.order))
    table.add(
      "1.1, 1.2 … 10.9, 11 … 63", "Balle and others 2020", significant(tenths.epsilon, 6),
      readable(tenths.order))
    experiment.show(table, note: "All are upper bounds, for batches drawn by Poisson sampling.")
    experiment.metrics["epsilon"] = result.epsilon
    experiment.metrics["order"] = result.order
    experiment.metrics["epsilon_mironov"] = old.epsilon
    experiment.metrics["epsilon_tenths"] = tenths.epsilon
    experiment.metrics["noise"] = noise
    experiment.metrics["rate"] = rate
    experiment.metrics["steps"] = Double(steps)
    experiment.metrics["delta"] = delta
    showPublished(&experiment)
    try draw(whole, &experiment)
  }

  /// The noise that was given, or the one that keeps to the ε that was.
  private func sought() throws -> Double {
    guard let epsilon else { return noise ?? 1.1 }
    guard
      let noise = PrivacyAccountant.noise(for: epsilon, rate: rate, steps: steps, delta: delta)
    else {
      throw CannotUse(
        "no noise keeps to ε = \(readable(epsilon)) over \(grouped(steps)) steps: ask for more ε, or make fewer steps."
      )
    }
    return noise
  }

  private func showPublished(_ experiment: inout Experiment) {
    var table = Table(
      "Published figures, and this accountant",
      columns: [
        "σ", "q", "steps", "δ", "published", "Balle 2020, whole orders", "with tenths",
        "Mironov 2017, tenths", "where",
      ])
    var largest = 0.0
    for row in PublishedEpsilon.all {
      let whole = PrivacyAccountant(noise: row.noise, rate: row.rate).epsilon(
        steps: row.steps, delta: row.delta)
      let accountant = PrivacyAccountant(noise: row.noise, rate: row.rate, orders: PrivacyAccountant.tenths)
      let tenths = accountant.epsilon(steps: row.steps, delta: row.delta)
      let old = accountant.epsilon(steps: row.steps, delta: row.delta, by: .mironov)
      table.add(
        readable(row.noise), row.rateText, grouped(row.steps), readable(row.delta), row.published,
        significant(whole.epsilon, 5), significant(tenths.epsilon, 5), significant(old.epsilon, 5), row.source
      )
      largest = max(largest, whole.epsilon / tenths.epsilon - 1)
    }
    experiment.metrics["published_rows"] = Double(PublishedEpsilon.all.count)
    experiment.metrics["whole_orders_excess"] = largest
    experiment.show(
      table,
      note: """
        Most older figures were converted by Mironov's proposition, some of them over other orders. Whole orders alone
          are at most \(percent(largest)) above.
        """)
  }

  /// ε over the steps, by both conversions.
  private func draw(_ accountant: PrivacyAccountant, _ experiment: inout Experiment) throws {
    let counts = Set((0...40).map { max(1, Int(pow(Double(steps), Double($0) / 40).rounded())) }).sorted()
    let x = counts.map(Double.init)
    func series(_ name: String, _ conversion: PrivacyAccountant.Conversion) -> Series {
      Series(
        name, x: x, y: counts.map { accountant.epsilon(steps: $0, delta: delta, by: conversion).epsilon },
        isDashed: conversion == .mironov)
    }
    try experiment.write(
      LineChart(
        title: "What is promised, step by step",
        subtitle:
          "σ = \(readable(accountant.noise)), q = \(readable(rate)), δ = \(readable(delta)), orders 2 to 64.",
        x: Axis("steps", isLogarithmic: true), y: Axis("ε", isLogarithmic: true),
        series: [
          series("converted as by Balle and others 2020", .balle), series("as by Mironov 2017", .mironov),
        ]), to: "epsilon.svg", "ε against the number of steps")
  }
}
