import ArgumentParser
import Chapter05GRU
import Engine
import Workbench

struct Longer: ChapterExperiment {
  static let name = "longer"
  static let summary = "Networks that have learned to add in short sequences read longer ones."
  static let details = """
    Takes the networks that were trained on the adding problem with sequences of 50
    steps, and tests them on shorter and on longer ones, without training them
    further.

    EXAMPLES
      gru longer
      gru longer --seed 5 --output out/longer-5
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let plan = AddingPlan.of(common.scale)
    let trainedAt = plan.lengths[0]
    let lengths = common.scale.of(
      quick: [10, 20, 40], standard: [25, 50, 100, 200, 400], full: [25, 50, 75, 100, 150, 200, 400, 800])
    var table = Table(
      "Mean squared error on sequences of other lengths; trained on T = \(trainedAt), \(plan.seeds) seeds",
      columns: ["network"] + lengths.map { "T = \($0)" })
    var series: [Series] = []
    let all = plan.shortJobs(firstSeed: common.seed)
    _ = try AddingNetworks.trained(all.flatMap(\.jobs))
    for (contender, jobs) in all {
      let errors = try AddingNetworks.trained(jobs).map { network in
        let model = try network.network()
        return lengths.map { length in
          let task = AddingProblem(length: length, seed: network.job.seed)
          return AddingNetworks.error(of: model, on: task.batch(unseen..<unseen + plan.testCount / 2))
        }
      }
      let spreads = lengths.indices.map { i in Spread(errors.map { $0[i] }) }
      table.add([contender.name] + spreads.map { $0.text(4) })
      series.append(Series(contender.name, x: lengths.map(Double.init), runs: errors))
      for (length, spread) in zip(lengths, spreads) {
        experiment.metrics["\(contender.recurrence.rawValue).mse_\(length)"] = spread.mean
        experiment.metrics["\(contender.recurrence.rawValue).mse_\(length)_worst"] = spread.values.max()!
      }
    }
    experiment.metrics["trained_at"] = Double(trainedAt)
    experiment.metrics["seeds"] = Double(plan.seeds)
    experiment.show(
      table,
      note:
        "Mean ± deviation of one network. Answering 1 has \(fixed(AddingProblem.baseline, 4)) at every length."
    )
    series.append(
      Series(
        "always answering 1", x: [Double(lengths.first!), Double(lengths.last!)],
        y: [AddingProblem.baseline, AddingProblem.baseline], isDashed: true))
    try experiment.write(
      LineChart(
        title: "Trained on sequences of \(trainedAt) steps, tested on others",
        subtitle: "Mean of \(plan.seeds) seeds; bands from the best to the worst.",
        x: Axis("length of the sequence, T", isLogarithmic: true),
        y: Axis("mean squared error", isLogarithmic: true), series: series),
      to: "longer.svg", "the error on sequences of other lengths")
  }
}
