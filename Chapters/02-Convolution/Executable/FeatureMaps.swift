import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct FeatureMaps: ChapterExperiment {
  static let name = "feature-maps"
  static let summary = "What a trained network's filters see in a digit."
  static let details = """
    Trains chapter 7's network for a moment on generated digits, then shows its filters and its feature maps, before
    and after training.

    EXAMPLES
      convolution feature-maps
      convolution feature-maps --digit 4 --seed 2
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "The digit to look at, 0 to 9.")
  var digit = 5

  func validate() throws {
    try checkOption("--digit", digit, in: 0...9)
  }

  func run(_ experiment: inout Experiment) throws {
    try featureMaps(seed: common.seed, quick: common.quick, digit: digit, &experiment)
  }
}

/// Trains the network for a moment and draws its filters and feature maps.
func featureMaps(seed: UInt64, quick: Bool, digit: Int = 5, _ experiment: inout Experiment) throws {
  print("The filters of a network that reads digits, and what they see in a \(digit)\n")
  let data = ImageData.generatedDigits(
    training: quick ? 2_000 : 10_000, validation: quick ? 200 : 500, test: 500, seed: seed)
  var settings = TrainingSettings.cnn
  settings.epochs = 1
  settings.seed = seed
  let run = CNNRun(settings, on: data)
  guard let place = data.test.indices.first(where: { data.test.set.labels[$0] == digit }) else { return }
  let image = data.test.set.batch([place]).images
  let fresh = run.model.featureMaps(Variable(image)).conv1

  let progress = Progress("training", total: data.training.count, unit: "images")
  let record = try run.nextEpoch { progress.update($0.examples, note: "loss \(fixed($0.loss, 3))") }
  progress.finish("validation \(percent(record.validation!.accuracy))")
  let maps = run.model.featureMaps(Variable(image))

  var table = Table(
    "The feature maps in numbers", columns: ["layer", "maps", "size", "silent", "zeros", "largest"])
  let layers = [("conv1 untrained", fresh), ("conv1", maps.conv1), ("conv2", maps.conv2)]
  for (name, tensor) in layers {
    let channels = tensor.shape[1]
    let peaks = (0..<channels).map { tensor.row(0).row($0).extremes().max }
    let zeros = Double(tensor.scalars.count { $0 == 0 }) / Double(tensor.count)
    let silent = peaks.count { $0 == 0 }
    table.add(
      name, "\(channels)", "\(tensor.shape[2])×\(tensor.shape[3])", "\(silent)", percent(zeros),
      fixed(Double(peaks.max() ?? 0), 2))
    let key = name.replacing(" ", with: "_")
    experiment.metrics["\(key)_silent_maps"] = Double(silent)
    experiment.metrics["\(key)_zeros"] = zeros
  }
  experiment.metrics["accuracy"] = record.validation!.accuracy
  experiment.metrics["training_images"] = Double(data.training.count)
  experiment.show(table, note: "A map is silent where ReLU has left nothing of it but zeros.")

  let seen = "One epoch on \(grouped(data.training.count)) generated digits"
  try experiment.write(
    featureMapSheet(
      input: image, maps: fresh, title: "First convolution before training, after ReLU",
      subtitle: "The filters as they were initialised, at random"),
    to: "conv1-untrained.png", "what filters initialised at random see")
  try experiment.write(
    kernelSheet(run.model.conv1.weight.value, title: "The first convolution's filters", subtitle: seen),
    to: "kernels-conv1.png", "the filters after training")
  try experiment.write(
    featureMapSheet(
      input: image, maps: maps.conv1, title: "First convolution, after ReLU", subtitle: seen),
    to: "feature-maps-conv1.png", "what they see")
  try experiment.write(
    featureMapSheet(
      input: image, maps: maps.conv2, title: "Second convolution, after ReLU", subtitle: seen),
    to: "feature-maps-conv2.png", "what the second layer makes of that")
}
