import ArgumentParser
import Chapter00FirstSteps
import Engine
import Workbench

struct FittedLine: ChapterExperiment {
  static let name = "line"
  static let summary = "A line fitted by gradient descent, drawn on the valley that it descends."
  static let details = """
    Fits y = w x + b to four measurements: three steps as with a pencil, then many,
    with several learning rates, and once more with the engine.

    EXAMPLES
      first-steps line
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("A line, fitted by gradient descent\n")
    let seedling = Seedling()
    try seedling.firstSteps(&experiment)
    try seedling.rates(steps: common.scale.of(quick: 50, standard: 200, full: 200), &experiment)
    seedling.engine(steps: common.scale.of(quick: 50, standard: 200, full: 200), &experiment)
  }
}

/// A seedling's height in cm on four days, and how lines are fitted to it.
struct Seedling {
  let x = [0.0, 1, 2, 3]
  let t = [1.0, 2, 4, 5]
  let start = Line(w: 0, b: 0)
  var bottom: Line { leastSquaresLine(x, t) }

  /// What the pencil does: three steps, with every number.
  func firstSteps(_ experiment: inout Experiment) throws {
    let path = descent(from: start, x, t, learningRate: 0.1, steps: 50)
    var table = Table(
      "Gradient descent with η = 0.1",
      columns: ["steps done", "w", "b", "loss", "slope along w", "slope along b"])
    for step in [0, 1, 2, 3, 10, 50] {
      let line = path[step]
      let gradient = line.gradient(x, t)
      table.add(
        "\(step)", fixed(line.w, 4), fixed(line.b, 4), fixed(line.loss(x, t), 4), fixed(gradient.dw, 4),
        fixed(gradient.db, 4))
      experiment.metrics["w_after_\(step)"] = line.w
      experiment.metrics["b_after_\(step)"] = line.b
      experiment.metrics["loss_after_\(step)"] = line.loss(x, t)
    }
    experiment.show(table)
    (experiment.metrics["w_best"], experiment.metrics["b_best"]) = (bottom.w, bottom.b)
    experiment.metrics["loss_best"] = bottom.loss(x, t)
    experiment.metrics["day_4"] = path[50](4)

    let shown = [0, 1, 2, 50]
    var points = Series("measured", x: x, y: t)
    points.isPoints = true
    try experiment.write(
      LineChart(
        title: "A line learns", subtitle: "y = w x + b before the first step and after 1, 2 and 50.",
        x: Axis("day"), y: Axis("height", unit: "cm"),
        series: shown.map { step in
          Series(
            step == 0 ? "at the start" : "after \(counted(step, "step"))", x: [0, 4],
            y: [path[step](0), path[step](4)])
        } + [points]),
      to: "lines.svg", "the line as it learns")
    try experiment.write(
      valley(
        title: "The valley of the loss",
        subtitle: "Each place is a line, its height the line's loss. Gradient descent with η = 0.1.",
        [("50 steps from w = 0, b = 0", Array(path))]),
      to: "valley.svg", "the loss of every line, and the way down")
  }

  /// What other learning rates do.
  func rates(steps: Int, _ experiment: inout Experiment) throws {
    let limit = largestLearningRate(x)
    experiment.metrics["largest_rate"] = limit
    let rates = [0.01, 0.1, 0.23, 0.25]
    let paths = rates.map { descent(from: start, x, t, learningRate: $0, steps: steps) }
    var table = Table(
      "The same start, other learning rates",
      columns: ["η", "loss after 1 step", "after 10", "after 50", "steps until 0.051"])
    for (rate, path) in zip(rates, paths) {
      let losses = path.map { $0.loss(x, t) }
      let arrival = losses.firstIndex { $0 < 0.051 }
      table.add(
        "\(rate)", short(losses[1]), short(losses[10]), short(losses[50]),
        arrival.map { "\($0)" } ?? (losses.last! > losses[0] ? "never" : "more than \(steps)"))
      let name = "rate_\(Int((rate * 100).rounded()))"
      experiment.metrics["\(name)_loss_after_50"] = losses[50]
      if let arrival { experiment.metrics["\(name)_steps"] = Double(arrival) }
    }
    experiment.show(
      table,
      note:
        "the least loss of any line is \(fixed(bottom.loss(x, t), 3)); it flies off above η = \(fixed(limit, 4))"
    )
    try experiment.write(
      LineChart(
        title: "Loss and learning rate", subtitle: "Mean squared error after each step.",
        x: Axis("steps done"), y: Axis("loss", isLogarithmic: true, range: 0.01...10_000),
        series: zip(rates, paths).map { rate, path in
          Series("η = \(rate)", x: (0...50).map(Double.init), y: path[...50].map { $0.loss(x, t) })
        }), to: "rates.svg", "the loss after each step, for four learning rates")
    try experiment.write(
      valley(
        title: "Steps that are too large",
        subtitle:
          "From two starts: η = 0.23 swings from side to side and settles, η = 0.25 swings ever further.",
        [
          ("η = 0.25, 12 steps", descent(from: Line(w: 0.5, b: 2), x, t, learningRate: 0.25, steps: 12)),
          ("η = 0.23, 12 steps", Array(paths[2][...12])),
        ]), to: "too-large.svg", "two learning rates near the limit")
  }

  private func short(_ loss: Double) -> String { loss < 1_000 ? fixed(loss, 4) : grouped(loss) }

  /// The same by the engine, which finds the slopes by itself.
  func engine(steps: Int, _ experiment: inout Experiment) {
    let plain = descent(from: start, x, t, learningRate: 0.1, steps: steps)
    let (w, b, losses) = lineByEngine(
      Tensor(x.map { Float($0) }), Tensor(t.map { Float($0) }), learningRate: 0.1, steps: steps)
    let difference = zip(losses, plain).map { abs(Double($0) - $1.loss(x, t)) }.max()!
    var table = Table("After \(steps) steps with η = 0.1", columns: ["", "w", "b", "loss"])
    table.add("by hand", fixed(plain.last!.w, 4), fixed(plain.last!.b, 4), fixed(plain.last!.loss(x, t), 4))
    table.add(
      "by the engine", fixed(Double(w), 4), fixed(Double(b), 4),
      fixed(Line(w: Double(w), b: Double(b)).loss(x, t), 4))
    table.add("the bottom of the valley", fixed(bottom.w, 4), fixed(bottom.b, 4), fixed(bottom.loss(x, t), 4))
    experiment.show(
      table, note: "The losses of hand and engine differ by \(scientific(difference, 0)) at most.")
    experiment.metrics["engine_w"] = Double(w)
    experiment.metrics["engine_b"] = Double(b)
    experiment.metrics["engine_difference"] = difference
  }

  private func valley(title: String, subtitle: String, _ paths: [(name: String, lines: [Line])])
    -> ContourChart
  {
    let (x, t) = (x, t)
    var best = Series(
      "lowest place: w = \(fixed(bottom.w, 1)), b = \(fixed(bottom.b, 1))", x: [bottom.w], y: [bottom.b])
    best.isPoints = true
    return ContourChart(
      title: title, subtitle: subtitle, x: Axis("w, how steep", range: -1...4),
      y: Axis("b, height on day 0", range: -1.5...2.5),
      levels: [0.1, 0.3, 1, 3, 6, 10, 15, 20, 30, 40, 60, 80],
      series: paths.map { path in
        Series(
          path.name, x: path.lines.map(\.w), y: path.lines.map(\.b),
          labels: path.lines.indices.map { $0 < 4 && paths.count == 1 ? "\($0)" : "" })
      } + [best]
    ) { w, b in Line(w: w, b: b).loss(x, t) }
  }
}
