import ArgumentParser
import Chapter04FullyConnected
import Engine
import Workbench

struct Autodiff: ChapterExperiment {
  static let name = "autodiff"
  static let summary =
    "A tiny automatic differentiation: one neuron as a graph, and a network that learns by it."
  static let details = """
    Draws the calculation of one neuron with every value and gradient; then trains a \
    small network on two half moons, once with gradients from the tape and once with \
    the way back written by hand.

    EXAMPLES
      fully-connected autodiff
      fully-connected autodiff --seed 4
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try autodiff(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// One neuron as a graph, and a small network trained by the tape.
func autodiff(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  try neuron(to: &experiment)
  try moons(seed: seed, quick: quick, to: &experiment)
}

/// The squared error of one neuron, `L = (tanh(w₁x₁ + w₂x₂ + b) − t)²`.
private func neuron(to experiment: inout Experiment) throws {
  let tape = Tape()
  let (w1, x1, w2, x2) = (tape.input(0.5), tape.input(2), tape.input(-1.5), tape.input(1))
  let (b, t) = (tape.input(0.25), tape.input(1))
  let sum = w1 * x1 + w2 * x2
  let y = tanh(sum + b)
  let loss = (y - t).squared()
  tape.backward(from: loss)

  let names = [
    w1.place: "w₁", x1.place: "x₁", w2.place: "w₂", x2.place: "x₂", b.place: "b", t.place: "t",
    y.place: "y", loss.place: "L",
  ]
  var table = Table(
    "One neuron, step by step",
    columns: ["place", "name", "step", "made from", "slopes", "value", "gradient"])
  for (place, step) in tape.steps.enumerated() {
    table.add(
      "\(place)", names[place] ?? "", "\(step.op)", step.inputs.map { "\($0.place)" }.joined(separator: ", "),
      step.inputs.map { fixed($0.slope, 4) }.joined(separator: ", "), fixed(step.value, 4),
      fixed(step.gradient, 4))
    if let name = names[place] {
      let key = ["w₁": "w1", "x₁": "x1", "w₂": "w2", "x₂": "x2"][name] ?? name.lowercased()
      experiment.metrics["neuron_\(key)"] = step.value
      experiment.metrics["neuron_\(key)_gradient"] = step.gradient
    }
  }
  experiment.show(table)
  try experiment.write(
    graphPicture(
      tape.steps, names: names, title: "One neuron, and its squared error: L = (tanh(w₁x₁ + w₂x₂ + b) − t)²",
      subtitle:
        "In each box: its value, and below in orange its gradient, ∂L/∂ of it. On each line: the slope."),
    to: "graph.png", "every value and every gradient of one neuron")
}

/// Trains the same network twice: with the tape's gradients, and with the way back written by hand.
private func moons(seed: UInt64, quick: Bool, to experiment: inout Experiment) throws {
  var stream = RandomStream(seed: seed)
  let (x, t) = halfMoons(count: 200, noise: 0.12, from: &stream)
  let fresh = halfMoons(count: 2_000, noise: 0.12, from: &stream)
  let start = MultilayerPerceptron<Double>(
    sizes: [2, 16, 2], activation: .tanh, firstWeights: .xavier, from: &stream)
  let steps = quick ? 60 : 600
  let rate = 1.0

  var (byTape, snapshots) = (start, [(0, start)])
  let progress = Progress("by tape", total: steps, unit: "steps")
  var losses: [Double] = []
  var tapeLength = 0
  let tapeWatch = Stopwatch()
  for step in 1...steps {
    let (loss, gradients, length) = byTape.lossAndGradientsByTape(x, t)
    byTape.step(against: gradients, learningRate: rate)
    losses.append(loss)
    tapeLength = length
    if [steps / 60, steps / 10, steps].contains(step) { snapshots.append((step, byTape)) }
    progress.update(step, note: "loss \(fixed(loss, 4))")
  }
  let tapeSeconds = tapeWatch.seconds
  progress.finish("loss \(fixed(losses.last!, 4))")

  var byHand = start
  var handLosses: [Double] = []
  let handWatch = Stopwatch()
  for _ in 1...steps {
    let (loss, gradients) = byHand.lossAndGradients(x, t)
    byHand.step(against: gradients, learningRate: rate)
    handLosses.append(loss)
  }
  let handSeconds = handWatch.seconds
  let difference = zip(losses, handLosses).map { abs($0 - $1) }.max()!

  var table = Table(
    "Two half moons: \(start.parameterCount) parameters, \(x.rows) points, \(steps) steps",
    columns: [
      "gradients", "first loss", "last loss", "right", "right on new points", "steps on the tape",
      "ms a step",
    ])
  for (name, model, losses, length, seconds) in [
    ("by tape", byTape, losses, grouped(tapeLength), tapeSeconds),
    ("by hand", byHand, handLosses, "", handSeconds),
  ] {
    table.add(
      name, fixed(losses[0], 4), fixed(losses.last!, 4), percent(accuracy(model, x, t)),
      percent(accuracy(model, fresh.x, fresh.t)), length, fixed(seconds / Double(steps) * 1e3, 2))
  }
  experiment.show(table, note: "The losses of the two differ by \(power(difference)) at most.")
  experiment.metrics["moons_loss"] = losses.last!
  experiment.metrics["moons_first_loss"] = losses[0]
  experiment.metrics["moons_accuracy"] = accuracy(byTape, x, t)
  experiment.metrics["moons_fresh_accuracy"] = accuracy(byTape, fresh.x, fresh.t)
  experiment.metrics["loss_difference"] = difference
  experiment.metrics["tape_steps"] = Double(tapeLength)
  experiment.metrics["tape_ms"] = tapeSeconds / Double(steps) * 1e3
  experiment.metrics["hand_ms"] = handSeconds / Double(steps) * 1e3
  try experiment.write(
    decisionMaps(snapshots, x, t), to: "decision.png", "what the network says of every place, as it learns")
}

/// The share of points whose larger logit is that of their class.
private func accuracy(_ model: MultilayerPerceptron<Double>, _ x: Matrix<Double>, _ t: [Int]) -> Double {
  let y = model(x)
  return Double((0..<x.rows).count { (y[$0, 1] > y[$0, 0] ? 1 : 0) == t[$0] }) / Double(x.rows)
}
