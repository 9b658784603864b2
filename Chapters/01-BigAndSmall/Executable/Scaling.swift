import ArgumentParser
import Chapter01BigAndSmall
import Engine
import Foundation
import Workbench

struct Scaling: ChapterExperiment {
  static let name = "scaling"
  static let summary = "One network in many sizes: too small, too large, and a law between."
  static let details = """
    Trains the article's CNN with 2,000 to 45,000 parameters on many and on few digits, and fits power laws to the \
    losses. They predict a network ten times larger, and one with ten times the digits; both are then trained.

    EXAMPLES
      big-and-small scaling
      big-and-small scaling --quick --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try scaling(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// Trains the family, fits the laws, and holds their predictions against what is trained afterwards.
func scaling(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let plan = quick ? ScalingPlan.quick : .full
  let runs = try ScalingRuns(plan, seed: seed)
  let chosen = plan.widths + [plan.largeWidth]

  let many = chosen.map { runs(width: $0, digits: plan.manyDigits) }
  let few = plan.widths.map { runs(width: $0, digits: plan.fewDigits) }
  let data = (plan.digits + [plan.manyDigits]).map { runs(width: plan.dataWidth, digits: $0) }
  let byParameters = LawOfLoss("parameters", runs: many, seed: seed) { Double($0.parameters) }
  let byDigits = LawOfLoss("digits", runs: data, seed: seed) { Double($0.digits) }

  experiment.show(
    sizesTable(many, few, plan),
    note:
      "The weights kept are those that read the validation part best; the training loss is that of the end.")
  experiment.show(dataTable(data, plan))
  experiment.show(
    lawsTable([byParameters, byDigits]),
    note:
      "In brackets: the middle 95 % of a thousand fits to residuals drawn anew. A law with a floor never falls below it."
  )
  for (runs, name) in [(many, "many"), (few, "few")] {
    for run in runs {
      let key = "\(name)_digits_\(run[0].parameters)_parameters"
      experiment.metrics["\(key)_test_loss"] = Spread(run.map(\.testLoss)).mean
      experiment.metrics["\(key)_last_test_loss"] = Spread(run.map(\.lastTestLoss)).mean
      experiment.metrics["\(key)_training_loss"] = Spread(run.map(\.lastTrainingLoss)).mean
      experiment.metrics["\(key)_accuracy"] = Spread(run.map(\.accuracy)).mean
    }
  }
  for run in data {
    experiment.metrics["digits_\(run[0].digits)_test_loss"] = Spread(run.map(\.testLoss)).mean
  }
  byParameters.note(in: &experiment.metrics)
  byDigits.note(in: &experiment.metrics)

  try experiment.write(
    fittingChart(many, few, plan), to: "fitting.svg", "training and test loss over the parameters")
  try experiment.write(
    byParameters.chart(
      title: "Test loss against parameters", subtitle: "\(grouped(plan.manyDigits)) digits.",
      axis: "parameters"),
    to: "parameters.svg", "the law of the parameters, and the network ten times larger")
  try experiment.write(
    byDigits.chart(
      title: "Test loss against digits",
      subtitle: "\(grouped(data[0][0].parameters)) parameters.", axis: "digits to learn from"
    ),
    to: "digits.svg", "the law of the digits, and ten times as many")
}

private func sizesTable(_ many: [[ScalingRun]], _ few: [[ScalingRun]], _ plan: ScalingPlan) -> Table {
  var table = Table(
    "The article's network in \(many.count) sizes, \(plan.seeds) seeds",
    columns: ["parameters"]
      + [plan.manyDigits, plan.fewDigits].flatMap { count in
        ["training loss", "test loss", "right"].map { "\($0), \(grouped(count)) digits" }
      })
  for (i, many) in many.enumerated() {
    func cells(_ runs: [ScalingRun]) -> [String] {
      [
        Spread(runs.map(\.lastTrainingLoss)).text(3), Spread(runs.map(\.testLoss)).text(3),
        Spread(runs.map(\.accuracy)).percentText(),
      ]
    }
    let (a, b) = (cells(many), i < few.count ? cells(few[i]) : ["", "", ""])
    table.add(
      grouped(many[0].parameters), a[0], a[1], a[2], b[0], b[1], b[2])
  }
  return table
}

private func dataTable(_ data: [[ScalingRun]], _ plan: ScalingPlan) -> Table {
  var table = Table(
    "\(grouped(data[0][0].parameters)) parameters, more and more digits",
    columns: ["digits", "training loss", "test loss at the end", "test loss of the weights kept", "right"])
  for runs in data {
    table.add(
      grouped(runs[0].digits), Spread(runs.map(\.lastTrainingLoss)).text(3),
      Spread(runs.map(\.lastTestLoss)).text(3), Spread(runs.map(\.testLoss)).text(3),
      Spread(runs.map(\.accuracy)).percentText())
  }
  return table
}

private func lawsTable(_ laws: [LawOfLoss]) -> Table {
  var table = Table(
    "The laws, and what they say of ten times as much",
    columns: ["over", "law", "exponent b", "floor", "says", "measured", "inside"])
  for law in laws {
    for (name, fit) in [("a x⁻ᵇ", law.line), ("c + a x⁻ᵇ", law.withFloor)] {
      let (said, floors) = (fit.prediction(at: law.largeX), fit.floors)
      let inside = law.largeLosses.count { said.contains($0) }
      table.add(
        law.name, name, "\(fixed(fit.law.exponent, 2)) \(brackets(fit.exponents, 2))",
        name == "a x⁻ᵇ" ? "none" : "\(fixed(fit.law.floor, 3)) \(brackets(floors, 3))",
        "\(fixed(fit.law(law.largeX), 3)) \(brackets(said, 3))", Spread(law.largeLosses).text(3),
        "\(inside) of \(law.largeLosses.count)")
    }
  }
  return table
}

private func brackets(_ range: ClosedRange<Double>, _ digits: Int) -> String {
  "[\(fixed(range.lowerBound, digits)), \(fixed(range.upperBound, digits))]"
}

private func fittingChart(_ many: [[ScalingRun]], _ few: [[ScalingRun]], _ plan: ScalingPlan) -> LineChart {
  func series(_ name: String, _ runs: [[ScalingRun]], dashed: Bool, _ loss: (ScalingRun) -> Double) -> Series
  {
    Series(
      name, x: runs.map { Double($0[0].parameters) },
      runs: (0..<plan.seeds).map { seed in runs.map { loss($0[seed]) } }, isDashed: dashed)
  }
  let (a, b) = (grouped(plan.manyDigits), grouped(plan.fewDigits))
  var chart = LineChart(
    title: "Training loss and test loss by size",
    subtitle: "Loss after the last step; the bands hold all \(plan.seeds) seeds.",
    x: Axis("parameters", isLogarithmic: true), y: Axis("loss", isLogarithmic: true),
    series: [
      series("\(b) digits, test", few, dashed: false, \.lastTestLoss),
      series("\(b) digits, training", few, dashed: true, \.lastTrainingLoss),
      series("\(a) digits, test", many, dashed: false, \.lastTestLoss),
      series("\(a) digits, training", many, dashed: true, \.lastTrainingLoss),
    ])
  chart.plotHeight = 360
  return chart
}
