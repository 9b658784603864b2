import ArgumentParser
import Chapter04FullyConnected
import Engine
import Workbench

struct Depth: ChapterExperiment {
  static let name = "depth"
  static let summary = "Four ways to draw first weights: what arrives behind 20 layers, and back again."
  static let details = """
    Sends digits through 20 layers of 100 units with tanh or ReLU, and the loss's \
    gradient back; then trains each of these networks for a moment, with the best \
    of several learning rates.

    EXAMPLES
      fully-connected depth
      fully-connected depth --seed 2 --output out/depth
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try depth(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// A way to draw first weights, and the activation behind it.
struct DepthSetting {
  let rule: String
  let key: String
  let weights: FirstWeights
  let activation: Activation

  static let layers = 20
  static let width = 100

  static func all(_ activation: Activation) -> [DepthSetting] {
    [
      ("too small, σ = 0.01", "too_small", FirstWeights.normal(deviation: 0.01)),
      ("Xavier", "xavier", .xavier),
      ("He", "he", .he), ("too large, σ = 1", "too_large", .normal(deviation: 1)),
    ].map {
      DepthSetting(
        rule: $0.0, key: "\(activation.rawValue.lowercased())_\($0.1)", weights: $0.2, activation: activation)
    }
  }

  func network(for examples: Tensor, seed: UInt64) -> DeepPerceptron {
    DeepPerceptron(
      examples: examples, depth: Self.layers, width: Self.width, classes: 10, activation: activation,
      firstWeights: weights, seed: seed)
  }
}

/// Statistics through depth for every setting, as tables, charts and histograms; and whether it trains.
func depth(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let data = ImageData.generatedDigits(
    training: quick ? 640 : 4_000, validation: quick ? 100 : 1_000, test: 0, seed: seed)
  let batch = data.training.batch(0..<256)
  let seeds = (0..<UInt64(quick ? 2 : 5)).map { seed + $0 }
  var table = Table(
    "Deviation through \(DepthSetting.layers) layers of \(DepthSetting.width) units, geometric mean of \(seeds.count) networks",
    columns: [
      "activation", "first weights", "values, layer 1", "layer 10", "layer 20", "idle at 20",
      "gradient, layer 20",
      "layer 10", "layer 1",
    ])
  var lines = ["activation\tfirst weights\tlayer\tmean\tdeviation\tgradient deviation\tidle share"]

  for activation in [Activation.tanh, .relu] {
    var found: [(setting: DepthSetting, runs: [[LayerStatistics]])] = []
    for setting in DepthSetting.all(activation) {
      let runs = seeds.map {
        setting.network(for: batch.images, seed: $0).statistics(batch.images, batch.labels)
      }
      found.append((setting, runs))
      func spread(_ layer: Int, _ value: (LayerStatistics) -> Double) -> Double {
        geometricMean(runs.map { value($0[layer - 1]) })
      }
      let idle = runs.reduce(0) { $0 + $1[19].idle } / Double(runs.count)
      table.add(
        activation.rawValue, setting.rule, power(spread(1, \.deviation)), power(spread(10, \.deviation)),
        power(spread(20, \.deviation)), percent(idle), power(spread(20, \.gradientDeviation)),
        power(spread(10, \.gradientDeviation)), power(spread(1, \.gradientDeviation)))
      for layer in [1, 10, 20] {
        experiment.metrics["\(setting.key)_deviation_\(layer)"] = spread(layer, \.deviation)
        experiment.metrics["\(setting.key)_gradient_\(layer)"] = spread(layer, \.gradientDeviation)
      }
      experiment.metrics["\(setting.key)_idle_20"] = idle
      for (k, layer) in runs[0].enumerated() {
        lines.append(
          "\(activation.rawValue)\t\(setting.rule)\t\(k + 1)\t\(layer.mean)\t\(layer.deviation)\t\(layer.gradientDeviation)\t\(layer.idle)"
        )
      }
    }
    try draw(found, activation, to: &experiment)
  }
  experiment.show(
    table,
    note:
      "Idle: units of ReLU that are 0 for every image; values of tanh within 1 % of the ends of its range.")
  try train(data, seeds: Array(seeds.prefix(quick ? 1 : 3)), quick: quick, to: &experiment)
  try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: experiment.output.file("layers.tsv"))
  experiment.add("layers.tsv", "mean, deviation and idle share of every layer, for the first seed")
}

/// Charts of the deviation on the way there and back, and histograms of what the layers give.
private func draw(
  _ found: [(setting: DepthSetting, runs: [[LayerStatistics]])], _ activation: Activation,
  to experiment: inout Experiment
) throws {
  let places = (1...DepthSetting.layers).map(Double.init)
  func chart(_ title: String, _ quantity: String, _ value: (LayerStatistics) -> Double) -> LineChart {
    LineChart(
      title: title,
      subtitle:
        "\(DepthSetting.layers) layers of \(DepthSetting.width) units, \(activation.rawValue); bands from the smallest to the largest of \(found[0].runs.count) networks.",
      x: Axis("layer"), y: Axis(quantity, isLogarithmic: true),
      series: found.map { setting, runs in
        Series(setting.rule, x: places, runs: runs.map { $0.map(value) })
      })
  }
  let key = activation.rawValue.lowercased()
  try experiment.write(
    chart("What the layers give, \(activation.rawValue)", "deviation of the values", \.deviation),
    to: "values-\(key).svg", "how large numbers are behind each layer")
  try experiment.write(
    chart(
      "What comes back to them, \(activation.rawValue)", "deviation of the gradient", \.gradientDeviation),
    to: "gradients-\(key).svg", "how large the loss's gradient is at each layer")

  let shown = [1, 2, 5, 10, 20]
  let sheet: HistogramSheet
  if activation == .tanh {
    sheet = HistogramSheet(
      title: "What the layers give, tanh",
      subtitle: "All panels have one scale; a bar with a gap is cut. σ: the deviation.",
      axis: Axis("value", range: -1...1), columns: shown.map { "layer \($0)" },
      rows: found.map { setting, runs in
        (
          setting.rule,
          shown.map {
            let layer = runs[0][$0 - 1]
            return .init(layer.values, over: -1...1, bins: 41, note: "σ \(power(layer.deviation))")
          }
        )
      }, tallest: 0.25)
  } else {
    sheet = HistogramSheet(
      title: "What the layers give, ReLU",
      subtitle: "How large the numbers above 0 are. All panels have one scale; a bar with a gap is cut.",
      axis: Axis("size, as power of ten", range: -25...20), columns: shown.map { "layer \($0)" },
      rows: found.map { setting, runs in
        (
          setting.rule,
          shown.map {
            let values = runs[0][$0 - 1].values
            let zeros = Double(values.count { $0 == 0 }) / Double(values.count)
            return .init(
              values.map { $0 > 0 ? tenthPower($0) : .infinity }, over: -25...20, bins: 90,
              note: "\(percent(zeros, 0)) zeros")
          }
        )
      }, tallest: 0.4)
  }
  try experiment.write(sheet, to: "histograms-\(key).png", "the values of five layers")
}
