import ArgumentParser
import Chapter05GRU
import Engine
import Workbench

struct Adding: ChapterExperiment {
  static let name = "adding"
  static let summary = "Two numbers of a long sequence are marked; their sum is asked for at its end."
  static let details = """
    Trains a plain RNN, a GRU and an LSTM on the adding problem, with sequences of 50
    and of 200 steps and several seeds each. Answering 1 to everything has a mean
    squared error of 1/6; below 0.01 the problem counts as solved.

    EXAMPLES
      gru adding
      gru adding --length 100 --seeds 3
      gru adding --full
    """

  @OptionGroup var common: CommonOptions

  @Option(
    parsing: .unconditional,
    help: "One length of the sequences (default: 50 and 200; with --quick 10 and 20).")
  var length: Int?

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 2; with --full 5).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--length", length, in: 2...10_000)
    try checkOption("--seeds", seeds, in: 1...1000)
  }

  func run(_ experiment: inout Experiment) throws {
    let usual = AddingPlan.of(common.scale)
    let plan = AddingPlan(
      lengths: length.map { [$0] } ?? usual.lengths, seeds: seeds ?? usual.seeds, steps: usual.steps,
      testCount: usual.testCount)
    if common.scale == .full, !experiment.isPartOfAll {
      print("This takes about ten minutes on two cores.\n")
    }
    // All at once, the long ones first, so that no core waits for the other.
    _ = try AddingNetworks.trained(
      plan.lengths.sorted(by: >).flatMap { length in
        Contender.all.reversed().flatMap { plan.jobs($0, length: length, firstSeed: common.seed) }
      })
    for length in plan.lengths { try show(length, plan, &experiment) }
    experiment.metrics["seeds"] = Double(plan.seeds)
    experiment.metrics["steps"] = Double(plan.steps)
    experiment.metrics["baseline"] = AddingProblem.baseline
    experiment.metrics["hidden_size"] = Double(AddingJob.hiddenSize)
    experiment.metrics["batch_size"] = Double(AddingJob.batchSize)
    experiment.metrics["solved_below"] = AddingPlan.solved
  }

  /// Table, chart and metrics of one length.
  private func show(_ length: Int, _ plan: AddingPlan, _ experiment: inout Experiment) throws {
    var table = Table(
      "The adding problem, T = \(length), \(grouped(plan.steps)) steps of \(AddingJob.batchSize) sequences, \(plan.seeds) seeds",
      columns: [
        "network", "parameters", "learning rate", "mean squared error", "best", "worst", "solved",
        "steps until then",
      ])
    var series: [Series] = []
    var best: [Recurrence: Double] = [:]
    for contender in Contender.all {
      let networks = try AddingNetworks.trained(plan.jobs(contender, length: length, firstSeed: common.seed))
      let errors = Spread(
        try networks.map { network in
          let task = AddingProblem(length: length, seed: network.job.seed)
          return AddingNetworks.error(
            of: try network.network(), on: task.batch(unseen..<unseen + plan.testCount))
        })
      let solved = errors.values.count { $0 < AddingPlan.solved }
      let steps = networks.compactMap { $0.steps(until: AddingPlan.solved).map(Double.init) }
      let parameters = networks[0].job.fresh().parameterCount
      table.add(
        contender.name, grouped(parameters), "\(contender.learningRate)", errors.text(4),
        fixed(errors.values.min()!, 4), fixed(errors.values.max()!, 4), "\(solved) of \(plan.seeds)",
        steps.count < plan.seeds ? "–" : grouped(Spread(steps).median))
      series.append(
        Series(
          contender.nameWithRate, x: networks[0].job.milestones.map(Double.init), runs: networks.map(\.errors)
        ))
      // Of the plain network's two rates, the better one stands for it.
      let key = contender.recurrence.rawValue
      if errors.mean < best[contender.recurrence] ?? .infinity {
        best[contender.recurrence] = errors.mean
        experiment.metrics["\(key).mse_\(length)"] = errors.mean
        experiment.metrics["\(key).mse_\(length)_worst"] = errors.values.max()!
        experiment.metrics["\(key).success_rate_\(length)"] = Double(solved) / Double(plan.seeds)
        experiment.metrics["\(key).learning_rate_\(length)"] = contender.learningRate
        experiment.metrics["\(key).milliseconds_\(length)"] =
          Spread(networks.map { $0.secondsPerStep * 1000 }).median
        if steps.count == plan.seeds {
          experiment.metrics["\(key).steps_\(length)"] = Spread(steps).median
        }
      }
      experiment.metrics["\(key).parameters"] = Double(parameters)
    }
    experiment.show(
      table,
      note:
        "Mean ± deviation of one network, on \(grouped(plan.testCount)) new sequences. Answering 1 has \(fixed(AddingProblem.baseline, 4)); solved is below \(AddingPlan.solved)."
    )
    let ends = [Double(series[0].x.first!), Double(series[0].x.last!)]
    series.append(
      Series(
        "always answering 1", x: ends, y: [AddingProblem.baseline, AddingProblem.baseline], isDashed: true))
    try experiment.write(
      LineChart(
        title: "The adding problem, T = \(length)",
        subtitle:
          "Mean of \(plan.seeds) seeds; bands from the best to the worst. New sequences all the time.",
        x: Axis("training steps"), y: Axis("mean squared error", isLogarithmic: true), series: series),
      to: "learning-curves-\(length).svg", "the error as training goes on, T = \(length)")
  }
}
