import ArgumentParser
import Chapter00FirstSteps
import Engine
import Workbench

struct OneNeuron: ChapterExperiment {
  static let name = "neuron"
  static let summary = "One neuron that tells two clouds of points apart."
  static let details = """
    Trains a neuron on points of two clouds that overlap, and tests it on others.

    EXAMPLES
      first-steps neuron
      first-steps neuron --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("One neuron, two clouds\n")
    let seeds = common.scale.of(quick: 3, standard: 10, full: 10)
    let moments = [0, 1, 10, 100, 1_000]
    let runs = (0..<seeds).map { NeuronRun(seed: common.seed &+ UInt64($0), moments: moments) }

    var table = Table(
      "A neuron learns from 100 points; mean ± deviation over \(seeds) seeds",
      columns: ["steps done", "training loss", "test loss", "right in training, %", "right in the test, %"])
    for (k, step) in moments.enumerated() {
      let columns = [
        Spread(runs.map { $0.losses[k].training }), Spread(runs.map { $0.losses[k].test }),
        Spread(runs.map { $0.right[k].training * 100 }), Spread(runs.map { $0.right[k].test * 100 }),
      ]
      table.add("\(step)", columns[0].text(3), columns[1].text(3), columns[2].text(1), columns[3].text(1))
      experiment.metrics["loss_after_\(step)"] = columns[0].mean
      experiment.metrics["test_loss_after_\(step)"] = columns[1].mean
      experiment.metrics["accuracy_after_\(step)"] = columns[2].mean / 100
      experiment.metrics["test_accuracy_after_\(step)"] = columns[3].mean / 100
    }
    experiment.show(table, note: "η = 0.5; the test has 2,000 other points of the same clouds")
    experiment.metrics["seeds"] = Double(seeds)

    let first = runs[0]
    let trained = first.neurons.last!
    let engine = neuronByEngine(
      Tensor(first.x.map { [Float($0.x1), Float($0.x2)] }), Tensor(first.t.map { [Float($0)] }),
      learningRate: 0.5,
      steps: 1_000
    ).neuron
    let difference = [engine.w1 - trained.w1, engine.w2 - trained.w2, engine.b - trained.b].map { abs($0) }
      .max()!
    experiment.metrics["engine_difference"] = difference
    (experiment.metrics["w1"], experiment.metrics["w2"]) = (trained.w1, trained.w2)
    experiment.metrics["b"] = trained.b
    print("  By hand and by the engine, the weights differ by \(scientific(difference, 0)) at most.\n")
    try experiment.write(
      clouds(first.x, first.t, trained), to: "clouds.svg", "what the neuron says of every place")
  }

  private func clouds(_ x: [Place], _ t: [Int], _ neuron: Neuron) -> ContourChart {
    func points(of label: Int, _ name: String) -> Series {
      let own = zip(x, t).filter { $0.1 == label }.map(\.0)
      var series = Series(name, x: own.map(\.x1), y: own.map(\.x2))
      series.isPoints = true
      return series
    }
    var chart = ContourChart(
      title: "One neuron between two clouds",
      subtitle: "Lines: places to which the trained neuron gives the same probability of class 1.",
      x: Axis("x₁", range: -5...5), y: Axis("x₂", range: -3.5...3.5), levels: [0.01, 0.1, 0.5, 0.9, 0.99],
      series: [points(of: 1, "class 1"), points(of: 0, "class 0")]
    ) { neuron(Place($0, $1)) }
    chart.colorMap = .blueWhiteRed
    chart.colors = [Color.categories[1], Color.categories[0]]
    chart.shades = 0.32...0.68
    return chart
  }
}

/// A neuron's training from one seed: how it stood after some numbers of steps.
private struct NeuronRun {
  let x: [Place], t: [Int]
  var neurons: [Neuron] = []
  var losses: [(training: Double, test: Double)] = []
  var right: [(training: Double, test: Double)] = []

  init(seed: UInt64, moments: [Int]) {
    var stream = RandomStream(seed: seed)
    (x, t) = twoClouds(count: 100, from: &stream)
    let test = twoClouds(count: 2_000, from: &stream)
    var neuron = Neuron(w1: 0, w2: 0, b: 0)
    for step in 0...moments.last! {
      if step > 0 { neuron.step(against: neuron.gradient(x, t), learningRate: 0.5) }
      if moments.contains(step) {
        neurons.append(neuron)
        losses.append((neuron.loss(x, t), neuron.loss(test.x, test.t)))
        right.append((neuron.accuracy(x, t), neuron.accuracy(test.x, test.t)))
      }
    }
  }
}
