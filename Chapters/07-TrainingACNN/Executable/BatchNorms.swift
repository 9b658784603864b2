import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct BatchNorms: ChapterExperiment {
  static let name = "batch-norm"
  static let summary = "The article's network with and without batch norm: which learning rates it tolerates."
  static let details = """
    Gradient descent without momentum and with a constant learning rate, over a wide range of learning rates. A run \
    whose loss becomes infinite has read nothing.

    EXAMPLES
      train-cnn batch-norm
      train-cnn batch-norm --images 4000 --epochs 2 --seeds 5
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  /// Trains both networks with every learning rate, from several seeds.
  func run(_ experiment: inout Experiment) throws {
    let usual = common.scale.of(
      quick: ComparisonOptions.Sizes(images: 128, epochs: 1, seeds: 2, heldOut: 200),
      standard: ComparisonOptions.Sizes(images: 500, epochs: 1, seeds: 2, heldOut: 500),
      full: ComparisonOptions.Sizes(images: 1_000, epochs: 2, seeds: 3, heldOut: 1_000))
    let sizes = options.sizes(common, usual: usual, quick: usual)
    let data = try options.load(common, sizes)
    let rates = common.quick ? [0.01, 1] : [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
    print(
      """
      With and without batch norm on \(data.source): \(counted(sizes.epochs, "epoch")) of \
      \(grouped(data.training.count)) images, \(rates.count) learning rates, \(counted(sizes.seeds, "seed"))

      """)
    let perRun = sizes.epochs * data.training.count
    let progress = Progress("batch norm", total: 2 * rates.count * sizes.seeds * perRun, unit: "images")
    var seen = 0
    var tests = [[[Evaluation?]]](repeating: [], count: 2)
    for (k, isNormed) in [false, true].enumerated() {
      for rate in rates {
        tests[k].append(
          try (0..<sizes.seeds).map { number in
            defer { seen += perRun }
            var settings = TrainingSettings()
            (settings.epochs, settings.batchSize) = (sizes.epochs, 16)
            (settings.optimizer, settings.learningRate) = (.sgd, rate)
            settings.seed = common.seed + UInt64(number)
            let run = TrainingRun(ImageClassification<RegularizedCNN>(training: data.training), settings) {
              RegularizedCNN(isNormed: isNormed)
            }
            do {
              try run.finish {
                progress.update(seen + $0, note: "\(isNormed ? "with" : "without") batch norm, \(rate)")
              }
            } catch is LossIsNotFinite {
              return nil
            }
            return evaluate(run.model, on: data.test)
          })
      }
    }
    progress.finish()
    try showRates(rates, tests, sizes.seeds, &experiment)
    showStatistics(data, &experiment)
    experiment.metrics["seeds"] = Double(sizes.seeds)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["training_images"] = Double(data.training.count)
    experiment.metrics["test_images"] = Double(data.test.count)
  }

  private func showRates(
    _ rates: [Double], _ tests: [[[Evaluation?]]], _ seeds: Int, _ experiment: inout Experiment
  ) throws {
    var table = Table(
      "Digits read correctly, by learning rate",
      columns: ["learning rate", "without batch norm", "with batch norm"])
    // A run that broke off answers as one that guesses.
    let shares = tests.map { network in network.map { runs in runs.map { $0?.accuracy ?? 0.1 } } }
    for (i, rate) in rates.enumerated() {
      let cells = (0..<2).map { k in
        let lost = tests[k][i].count { $0 == nil }
        let text = Spread(shares[k][i]).percentText(1)
        return lost == 0 ? text : lost == seeds ? "loss infinite" : "\(text), \(lost) infinite"
      }
      table.add([readable(rate)] + cells)
    }
    for (k, name) in ["plain", "normed"].enumerated() {
      let means = shares[k].map { Spread($0).mean }
      let best = means.max()!
      experiment.metrics["\(name)_best"] = best
      experiment.metrics["\(name)_best_rate"] = rates[means.firstIndex(of: best)!]
      let tolerated = rates.indices.filter { means[$0] > best - 0.1 }.map { rates[$0] }
      experiment.metrics["\(name)_lowest_rate"] = tolerated.first
      experiment.metrics["\(name)_highest_rate"] = tolerated.last
      experiment.metrics["\(name)_range"] = tolerated.last! / tolerated.first!
    }
    experiment.show(
      table,
      note: "Mean ± standard deviation over \(seeds) seeds. A run whose loss became infinite counts as 10 %.")
    try experiment.write(
      LineChart(
        title: "Which learning rates a network tolerates",
        subtitle: "mean of \(seeds) seeds; the bands reach from the lowest run to the highest",
        x: Axis("learning rate", isLogarithmic: true),
        y: Axis("digits read correctly", unit: "%", range: 0...100),
        series: ["without batch norm", "with batch norm"].enumerated().map { k, name in
          Series(
            name, x: rates,
            runs: (0..<seeds).map { seed in shares[k].map { $0[seed] * 100 } })
        }), to: "learning-rates.svg", "the share of digits read correctly, by learning rate")
  }

  /// How large the numbers before each ReLU are at first, and the gradients, with weights that are too small and too large.
  private func showStatistics(_ data: ImageData, _ experiment: inout Experiment) {
    var table = Table(
      "Before training: numbers before each ReLU, and gradients, when all first weights have a factor",
      columns: [
        "first weights", "batch norm", "conv1", "conv2", "fc1", "gradient of conv1", "gradient / weights",
      ])
    let (images, labels) = data.training.batch(0..<min(64, data.training.count))
    for factor in [0.1, 1, 10] as [Float] {
      for isNormed in [false, true] {
        let model = withRandomSource(RandomSource(seed: common.seed)) { RegularizedCNN(isNormed: isNormed) }
        for layer in [model.conv1.weight, model.conv2.weight, model.fc1.weight] {
          layer.value = layer.value * factor
        }
        let deviations = model.beforeReLU(Variable(images)).map { deviation($0.value) }
        crossEntropy(model(Variable(images)), labels).backward()
        let gradient = gradientNorm(of: [model.conv1.weight])
        let weights = model.conv1.weight.value.scalars.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        table.add(
          ["× \(readable(Double(factor)))", isNormed ? "with" : "without"] + deviations.map { readable($0) }
            + [readable(gradient), readable(gradient / weights)])
        let key = "\(isNormed ? "normed" : "plain")_\(factor == 1 ? "usual" : factor < 1 ? "small" : "large")"
        experiment.metrics["\(key)_fc1_deviation"] = deviations[2]
        experiment.metrics["\(key)_gradient"] = gradient
      }
    }
    experiment.show(
      table, note: "Standard deviations over \(labels.shape[0]) images and all features; the gradient's norm."
    )
  }
}

private func deviation(_ x: Tensor) -> Double { Spread(x.scalars.map(Double.init)).deviation }
