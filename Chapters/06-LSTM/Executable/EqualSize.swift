import ArgumentParser
import Chapter05GRU
import Engine
import Workbench

struct EqualSize: ChapterExperiment {
  static let name = "equal"
  static let summary = "RNN, GRU and LSTM with equally many parameters, on three tasks."
  static let details = """
    An LSTM has four times the weights of a plain RNN of the same width. Here each
    has the width that brings it closest to the same number of parameters.

    EXAMPLES
      lstm equal
      lstm equal --full
    """

  @OptionGroup var common: CommonOptions

  private static let parameters = 2_500

  func run(_ experiment: inout Experiment) throws {
    let seeds = common.scale.of(quick: 1, standard: 2, full: 5)
    let steps = common.scale.of(quick: 10, standard: 500, full: 1_500)
    let testCount = common.scale.of(quick: 50, standard: 400, full: 1_000)
    let seed = common.seed
    let jobs = SequenceTask.allCases.flatMap { task in
      Recurrence.allCases.flatMap { recurrence in
        (0..<UInt64(seeds)).map {
          SequenceTraining(
            task: task, recurrence: recurrence, hiddenSize: Self.width(recurrence, task),
            forgetBias: recurrence == .lstm ? 1 : nil, seed: seed &+ $0, steps: steps, testCount: testCount)
        }
      }
    }
    let outcomes = try sideBySide("equal sizes, \(jobs.count) networks", jobs, steps: steps, unit: "steps") {
      $0.scores($1)
    }

    for task in SequenceTask.allCases {
      var table = Table(
        "\(task.name), \(grouped(steps)) steps, \(seeds) seeds",
        columns: ["network", "width", "parameters", "right at half-time", "right at the end"])
      var series: [Series] = []
      for recurrence in Recurrence.allCases {
        let runs = zip(jobs, outcomes).filter { $0.0.task == task && $0.0.recurrence == recurrence }
        let scores = runs.map { $0.1 }
        let (half, last) = (Spread(scores.map { $0[$0.count / 2 - 1] }), Spread(scores.map { $0.last! }))
        let parameters = runs[0].0.fresh().parameterCount
        table.add(
          recurrence.name, "\(runs[0].0.hiddenSize)", grouped(parameters),
          half.percentText(),
          last.percentText())
        let key = "\(task.rawValue).\(recurrence.rawValue)"
        experiment.metrics["\(key).accuracy"] = last.mean
        experiment.metrics["\(key).half_time"] = half.mean
        experiment.metrics["\(key).parameters"] = Double(parameters)
        experiment.metrics["\(key).width"] = Double(runs[0].0.hiddenSize)
        series.append(
          Series(recurrence.name, x: runs[0].0.milestones.map(Double.init), runs: scores))
      }
      experiment.show(table, note: "Right: \(task.measure), on \(testCount) new sequences; mean ± deviation.")
      try experiment.write(
        LineChart(
          title: "\(task.name.prefix(1).uppercased())\(task.name.dropFirst())",
          subtitle:
            "About \(grouped(Self.parameters)) parameters each. Mean of \(seeds) seeds; "
            + "bands from the worst to the best.",
          x: Axis("training steps"), y: Axis("right: \(task.measure)", range: 0...1), series: series),
        to: "\(task.rawValue).svg", "right answers as training goes on, \(task.name)")
    }
    experiment.metrics["seeds"] = Double(seeds)
    experiment.metrics["steps"] = Double(steps)
  }

  /// The width that brings a network closest to the number of parameters.
  static func width(_ recurrence: Recurrence, _ task: SequenceTask) -> Int {
    let gates = [Recurrence.rnn: 1, .gru: 3, .lstm: 4][recurrence]!
    return (1...200).min { a, b in
      func distance(_ h: Int) -> Int {
        abs(gates * h * (task.inputs + h + 2) + (h + 1) * task.outputs - parameters)
      }
      return distance(a) < distance(b)
    }!
  }
}
