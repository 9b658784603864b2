import ArgumentParser
import Chapter04FullyConnected
import Chapter07TrainingACNN
import Engine
import Workbench

struct Cost: ChapterExperiment {
  static let name = "cost"
  static let summary = "What linear layers and convolutions cost: parameters, work, time."
  static let details = """
    Counts and times the four layers of the article's CNN, and what its two \
    convolutions would be as linear layers between the same numbers.

    EXAMPLES
      fully-connected cost
      fully-connected cost --threads 1
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try cost(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// A layer between given numbers of numbers, and how to run it on a batch.
private struct CostCase {
  let name: String
  let key: String
  let inputs, outputs: Int
  let parameters, flops: Int
  let run: () -> Tensor
}

/// Counts and times layers.
func cost(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let model = withRandomSource(RandomSource(seed: seed)) { CNN() }
  let sizes = model.layerSizes
  showShares(sizes, to: &experiment)

  let batch = quick ? 8 : 64
  let cases = costCases(model, sizes, batch: batch, seed: seed)
  var table = Table(
    "The same numbers in and out, \(batch) images, \(Parallel.threads) \(Parallel.threads == 1 ? "thread" : "threads")",
    columns: ["layer", "numbers in", "numbers out", "parameters", "MFLOP an image", "ms", "GFLOP/s"])
  for item in cases {
    let milliseconds = medianTime(item.run, seconds: quick ? 0.05 : 1)
    table.add(
      item.name, grouped(item.inputs), grouped(item.outputs), grouped(item.parameters),
      megaflops(item.flops), fixed(milliseconds, 2),
      fixed(Double(item.flops) * Double(batch) / milliseconds / 1e6, 0))
    experiment.metrics["\(item.key)_parameters"] = Double(item.parameters)
    experiment.metrics["\(item.key)_flops"] = Double(item.flops)
    experiment.metrics["\(item.key)_ms"] = milliseconds
  }
  experiment.show(
    table,
    note: "GFLOP/s count the multiplications and additions of the formula, whichever way they are saved.")
  try experiment.write(
    ScatterChart(
      title: "Parameters and work of a layer",
      subtitle: "The article's four layers, and its convolutions as linear layers between the same numbers.",
      x: Axis("parameters", isLogarithmic: true), y: Axis("MFLOP an image", isLogarithmic: true),
      series: [("convolution", true), ("linear", false)].map { name, isConvolution in
        let some = cases.filter { $0.name.contains("×") == isConvolution }
        return Series(
          name, x: some.map { Double($0.parameters) }, y: some.map { Double($0.flops) / 1e6 },
          labels: some.map { $0.name.prefix { $0 != "," }.description })
      }),
    to: "cost.svg", "parameters and work of each layer")
}

/// Where the article's parameters and its work sit.
private func showShares(_ sizes: [CNN.LayerSize], to experiment: inout Experiment) {
  let parameters = sizes.reduce(0) { $0 + $1.parameters }
  let flops = sizes.reduce(0) { $0 + $1.flops }
  var table = Table(
    "The article's CNN",
    columns: ["layer", "kind", "parameters", "share", "MFLOP an image", "share of the work"])
  for size in sizes {
    let (p, f) = (Double(size.parameters) / Double(parameters), Double(size.flops) / Double(flops))
    table.add(
      size.name, size.shape, grouped(size.parameters), percent(p), megaflops(size.flops),
      percent(f))
    experiment.metrics["\(size.name)_parameter_share"] = p
    experiment.metrics["\(size.name)_work_share"] = f
  }
  table.add("all", "", grouped(parameters), percent(1), megaflops(flops), percent(1))
  experiment.metrics["parameters"] = Double(parameters)
  experiment.metrics["flops"] = Double(flops)
  experiment.show(table)
}

private func costCases(_ model: CNN, _ sizes: [CNN.LayerSize], batch: Int, seed: UInt64) -> [CostCase] {
  var stream = RandomStream(seed: seed)
  var cases: [CostCase] = []
  for (name, layer, side) in [("conv1", model.conv1, 28), ("conv2", model.conv2, 14)] {
    let w = layer.weight.value
    let x = stream.normal(shape: [batch, w.shape[1], side, side])
    let size = sizes.first { $0.name == name }!
    let (inputs, outputs) = (w.shape[1] * side * side, w.shape[0] * side * side)
    cases.append(
      CostCase(
        name: "\(name), 5×5", key: name, inputs: inputs, outputs: outputs, parameters: size.parameters,
        flops: size.flops
      ) { withoutGradients { layer(Variable(x)).value } })
    // Its numbers do not matter for its speed: one is enough for all of them.
    let (flat, weight) = (
      Variable(x.flattened(from: 1)), Variable(Tensor(repeating: 0.01, shape: [outputs, inputs]))
    )
    let bias = Variable(.zeros([outputs]))
    cases.append(
      CostCase(
        name: "\(name) as linear, all weights", key: "\(name)_as_linear", inputs: inputs, outputs: outputs,
        parameters: outputs * (inputs + 1), flops: 2 * outputs * inputs
      ) { withoutGradients { linear(flat, weight, bias: bias).value } })
  }
  for (name, layer) in [("fc1", model.fc1), ("fc2", model.fc2)] {
    let shape = layer.weight.shape
    let x = stream.normal(shape: [batch, shape[1]])
    let size = sizes.first { $0.name == name }!
    cases.append(
      CostCase(
        name: name, key: name, inputs: shape[1], outputs: shape[0], parameters: size.parameters,
        flops: size.flops
      ) { withoutGradients { layer(Variable(x)).value } })
  }
  return cases
}

/// The median of several runs, in milliseconds, after one that does not count.
private func medianTime(_ run: () -> Tensor, seconds: Double) -> Double {
  _ = run()
  var times: [Double] = []
  let watch = Stopwatch()
  repeat {
    let once = Stopwatch()
    _ = run()
    times.append(once.seconds * 1e3)
  } while watch.seconds < seconds
  return times.sorted()[times.count / 2]
}

/// Millions of multiplications and additions, with more digits where there are few.
private func megaflops(_ count: Int) -> String {
  let millions = Double(count) / 1e6
  return fixed(millions, millions < 0.1 ? 4 : 2)
}
