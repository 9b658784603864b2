import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

struct Tasks: ChapterExperiment {
  static let name = "tasks"
  static let summary = "CNN, RNN, GRU, LSTM and attention with equally many parameters, on the same tasks."
  static let details = """
    Digits row by row (the CNN sees the image as such), with --full also pixel by pixel; nested lists of 64 to 96 symbols; \
    sentences whose words come in two orders. Each network has the width that brings it closest to the same number of \
    parameters. Beside them stands what the mean of all steps tells, whatever their order.

    EXAMPLES
      choose-model tasks
      choose-model tasks --task lists --kind attention --kind lstm --seeds 3
      choose-model tasks --full
      choose-model tasks --full --choose-rate     each with the best of three learning rates
    """

  @OptionGroup var common: CommonOptions

  @Option(
    help: "A task: digits, pixels, lists or sentences; may be given several times (default: all of the size)."
  )
  var task: [TaskName] = []

  @Option(
    help: "A network: bag, cnn, rnn, gru, lstm or attention; may be given several times (default: all).")
  var kind: [NetworkKind] = []

  @Option(parsing: .unconditional, help: "How many seeds (default: 2; with --full 3, with --quick 1).")
  var seeds: Int?

  @Option(parsing: .unconditional, help: "About how many parameters each network has (default: 20,000).")
  var parameters: Int?

  @Option(parsing: .unconditional, help: "How often the examples are read (default: by task and size).")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "How many examples to learn from (default: by task and size).")
  var examples: Int?

  @Option(
    parsing: .unconditional,
    help: "The learning rate of all of them (default: 0.003).")
  var learningRate: Double?

  @Flag(
    name: .customLong("choose-rate"),
    help: "Give each network the learning rate of three that is best on the validation part.")
  var choosesRate = false

  func validate() throws {
    if choosesRate, learningRate != nil {
      throw ValidationError("--choose-rate tries learning rates, --learning-rate gives one: one of them")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    try checkOption("--seeds", seeds, in: 1...1_000)
    try checkOption("--parameters", parameters, in: 500...10_000_000)
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--examples", examples, in: 32...1_000_000)
  }

  /// The learning rates that are tried.
  static let rates = [1e-3, 3e-3, 1e-2]

  func run(_ experiment: inout Experiment) throws {
    let tasks =
      task.isEmpty
      ? common.scale.of(
        quick: [.digits, .lists, .sentences], standard: [.digits, .lists, .sentences], full: TaskName.allCases
      )
      : task
    let seedCount = seeds ?? common.scale.of(quick: 1, standard: 2, full: 3)
    let budget = parameters ?? common.scale.of(quick: 3_000, standard: 20_000, full: 20_000)
    if common.full, kind.isEmpty, task.isEmpty, epochs == nil, examples == nil {
      print("--full: six kinds of network on four tasks, about 6 minutes on two cores\n")
    }
    var outcomes: [TaskName: [NetworkOutcome]] = [:]
    for task in tasks {
      let found = try compare(on: task, budget, seedCount, &experiment)
      outcomes[task] = found
      try report(task, found, seedCount, &experiment)
    }
    try decide(tasks, outcomes, &experiment)
    experiment.metrics["seeds"] = Double(seedCount)
    experiment.metrics["parameters"] = Double(budget)
  }

  /// What a kind of network came to on a task.
  struct NetworkOutcome {
    let kind: NetworkKind
    let width: Int
    let parameters: Int
    let rate: Double
    let accuracies: Spread
    let seconds: Spread
    /// What training adds to the memory of the process, in MiB; nil where it could not be measured.
    let memory: Double?
    /// Validation accuracy after every epoch, for each seed.
    let curves: [[Double]]
  }

  private func counts(_ task: TaskName) -> (SequenceData.Counts, epochs: Int) {
    let (training, epochs): (Int, Int)
    switch task {
    case .digits:
      (training, epochs) = common.scale.of(quick: (96, 1), standard: (1_000, 6), full: (4_000, 10))
    case .pixels:
      (training, epochs) = common.scale.of(quick: (96, 1), standard: (500, 2), full: (4_000, 8))
    case .lists:
      (training, epochs) = common.scale.of(quick: (96, 1), standard: (2_000, 5), full: (8_000, 15))
    case .sentences:
      (training, epochs) = common.scale.of(quick: (96, 1), standard: (4_000, 16), full: (4_000, 20))
    }
    let test = common.scale.of(quick: 100, standard: 500, full: 2_000)
    return (
      .init(training: examples ?? training, validation: test / 2, test: test), epochs: self.epochs ?? epochs
    )
  }

  private func compare(
    on task: TaskName, _ budget: Int, _ seedCount: Int, _ experiment: inout Experiment
  ) throws -> [NetworkOutcome] {
    let (counts, epochs) = counts(task)
    let data = task.data(counts, seed: common.seed)
    let kinds = kind.isEmpty ? NetworkKind.allCases : kind
    let widths = kinds.map { SequenceClassifier.width($0, for: data, parameters: budget) }
    func training(_ i: Int, _ rate: Double, _ seed: UInt64, _ epochs: Int) -> SequenceTraining {
      SequenceTraining(
        kind: kinds[i], data: data, width: widths[i], epochs: epochs, learningRate: rate, seed: seed)
    }
    func trained(_ title: String, _ jobs: [SequenceTraining]) throws -> [(
      curve: [Double], test: Double, seconds: Double
    )] {
      try sideBySide(title, jobs, steps: jobs[0].examples, unit: "examples") { job, advance in
        let before = threadSeconds()
        let run = try job.finished(advance)
        let seconds = threadSeconds() - before
        let curve = run?.history.map { $0.validation!.accuracy } ?? []
        return (curve, run?.model.accuracy(on: data.test, classCount: data.classCount) ?? 0, seconds)
      }
    }
    // Shorter runs choose the rate, from a seed that is not used again.
    let trial = common.seed &+ 1_000
    let trials = kinds.indices.flatMap { i in
      Self.rates.map { training(i, $0, trial, max(1, epochs / 3)) }
    }
    let tried = !choosesRate ? [] : try trained("\(data.name), learning rates", trials)
    let rates = kinds.indices.map { i -> Double in
      if tried.isEmpty { return learningRate ?? Self.rates[1] }
      let of = tried[i * Self.rates.count..<(i + 1) * Self.rates.count].map { $0.curve.last ?? 0 }
      return Self.rates[of.indices.max { of[$0] < of[$1] }!]
    }
    let jobs = kinds.indices.flatMap { i in
      (0..<UInt64(seedCount)).map { training(i, rates[i], common.seed &+ $0, epochs) }
    }
    let results = try trained("\(data.name), \(jobs.count) networks", jobs)
    experiment.metrics["\(task.rawValue).training"] = Double(counts.training)
    experiment.metrics["\(task.rawValue).test"] = Double(counts.test)
    experiment.metrics["\(task.rawValue).epochs"] = Double(epochs)
    experiment.metrics["\(task.rawValue).longest"] = Double(data.longest)
    return kinds.indices.map { i in
      let of = Array(results[i * seedCount..<(i + 1) * seedCount])
      return NetworkOutcome(
        kind: kinds[i], width: widths[i],
        parameters: SequenceClassifier(kinds[i], for: data, width: widths[i]).parameterCount,
        rate: rates[i], accuracies: Spread(of.map(\.test)), seconds: Spread(of.map(\.seconds)),
        memory: MemoryOfTraining.measure(task, kinds[i], width: widths[i]), curves: of.map(\.curve))
    }
  }

  private func report(
    _ task: TaskName, _ outcomes: [NetworkOutcome], _ seedCount: Int, _ experiment: inout Experiment
  ) throws {
    let (counts, epochs) = counts(task)
    let title = task.data(.init(training: 2, validation: 2, test: 2), seed: 1).name
    var table = Table(
      "\(title.prefix(1).uppercased())\(title.dropFirst()): \(grouped(counts.training)) examples, \(epochs) epochs",
      columns: ["network", "width", "parameters", "learning rate", "right", "seconds", "memory in MiB"])
    for one in outcomes {
      table.add(
        one.kind.name, "\(one.width)", grouped(one.parameters), "\(one.rate)", one.accuracies.percentText(),
        fixed(one.seconds.mean, 1), one.memory.map { fixed($0, 0) } ?? "")
      let key = "\(task.rawValue).\(one.kind.rawValue)"
      experiment.metrics["\(key).accuracy"] = one.accuracies.mean
      experiment.metrics["\(key).accuracy_deviation"] = one.accuracies.deviation
      experiment.metrics["\(key).seconds"] = one.seconds.mean
      experiment.metrics["\(key).parameters"] = Double(one.parameters)
      experiment.metrics["\(key).learning_rate"] = one.rate
      if let memory = one.memory { experiment.metrics["\(key).memory_mib"] = memory }
    }
    experiment.show(
      table,
      note:
        "right: of \(grouped(counts.test)) new examples, mean ± deviation of \(seedCount) seeds; seconds of work of one run, on one "
        + "thread; memory: what training in batches of 32 adds to the process.")
    let series = outcomes.compactMap { one -> Series? in
      let curves = one.curves.filter { $0.count == epochs }
      if curves.isEmpty { return nil }
      return Series(
        one.kind.name, x: (1...epochs).map(Double.init), runs: curves.map { $0.map { $0 * 100 } },
        isDashed: one.kind == .bag)
    }
    try experiment.write(
      LineChart(
        title: "\(title.prefix(1).uppercased())\(title.dropFirst())",
        subtitle: "Validation part; mean of the seeds, bands from the worst to the best.",
        x: Axis("epoch"), y: Axis("right", unit: "%", range: 0...100), series: series),
      to: "\(task.rawValue).svg", "right answers as training goes on: \(title)")
  }

  /// For each task: who is best, who is as good within the noise and cheapest, and what the baseline leaves.
  private func decide(
    _ tasks: [TaskName], _ outcomes: [TaskName: [NetworkOutcome]], _ experiment: inout Experiment
  ) throws {
    var table = Table(
      "Which network for which data",
      columns: [
        "task", "most often right", "right", "as good, and fastest", "seconds", "as good, least memory",
        "MiB",
        "mean of all steps",
      ])
    for task in tasks {
      let all = outcomes[task]!
      let candidates = all.filter { $0.kind != .bag }
      guard let best = candidates.max(by: { $0.accuracies.mean < $1.accuracies.mean }) else { continue }
      // As good: within two standard deviations of the difference of two means, and at least half a point.
      let asGood = candidates.filter { one in
        let (a, b) = (one.accuracies, best.accuracies)
        let n = Double(a.values.count)
        let error = ((a.deviation * a.deviation + b.deviation * b.deviation) / n).squareRoot()
        return b.mean - a.mean <= max(0.005, 2 * error)
      }
      let fastest = asGood.min { $0.seconds.mean < $1.seconds.mean }!
      let smallest = asGood.filter { $0.memory != nil }.min { $0.memory! < $1.memory! }
      let bag = all.first { $0.kind == .bag }
      table.add(
        task.data(.init(training: 2, validation: 2, test: 2), seed: 1).name, best.kind.name,
        best.accuracies.percentText(), fastest.kind.name, fixed(fastest.seconds.mean, 1),
        smallest?.kind.name ?? "", smallest.map { fixed($0.memory!, 0) } ?? "",
        bag.map { $0.accuracies.percentText() } ?? "")
    }
    experiment.show(
      table,
      note: "as good: no worse than the best by more than two standard errors, or by half a percentage point."
    )
  }
}
