import ArgumentParser
import Chapter04FullyConnected
import Chapter05GRU
import Engine
import Workbench

struct Gates: ChapterExperiment {
  static let name = "gates"
  static let summary = "The update and reset gates of a trained GRU, unit by unit, over one sequence."
  static let details = """
    Takes a GRU that was trained on the adding problem, and shows both gates of each
    unit at every step of a sequence that it has not seen.

    EXAMPLES
      gru gates
      gru gates --sequence 7
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "Which sequence is shown, from 0.")
  var sequence = 0

  func validate() throws {
    try checkOption("--sequence", sequence, in: 0...1_000_000)
  }

  func run(_ experiment: inout Experiment) throws {
    let plan = AddingPlan.of(common.scale)
    let gru = plan.shortJobs(firstSeed: common.seed).first { $0.contender.recurrence == .gru }!
    let network = try AddingNetworks.trained(gru.jobs)[0].network()
    guard let layer = network.rnn as? GRU else { fatalError("gates: a GRU is needed") }
    let unit = GatedRecurrentUnit<Float>(layer)
    let task = AddingProblem(length: plan.lengths[0], seed: common.seed)

    let contrast = Contrast(unit, task, count: common.scale.of(quick: 20, standard: 100, full: 200))
    var table = Table(
      "Gates of a GRU that adds, mean over \(unit.hiddenSize) units",
      columns: ["gate", "at marked steps", "elsewhere", "units that differ by more than 0.2"])
    for (gate, values) in [("update z", contrast.update), ("reset r", contrast.reset)] {
      let key = gate.prefix { $0 != " " }
      table.add(gate, fixed(values.marked, 3), fixed(values.elsewhere, 3), "\(values.differing)")
      experiment.metrics["\(key)_marked"] = values.marked
      experiment.metrics["\(key)_elsewhere"] = values.elsewhere
      experiment.metrics["\(key)_differing"] = Double(values.differing)
    }
    experiment.metrics["units"] = Double(unit.hiddenSize)
    experiment.show(table, note: "z near 1 keeps the old state, z near 0 takes the candidate.")

    let example = task.example(unseen + UInt64(sequence))
    let steps = unit(matrices(task.batch(unseen + UInt64(sequence)..<unseen + UInt64(sequence) + 1).inputs))
    let names = example.numbers.enumerated().map { t, u in
      (t == example.marks.first || t == example.marks.second ? "marked " : "") + fixed(Double(u), 2)
    }
    try experiment.write(
      picture("Update gate z", steps.map(\.update), contrast.update.order, names),
      to: "update.png", "the update gate of every unit, step by step")
    try experiment.write(
      picture("Reset gate r", steps.map(\.reset), contrast.reset.order, names),
      to: "reset.png", "the reset gate of every unit, step by step")
  }

  private func picture(_ title: String, _ gate: [Matrix<Float>], _ order: [Int], _ names: [String]) -> Canvas
  {
    let values = order.flatMap { unit in gate.map { $0[0, unit] } }
    return heatMap(
      Tensor(values, shape: [order.count, gate.count]), rowLabels: order.map { "\($0)" }, columnLabels: names,
      rowTitle: "unit", columnTitle: "the number read at each step",
      title: "\(title), over a sequence of the adding problem",
      subtitle: "Units in the order of how much lower their gate is at marked steps.", quantity: "gate",
      range: 0...1
    )
  }
}

/// `[T, N, D]` as one matrix for each step.
func matrices<Scalar: Real>(_ x: Tensor) -> [Matrix<Scalar>] {
  (0..<x.shape[0]).map { Matrix(x.sliced($0..<$0 + 1, axis: 0).reshaped([x.shape[1], x.shape[2]])) }
}

/// How gates at marked steps differ from those elsewhere.
private struct Contrast {
  struct Values {
    var marked = 0.0
    var elsewhere = 0.0
    /// How many units' means differ by more than 0.2.
    var differing = 0
    /// The units, first those whose gate is lowest at marked steps compared with elsewhere.
    var order: [Int] = []
  }

  var update = Values()
  var reset = Values()

  init(_ unit: GatedRecurrentUnit<Float>, _ task: AddingProblem, count: UInt64) {
    let examples = (unseen..<unseen + count).map(task.example)
    let steps = unit(matrices(task.batch(unseen..<unseen + count).inputs))
    update = Self.values(steps.map(\.update), examples)
    reset = Self.values(steps.map(\.reset), examples)
  }

  private static func values(_ gate: [Matrix<Float>], _ examples: [AddingProblem.Example]) -> Values {
    let units = gate[0].columns
    var (marked, elsewhere) = ([Double](repeating: 0, count: units), [Double](repeating: 0, count: units))
    for (n, example) in examples.enumerated() {
      for t in gate.indices {
        for unit in 0..<units {
          if t == example.marks.first || t == example.marks.second {
            marked[unit] += Double(gate[t][n, unit]) / Double(2 * examples.count)
          } else {
            elsewhere[unit] += Double(gate[t][n, unit]) / Double((gate.count - 2) * examples.count)
          }
        }
      }
    }
    var values = Values()
    values.marked = Spread(marked).mean
    values.elsewhere = Spread(elsewhere).mean
    values.differing = zip(marked, elsewhere).count { abs($0 - $1) > 0.2 }
    values.order = (0..<units).sorted { marked[$0] - elsewhere[$0] < marked[$1] - elsewhere[$1] }
    return values
  }
}
