import ArgumentParser
import Chapter04FullyConnected
import Engine
import Workbench

struct Weights: ChapterExperiment {
  static let name = "weights"
  static let summary = "What a row of weights looks for: the weights of a first layer as images."
  static let details = """
    Trains a linear classifier and a small perceptron on digits and draws the rows of their first layers.

    EXAMPLES
      fully-connected weights
      fully-connected weights --seed 2
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try weights(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// Trains both and draws what they look for.
func weights(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let data = ImageData.generatedDigits(
    training: quick ? 1_000 : 20_000, validation: 0, test: quick ? 400 : 2_000, seed: seed)
  let epochs = quick ? 2 : 5
  let (classifier, perceptron) = withRandomSource(RandomSource(seed: seed)) {
    (LinearClassifier(inputs: 784, classes: 10), Perceptron(inputs: 784, hidden: 64, classes: 10))
  }
  let first = perceptron.fc1.weight.value
  var table = Table(
    "\(epochs) epochs of \(grouped(data.training.count)) digits",
    columns: ["network", "parameters", "right on \(grouped(data.test.count)) test digits"])
  for (name, key, model) in [
    ("linear, 784 → 10", "linear", classifier as any Layer),
    ("perceptron, 784 → 64 → 10", "perceptron", perceptron),
  ] {
    let progress = Progress(name, total: epochs * data.training.count, unit: "images")
    try train(model, on: data.training, TrainingSettings(epochs: epochs, seed: seed)) { progress.update($0) }
    let test = evaluate(model, on: data.test)
    progress.finish("test \(percent(test.accuracy))")
    table.add(name, grouped(model.parameterCount), percent(test.accuracy))
    experiment.metrics["\(key)_accuracy"] = test.accuracy
  }
  experiment.show(table)

  try experiment.write(
    sheet(
      classifier.fc.weight.value, "The ten rows of a linear classifier",
      "Above each row the digit that it scores. Ink on red speaks for the digit, ink on blue against it."),
    to: "linear.png", "what each class's score looks for")
  try experiment.write(
    sheet(
      perceptron.fc1.weight.value, "The 64 rows of a perceptron's first layer",
      "Above each row its number. Ink on red makes the unit larger, ink on blue smaller."),
    to: "perceptron.png", "what each hidden unit looks for")
  let blank = blankPixels(data.training)
  let change = (perceptron.fc1.weight.value - first).selecting(blank, axis: 1)
  experiment.metrics["blank_pixels"] = Double(blank.count)
  experiment.metrics["largest_change_at_blank_pixels"] = change.scalars.map { Double(abs($0)) }.max() ?? 0
  experiment.metrics["dead_units"] = Double(deadUnits(perceptron, data.training).count)
}

private func train(
  _ model: some Layer, on part: ImagePart, _ settings: TrainingSettings, onStep: (_ images: Int) -> Void
) throws {
  try TrainingRun(ImageClassification(training: part), settings) { model }.finish(onStep: onStep)
}

/// The rows of a weight `[O, 784]` as images, on one scale around zero.
private func sheet(_ weight: Tensor, _ title: String, _ subtitle: String) -> Canvas {
  featureMapSheet(
    maps: weight.reshaped([weight.shape[0], 28, 28]), title: title, subtitle: subtitle, quantity: "weight",
    colorMap: .blueWhiteRed)
}

/// The pixels that hold no ink in any image.
private func blankPixels(_ part: ImagePart) -> [Int] {
  let ink = part.batch(0..<part.count).images.flattened(from: 1).maximum(axis: 0).values.scalars
  return ink.indices.filter { ink[$0] == 0 }
}

/// The hidden units that are 0 for every image.
private func deadUnits(_ model: Perceptron, _ part: ImagePart) -> [Int] {
  let images = part.batch(0..<part.count).images.flattened(from: 1)
  let hidden = withoutGradients { model.fc1(Variable(images)).value }
  let largest = hidden.maximum(axis: 0).values.scalars
  return largest.indices.filter { largest[$0] <= 0 }
}
