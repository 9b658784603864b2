import ArgumentParser
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Workbench

struct BatchSizes: ChapterExperiment {
  static let name = "batch"
  static let summary = "What a larger batch buys, and when it stops."
  static let details = """
    A perceptron learns to read digits until its loss on the validation part is as low as --target, with batches of many \
    sizes and each at several rates. Steps against examples give the critical batch size; the gradients' noise, measured \
    along the way, tells it without any of these runs. And two rules for the rate are tried.

    EXAMPLES
      train-large batch
      train-large batch --target 0.6
      train-large batch --full
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many seeds (default: 2; with --full 5, with --quick 1).")
  var seeds: Int?

  @Option(parsing: .unconditional, help: "The loss to come to, in nats (default: 0.5; with --quick 1.5).")
  var target: Double?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...100)
    if let target, !(target > 0 && target < 2.3) {
      throw ValidationError(
        "--target must be above 0 and below the 2.3 of a network that knows nothing, given \(target)")
    }
  }

  /// What one size of batches came to, at each rate that was tried.
  private struct Size {
    let batch: Int
    /// Steps to the target by the rate's power of two; one for each seed.
    var steps: [Int: [Double]] = [:]

    func mean(_ power: Int) -> Double {
      guard let values = steps[power] else { return .infinity }
      return values.reduce(0, +) / Double(values.count)
    }
    var best: Int { steps.keys.sorted().min { mean($0) < mean($1) }! }
  }

  private var seedCount: Int { seeds ?? common.scale.of(quick: 1, standard: 2, full: 5) }
  private var loss: Double { target ?? common.scale.of(quick: 1.5, standard: 0.5, full: 0.5) }

  func run(_ experiment: inout Experiment) throws {
    let batches = common.scale.of(
      quick: [16, 64], standard: [4, 16, 64, 256, 1_024],
      full: [4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048])
    let data = ImageData.generatedDigits(
      training: common.scale.of(quick: 2_000, standard: 20_000, full: 40_000),
      validation: common.scale.of(quick: 200, standard: 500, full: 1_000), test: 1, seed: common.seed)
    experiment.metrics["target"] = loss
    experiment.metrics["seeds"] = Double(seedCount)
    let powers = Array(common.scale.of(quick: -4 ... -2, standard: -5...1, full: -6...2))
    var sizes = batches.map { Size(batch: $0) }
    try reach(batches.flatMap { batch in powers.map { (batch, $0) } }, &sizes, data)
    if sizes.contains(where: { !$0.mean($0.best).isFinite }) {
      throw CannotUse(
        "the loss did not come down to \(readable(loss)) with every size of batch: give a larger --target.")
    }
    let tradeOff = try showTradeOff(sizes, &experiment)
    try showRules(&sizes, data, &experiment)
    try measureNoise(sizes, tradeOff, data, &experiment)
  }

  /// Runs the trainings and takes in what they came to.
  private func reach(
    _ jobs: [(batch: Int, power: Int)], _ sizes: inout [Size], _ data: ImageData
  ) throws {
    let (target, seed, count) = (loss, common.seed, seedCount)
    let all = jobs.flatMap { job in (0..<UInt64(count)).map { (job.batch, job.power, seed: seed &+ $0) } }
    let found = try sideBySide(
      "\(all.count) trainings to a loss of \(readable(target))", all, steps: 1, unit: "trainings"
    ) { job, _ in
      try StepsToTarget(
        data: data, target: target, batch: job.0, rate: pow(2, Double(job.1)), seed: job.seed,
        limit: max(40_000, 120 * job.0)
      ).run()
    }
    for (i, job) in jobs.enumerated() {
      let place = sizes.firstIndex { $0.batch == job.batch }!
      sizes[place].steps[job.power] = Array(found[i * count..<(i + 1) * count])
    }
  }

  // MARK: Steps against examples

  private func showTradeOff(_ sizes: [Size], _ experiment: inout Experiment) throws -> BatchTradeOff {
    let points = sizes.map { (batch: Double($0.batch), steps: $0.mean($0.best)) }
    let fit = BatchTradeOff(fitting: points)
    var table = Table(
      "Steps and examples to a loss of \(readable(loss))",
      columns: [
        "batch", "best rate", "steps", "by the fit", "examples", "steps / least", "examples / least",
      ])
    var worst = 0.0
    for size in sizes {
      let (steps, b) = (Spread(size.steps[size.best]!), Double(size.batch))
      table.add(
        grouped(size.batch), readable(pow(2, Double(size.best))), steps.text(0), grouped(fit.steps(batch: b)),
        grouped(steps.mean * b), fixed(steps.mean / fit.leastSteps, 2),
        fixed(steps.mean * b / fit.leastExamples, 2))
      worst = max(worst, abs(log(steps.mean / fit.steps(batch: b))))
      experiment.metrics["batch_\(size.batch).steps"] = steps.mean
      experiment.metrics["batch_\(size.batch).rate"] = pow(2, Double(size.best))
    }
    experiment.metrics["least_steps"] = fit.leastSteps
    experiment.metrics["least_examples"] = fit.leastExamples
    experiment.metrics["critical_batch"] = fit.criticalBatch
    experiment.metrics["fit_worst"] = exp(worst) - 1
    experiment.show(
      table,
      note:
        "Mean ± deviation of \(counted(seedCount, "seed")). The fit: at least \(grouped(fit.leastSteps)) steps and "
        + "\(grouped(fit.leastExamples)) examples, so a critical batch of \(grouped(fit.criticalBatch)).")
    let (least, most) = (points[0].batch / 3, points.last!.batch * 3)
    let curve = (0...60).map { i -> Double in pow(10, -1 + 6 * Double(i) / 60) }.filter { size in
      size >= least && size <= most
    }
    var chart = LineChart(
      title: "Steps against examples",
      subtitle: "To a loss of \(readable(loss)); beside each point the size of its batches.",
      x: Axis("examples", isLogarithmic: true), y: Axis("steps", isLogarithmic: true),
      series: [
        Series(
          "measured", x: points.map { $0.batch * $0.steps }, y: points.map(\.steps),
          labels: points.map { grouped($0.batch) }),
        Series(
          "(S / S_min − 1)(E / E_min − 1) = 1", x: curve.map { fit.examples(batch: $0) },
          y: curve.map { fit.steps(batch: $0) }, isDashed: true),
      ])
    chart.plotHeight = 360
    try experiment.write(chart, to: "trade-off.svg", "steps against examples, with the fitted curve")
    return fit
  }

  // MARK: Rules for the rate

  /// What is multiplied with the rate when batches are `factor` times larger.
  private static let rules: [(name: String, key: String, power: Double)] = [
    ("unchanged", "unchanged", 0), ("square root", "root", 0.5), ("linear", "linear", 1),
  ]

  private func showRules(
    _ sizes: inout [Size], _ data: ImageData, _ experiment: inout Experiment
  ) throws {
    // From the smallest batches: there the rules have the longest way to go.
    let base = sizes[0]
    func power(_ size: Size, _ rule: Double) -> Int {
      base.best + Int((rule * log2(Double(size.batch) / Double(base.batch))).rounded())
    }
    var missing: [(batch: Int, power: Int)] = []
    for size in sizes.dropFirst() {
      for rule in Self.rules {
        let wanted = power(size, rule.power)
        if size.steps[wanted] == nil, !missing.contains(where: { $0 == (size.batch, wanted) }) {
          missing.append((size.batch, wanted))
        }
      }
    }
    if !missing.isEmpty { try reach(missing, &sizes, data) }
    var table = Table(
      "Rules for the rate, from batches of \(base.batch)",
      columns: ["batch", "best rate"] + Self.rules.flatMap { ["\($0.name)", "steps / best"] })
    for size in sizes {
      var cells = [grouped(size.batch), readable(pow(2, Double(size.best)))]
      for rule in Self.rules {
        let own = power(size, rule.power)
        let ratio = size.mean(own) / size.mean(size.best)
        cells += [readable(pow(2, Double(own))), ratio.isFinite ? fixed(ratio, 2) : "never"]
        experiment.metrics["batch_\(size.batch).\(rule.key)"] = ratio
      }
      table.add(cells)
    }
    experiment.show(
      table,
      note:
        "Steps over those at the best rate. never: the target was not reached with as many examples as were allowed."
    )
  }

  // MARK: Noise

  private func measureNoise(
    _ sizes: [Size], _ fit: BatchTradeOff, _ data: ImageData, _ experiment: inout Experiment
  ) throws {
    let size = sizes.min { abs(log(Double($0.batch) / 64)) < abs(log(Double($1.batch) / 64)) }!
    let (small, groups) = (16, 16)
    let estimates = common.scale.of(quick: 4, standard: 24, full: 96)
    let count = min(data.training.count / (small * groups), estimates)
    struct Look: Sendable {
      let step: Int
      let loss: Double
      let noise: GradientNoiseScale
    }
    let seed = common.seed
    // On beyond the target, to see where it goes.
    let length = common.scale.of(quick: 16, standard: 600, full: 2_500)
    let runs = try sideBySide(
      "noise of gradients", (0..<UInt64(seedCount)).map { seed &+ $0 }, steps: 1, unit: "runs"
    ) { seed, _ -> [Look] in
      let task = ImageClassification<Sequential>(training: data.training)
      var (looks, next) = ([Look](), 1)
      _ = try StepsToTarget(
        data: data, target: 0, batch: size.batch, rate: pow(2, Double(size.best)), seed: seed,
        limit: length * size.batch
      ).run { step, loss, model in
        if step < next { return }
        next = step * 2
        var stream = RandomStream(seed: seed, stream: UInt64(step))
        let places = Array(stream.permutation(data.training.count).prefix(count * small * groups))
        looks.append(
          Look(
            step: step, loss: loss,
            noise: try gradientNoise(of: model, task, small: small, groups: groups, places: places)))
      }
      return looks
    }
    let looks = runs.min { $0.count < $1.count }!.indices
    let steps = runs[0][looks].map(\.step)
    var table = Table(
      "The noise of gradients along a training with batches of \(size.batch)",
      columns: ["after step", "loss", "|G|²", "tr Σ", "noise scale", "over the critical batch"])
    var (scales, means) = ([Double](), [Double]())
    for (i, step) in steps.enumerated() {
      let noises = runs.map { $0[i].noise }
      // Means first, then their ratio, over seeds as over batches.
      let squares = Spread(noises.map(\.squaredGradient)).mean
      let traces = Spread(noises.map(\.trace)).mean
      let now = Spread(runs.map { $0[i].loss })
      scales.append(traces / squares)
      if now.mean >= loss { means.append(traces / squares) }
      table.add(
        grouped(step), now.text(2), readable(squares), readable(traces), grouped(traces / squares),
        fixed(traces / squares / fit.criticalBatch, 2))
    }
    if means.isEmpty { means = [scales[0]] }
    let average = means.reduce(0, +) / Double(means.count)
    experiment.metrics["noise.first"] = scales[0]
    experiment.metrics["noise.least"] = scales.min()!
    experiment.metrics["noise.last"] = scales[scales.count - 1]
    experiment.metrics["noise.last_step"] = Double(steps[steps.count - 1])
    experiment.metrics["noise.mean"] = average
    experiment.metrics["noise.over_critical"] = average / fit.criticalBatch
    experiment.metrics["noise.batch"] = Double(size.batch)
    experiment.show(
      table,
      note:
        "From \(count) batches of \(small * groups) and \(count * groups) of \(small) at each point and seed. The mean "
        + "down to the target is \(grouped(average)); the fit has \(grouped(fit.criticalBatch)).")
    try experiment.write(
      LineChart(
        title: "The noise of gradients along a training",
        subtitle: "Batches of \(size.batch); each point from \(counted(seedCount, "training")).",
        x: Axis("steps", isLogarithmic: true), y: Axis("examples", isLogarithmic: true),
        series: [
          Series("noise scale", x: steps.map(Double.init), y: scales),
          Series(
            "critical batch, from the runs", x: [Double(steps[0]), Double(steps.last!)],
            y: [fit.criticalBatch, fit.criticalBatch], isDashed: true),
        ]), to: "noise.svg", "the noise scale along a training")
  }
}
