import ArgumentParser
import Chapter05GRU
import Chapter06LSTM
import Engine
import Workbench

struct ForgetBias: ChapterExperiment {
  static let name = "forget-bias"
  static let summary = "What the forget gates' first bias decides."
  static let details = """
    Trains LSTMs that differ in the bias with which their forget gates begin, from −2
    to 2, on temporal order. The bias of a gate is the sum of bias_ih and bias_hh.

    EXAMPLES
      lstm forget-bias
      lstm forget-bias --full
    """

  @OptionGroup var common: CommonOptions

  private static let hiddenSize = 24

  func run(_ experiment: inout Experiment) throws {
    let seeds = common.scale.of(quick: 1, standard: 3, full: 5)
    let steps = common.scale.of(quick: 20, standard: 400, full: 800)
    let testCount = common.scale.of(quick: 100, standard: 400, full: 800)
    let biases: [Float?] = [-2, -1, 0, 1, 2, nil]
    let seed = common.seed
    let jobs = biases.flatMap { bias in
      (0..<UInt64(seeds)).map {
        SequenceTraining(
          task: .order, recurrence: .lstm, hiddenSize: Self.hiddenSize, forgetBias: bias, seed: seed &+ $0,
          steps: steps, testCount: testCount)
      }
    }
    let outcomes = try sideBySide("forget bias, \(jobs.count) networks", jobs, steps: steps, unit: "steps") {
      $0.scores($1)
    }

    var table = Table(
      "Temporal order, T = \(SequenceTask.orderLength), after \(grouped(steps)) steps, \(seeds) seeds",
      columns: [
        "forget bias", "bias_ih", "bias_hh", "open at first", "half-time", "at the end", "worst seed",
      ])
    var series: [Series] = []
    for bias in biases {
      let runs = zip(jobs, outcomes).filter { $0.0.forgetBias == bias }
      let scores = runs.map { $0.1 }
      let first = runs.flatMap { ($0.0.fresh().rnn as! LSTM).forgetBiases }.map {
        1 / (1 + (-$0).exponential)
      }
      let open = Spread(first.map(Double.init)).mean
      let (half, last) = (Spread(scores.map { $0[$0.count / 2 - 1] }), Spread(scores.map { $0.last! }))
      table.add(
        bias.map(signed) ?? "PyTorch's", bias.map(signed) ?? "random", bias == nil ? "random" : "0",
        fixed(open, 2), half.percentText(0), last.percentText(0), percent(last.values.min()!, 0))
      let key = "bias_\(bias.map(metricName) ?? "pytorch")"
      experiment.metrics["\(key).accuracy"] = last.mean
      experiment.metrics["\(key).half_time"] = half.mean
      experiment.metrics["\(key).worst"] = last.values.min()!
      experiment.metrics["\(key).open"] = open
      series.append(
        Series(
          bias.map { "bias \(signed($0))" } ?? "PyTorch's", x: jobs[0].milestones.map(Double.init),
          runs: scores,
          isDashed: bias == nil))
    }
    experiment.show(
      table,
      note: "Right answers, mean ± deviation. Guessing: 25 %; the first of the two symbols alone: 50 %.")
    try experiment.write(
      LineChart(
        title: "Temporal order, by the forget gates' first bias",
        subtitle: "Mean of \(seeds) seeds; bands from the worst to the best. Guessing is right in 25 %.",
        x: Axis("training steps"), y: Axis("right answers", range: 0...1), series: series),
      to: "forget-bias.svg", "right answers as training goes on, by forget bias")
    experiment.metrics["seeds"] = Double(seeds)
    experiment.metrics["steps"] = Double(steps)
    experiment.metrics["length"] = Double(SequenceTask.orderLength)
  }
}

extension Float {
  fileprivate var exponential: Float { Tensor([self]).exp()[0] }
}
