import ArgumentParser
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Workbench

struct Rates: ChapterExperiment {
  static let name = "rates"
  static let summary = "How large a step may be, and how it should change."
  static let details = """
    A range test for SGD and for Adam: the rate grows at every step of one short run. Then whole trainings at many \
    constant rates, to see whether the test had told which is good; and five schedules, each at several rates.

    EXAMPLES
      train-large rates
      train-large rates --seeds 3 --epochs 4
      train-large rates --full
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many seeds (default: 3; with --full 5, with --quick 1).")
  var seeds: Int?

  @Option(parsing: .unconditional, help: "How often each training reads its digits (default: 4).")
  var epochs: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...100)
    try checkOption("--epochs", epochs, in: 1...1_000)
  }

  typealias Task = ImageClassification<Sequential>

  /// An optimiser that is tested, and the rates that it is tried with.
  struct Kind: Sendable {
    let choice: OptimizerChoice
    let low, high: Double
    /// Powers of two between.
    var rates: [Double] {
      let (first, last) = (Int(log2(low).rounded(.up)), Int(log2(high).rounded(.down)))
      return stride(from: first, through: last, by: 1).map { pow(2, Double($0)) }
    }
  }

  static let kinds = [
    Kind(choice: .sgd, low: 1e-3, high: 10), Kind(choice: .adam, low: 1e-4, high: 1),
  ]

  private var seedCount: Int { seeds ?? common.scale.of(quick: 1, standard: 3, full: 5) }
  private var epochCount: Int { epochs ?? common.scale.of(quick: 1, standard: 4, full: 4) }

  func run(_ experiment: inout Experiment) throws {
    let digits = common.scale.of(quick: 300, standard: 2_000, full: 4_000)
    let data = ImageData.generatedDigits(
      training: digits, validation: common.scale.of(quick: 100, standard: 1_000, full: 2_000),
      test: common.scale.of(quick: 100, standard: 1_000, full: 2_000), seed: common.seed)
    experiment.metrics["digits"] = Double(digits)
    experiment.metrics["epochs"] = Double(epochCount)
    experiment.metrics["seeds"] = Double(seedCount)
    let tests = try test(data, &experiment)
    try tryRates(data, tests, &experiment)
    try compareSchedules(data, &experiment)
  }

  // MARK: The range test

  private func test(
    _ data: ImageData, _ experiment: inout Experiment
  ) throws -> [[RangeTest]] {
    let steps = common.scale.of(quick: 40, standard: 200, full: 300)
    let jobs = Self.kinds.flatMap { kind in
      (0..<UInt64(seedCount)).map { (kind: kind, seed: common.seed &+ $0) }
    }
    let found = try sideBySide("range tests", jobs, steps: 1, unit: "tests") { job, _ in
      try rangeTest(
        Task(training: data.training), from: job.kind.low, to: job.kind.high, steps: steps, batchSize: 32,
        seed: job.seed, optimizer: { job.kind.choice.make(for: $0, learningRate: $1) }
      ) { digitPerceptron() }
    }
    let tests = Self.kinds.indices.map { Array(found[$0 * seedCount..<($0 + 1) * seedCount]) }
    for (kind, tests) in zip(Self.kinds, tests) {
      let name = kind.choice.rawValue
      experiment.metrics["\(name).steepest"] = geometricMean(tests.map(\.steepest))
      experiment.metrics["\(name).lowest"] = geometricMean(tests.map { $0.rates[$0.lowest] })
      let diverging = tests.compactMap(\.diverging)
      if !diverging.isEmpty { experiment.metrics["\(name).diverging"] = geometricMean(diverging) }
      let series = tests.enumerated().map { i, test in
        Series("seed \(common.seed &+ UInt64(i))", x: test.rates, y: test.smooth.map { min($0, 5) })
      }
      try experiment.write(
        LineChart(
          title: "A range test of \(kind.choice.name)",
          subtitle: "The rate grows at every step; the loss of its batch, smoothed, and cut off at 5.",
          x: Axis("learning rate", isLogarithmic: true), y: Axis("loss", unit: "nats"), series: series),
        to: "range-\(name).svg", "loss against learning rate, \(kind.choice.name)")
    }
    return tests
  }

  private func geometricMean(_ values: [Double]) -> Double {
    exp(values.map { log($0) }.reduce(0, +) / Double(values.count))
  }

  // MARK: Constant rates

  /// A training with a schedule, and what it came to.
  private struct Job: Sendable {
    let optimizer: OptimizerChoice
    let rate: Double
    let schedule: ScheduleName
    let seed: UInt64
  }

  private func train(
    _ title: String, _ jobs: [Job], _ data: ImageData
  ) throws -> [(validation: Double, test: Double, accuracy: Double)] {
    let epochCount = epochCount
    let steps = data.training.count * epochCount
    return try sideBySide("\(title), \(jobs.count) trainings", jobs, steps: steps, unit: "digits") {
      job, advance in
      var settings = TrainingSettings(
        epochs: epochCount, batchSize: 32, optimizer: job.optimizer, learningRate: job.rate, seed: job.seed)
      let length = epochCount * ((data.training.count + 31) / 32)
      settings.schedule = job.schedule.schedule(steps: length).map { .fixed($0) } ?? .constant
      let run = TrainingRun(Task(training: data.training), settings) { digitPerceptron() }
      var seen = 0
      do {
        try run.finish { digits in
          advance(digits - seen)
          seen = digits
        }
      } catch is LossIsNotFinite {
        return (.infinity, .infinity, 0)
      }
      let test = evaluate(run.model, on: data.test)
      return (evaluate(run.model, on: data.validation).loss, test.loss, test.accuracy)
    }
  }

  private func tryRates(
    _ data: ImageData, _ tests: [[RangeTest]], _ experiment: inout Experiment
  ) throws {
    var table = Table(
      "What the range test said, and which constant rate was best",
      columns: [
        "optimiser", "steepest at", "lowest at", "diverging at", "a tenth of that", "best constant rate",
        "its loss",
        "loss at the steepest", "at a tenth",
      ])
    for kind in Self.kinds {
      let name = kind.choice.rawValue
      let steepest = experiment.metrics["\(name).steepest"]!
      let lowest = experiment.metrics["\(name).lowest"]!
      let diverging = experiment.metrics["\(name).diverging"]
      let own = [steepest, diverging.map { $0 / 10 }].compactMap { $0 }
      let rates = kind.rates + own
      let jobs = rates.flatMap { rate in
        (0..<UInt64(seedCount)).map {
          Job(optimizer: kind.choice, rate: rate, schedule: .constant, seed: common.seed &+ $0)
        }
      }
      let results = try train(kind.choice.name, jobs, data)
      let losses = rates.indices.map { i in
        Spread(results[i * seedCount..<(i + 1) * seedCount].map { min($0.validation, 1e3) })
      }
      let grid = kind.rates.indices
      let best = grid.min { losses[$0].mean < losses[$1].mean }!
      func number(_ rate: Double?) -> String { rate.map { readable($0, digits: 2) } ?? "" }
      func loss(_ i: Int) -> String { i < losses.count ? losses[i].text(3) : "" }
      table.add(
        kind.choice.name, number(steepest), number(lowest), number(diverging),
        number(diverging.map { $0 / 10 }),
        number(rates[best]), loss(best), loss(grid.count), loss(grid.count + 1))
      experiment.metrics["\(name).best"] = rates[best]
      experiment.metrics["\(name).best_loss"] = losses[best].mean
      experiment.metrics["\(name).steepest_loss"] = losses[grid.count].mean
      if own.count > 1 { experiment.metrics["\(name).tenth_loss"] = losses[grid.count + 1].mean }
      let cap = 3.0
      try experiment.write(
        LineChart(
          title: "Constant rates of \(kind.choice.name)",
          subtitle: "Loss on the validation part after \(counted(epochCount, "epoch")); mean and range of "
            + "\(counted(seedCount, "seed")), cut off at 3.",
          x: Axis("learning rate", isLogarithmic: true), y: Axis("loss", unit: "nats"),
          series: [
            Series(
              "after training", x: kind.rates, y: grid.map { min(losses[$0].mean, cap) },
              low: grid.map { min(losses[$0].values.min()!, cap) },
              high: grid.map { min(losses[$0].values.max()!, cap) })
          ]), to: "constant-\(name).svg", "loss after training against the rate, \(kind.choice.name)")
    }
    experiment.show(
      table,
      note:
        "Losses on the validation part, mean ± deviation of \(counted(seedCount, "seed")); rates that were tried are "
        + "powers of two.")
  }

  // MARK: Schedules

  private func compareSchedules(_ data: ImageData, _ experiment: inout Experiment) throws {
    let rates = common.scale.of(
      quick: [0.25], standard: [0.125, 0.25, 0.5, 1], full: [0.0625, 0.125, 0.25, 0.5, 1, 2])
    let jobs = ScheduleName.allCases.flatMap { schedule in
      rates.flatMap { rate in
        (0..<UInt64(seedCount)).map {
          Job(optimizer: .sgd, rate: rate, schedule: schedule, seed: common.seed &+ $0)
        }
      }
    }
    let results = try train("schedules", jobs, data)
    var table = Table(
      "Five schedules, SGD",
      columns: ["schedule"] + rates.map { "peak \(readable($0))" } + [
        "best at", "test loss", "test accuracy",
      ])
    for (i, schedule) in ScheduleName.allCases.enumerated() {
      let own = rates.indices.map { j -> ArraySlice<(validation: Double, test: Double, accuracy: Double)> in
        let from = (i * rates.count + j) * seedCount
        return results[from..<from + seedCount]
      }
      let losses = own.map { Spread($0.map { min($0.validation, 1e3) }) }
      let best = rates.indices.min { losses[$0].mean < losses[$1].mean }!
      let (loss, accuracy) = (Spread(own[best].map(\.test)), Spread(own[best].map(\.accuracy)))
      table.add(
        [schedule.name] + losses.map { $0.mean > 100 ? "diverged" : $0.text(3) }
          + [readable(rates[best]), loss.text(3), accuracy.percentText()])
      experiment.metrics["\(schedule.rawValue).loss"] = loss.mean
      experiment.metrics["\(schedule.rawValue).loss_deviation"] = loss.deviation
      experiment.metrics["\(schedule.rawValue).accuracy"] = accuracy.mean
      experiment.metrics["\(schedule.rawValue).rate"] = rates[best]
    }
    experiment.show(
      table,
      note:
        "Under each peak the loss on the validation part, by which it is chosen; then the chosen one on the test part. "
        + "Mean ± deviation of \(counted(seedCount, "seed")).")
    let steps = 200
    try experiment.write(
      LineChart(
        title: "Five schedules", subtitle: "The rate over the steps of a training, as a share of its peak.",
        x: Axis("share of the steps", unit: "%"), y: Axis("rate / peak"),
        series: ScheduleName.allCases.map { schedule in
          let schedules = schedule.schedule(steps: steps)
          return Series(
            schedule.name, x: (0..<steps).map { Double($0) * 100 / Double(steps) },
            y: (0..<steps).map { schedules?.learningRate(at: $0, base: 1) ?? 1 })
        }), to: "schedules.svg", "the five schedules")
  }
}

/// The schedules that are compared.
enum ScheduleName: String, CaseIterable, Sendable {
  case constant, step, cosine, warmup, oneCycle = "one_cycle"

  var name: String {
    switch self {
    case .constant: "constant"
    case .step: "step"
    case .cosine: "cosine"
    case .warmup: "warm-up, then cosine"
    case .oneCycle: "one cycle"
    }
  }

  /// The schedule of a training of `steps`, nil for none. Steps fall to a tenth after a half and after three quarters; the
  /// cycle leaves the momentum alone, for there is none.
  func schedule(steps: Int) -> (any Schedule)? {
    switch self {
    case .constant: nil
    case .step: MultiStepDecay(at: [steps / 2, steps * 3 / 4])
    case .cosine: CosineDecay(steps: steps)
    case .warmup: Warmup(steps: max(1, steps / 20), of: steps)
    case .oneCycle: OneCycle(totalSteps: steps, momenta: nil)
    }
  }
}
