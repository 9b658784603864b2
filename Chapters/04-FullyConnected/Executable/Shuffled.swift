import ArgumentParser
import Chapter04FullyConnected
import Chapter07TrainingACNN
import Engine
import Workbench

struct Shuffled: ChapterExperiment {
  static let name = "shuffled"
  static let summary =
    "Digits with their pixels in another order: the perceptron does not mind, the CNN does."
  static let details = """
    Trains a perceptron and the article's CNN, of as many parameters, on digits, and \
    again on the same digits with all pixels in another order, the same for every \
    image; several seeds, each with an order of its own.

    EXAMPLES
      fully-connected shuffled
      fully-connected shuffled --quick --output out/shuffled
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try shuffled(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// Trains both networks on both kinds of images.
func shuffled(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let data = ImageData.generatedDigits(
    training: quick ? 1_000 : 10_000, validation: quick ? 200 : 1_000, test: quick ? 400 : 2_000, seed: seed)
  let seeds = (0..<UInt64(quick ? 2 : 5)).map { seed + $0 }
  let epochs = quick ? 1 : 3
  let orders = seeds.map { seed in
    var stream = RandomStream(seed: seed, stream: 1 << 50)
    return stream.permutation(28 * 28)
  }
  try experiment.write(
    examples(of: data, order: orders[0]), to: "examples.png",
    "the same digits, as they are and in another order")

  let hidden = Perceptron.hidden(forParameters: CNN().parameterCount, inputs: 28 * 28, classes: 10)
  let networks: [(name: String, key: String, make: () -> any Layer)] = [
    ("perceptron", "mlp", { Perceptron(inputs: 28 * 28, hidden: hidden, classes: 10) }),
    ("CNN", "cnn", { CNN() }),
  ]
  var table = Table(
    "Right on \(grouped(data.test.count)) test digits, \(seeds.count) seeds, \(epochs) \(epochs == 1 ? "epoch" : "epochs") of \(grouped(data.training.count))",
    columns: ["network", "parameters", "pixels in order", "shuffled", "lost by it"])
  var series: [Series] = []
  let progress = Progress(
    "training", total: 2 * networks.count * seeds.count * epochs * data.training.count, unit: "images")
  var done = 0
  for network in networks {
    var accuracies: [[Double]] = []
    for isShuffled in [false, true] {
      var (curves, final): ([[Double]], [Double]) = ([], [])
      for (seed, order) in zip(seeds, orders) {
        let data = isShuffled ? data.withPixels(in: order) : data
        let outcome = try trained(network.make, on: data, epochs: epochs, seed: seed) {
          progress.update(done + $0, note: network.name + (isShuffled ? ", shuffled" : ""))
        }
        done += epochs * data.training.count
        curves.append(outcome.curve)
        final.append(outcome.final)
      }
      accuracies.append(final)
      experiment.metrics["\(network.key)_\(isShuffled ? "shuffled" : "plain")"] = Spread(final).mean
      series.append(
        Series(
          network.name + (isShuffled ? ", shuffled" : ""), x: (1...epochs).map(Double.init),
          runs: curves.map { $0.map { 100 * (1 - $0) } }, isDashed: isShuffled))
    }
    let lost = Spread(zip(accuracies[0], accuracies[1]).map { ($0 - $1) * 100 })
    table.add(
      network.name, grouped(network.make().parameterCount),
      Spread(accuracies[0]).percentText(),
      Spread(accuracies[1]).percentText(), lost.text(1) + " points")
    experiment.metrics["\(network.key)_lost"] = lost.mean / 100
    experiment.metrics["\(network.key)_parameters"] = Double(network.make().parameterCount)
  }
  progress.finish()
  experiment.show(
    table, note: "Mean ± deviation of one run. Each seed has first weights, batches and an order of its own.")
  try experiment.write(
    LineChart(
      title: "Pixels in order, and shuffled",
      subtitle: "Mean of \(seeds.count) seeds; bands from the best to the worst.",
      x: Axis("epoch"),
      y: Axis("wrong of \(grouped(data.validation.count)) validation digits", unit: "%"),
      series: series),
    to: "errors.svg", "mistakes after every epoch")
}

/// Trains a network: the share of the validation part that it reads after each epoch, and of the test part at the end.
private func trained(
  _ make: () -> any Layer, on data: ImageData, epochs: Int, seed: UInt64, onStep: (_ images: Int) -> Void
) throws -> (curve: [Double], final: Double) {
  func train(_ model: some Layer) throws -> (curve: [Double], final: Double) {
    let settings = TrainingSettings(epochs: epochs, seed: seed)
    let run = TrainingRun(ImageClassification(data), settings) { model }
    try run.finish(onStep: onStep)
    return (run.history.compactMap { $0.validation?.accuracy }, evaluate(model, on: data.test).accuracy)
  }
  let model = withRandomSource(RandomSource(seed: seed)) { make() }
  return try train(model)
}

/// Each digit once, in the first row as it is, in the second with its pixels in another order.
private func examples(of data: ImageData, order: [Int]) -> Canvas {
  let labels = data.test.indices.map { data.test.set.labels[$0] }
  let places = (0..<10).compactMap { digit in labels.firstIndex(of: digit) }
  let images = [data, data.withPixels(in: order)].map { $0.test.batch(places).images.scalars }
  let captions = places.map { "\(labels[$0])" }
  return gallery(
    Tensor(images[0] + images[1], shape: [2 * places.count, 28, 28]), captions: captions + captions,
    title: "Ten digits, as they are and shuffled",
    subtitle: "Shuffled: all pixels in another order, the same for every image.", range: 0...1)
}
