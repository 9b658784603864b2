import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct FeatureMaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feature-maps",
    abstract: "What a trained network's filters see in a digit.",
    discussion: """
      Trains chapter 7's network for a moment on generated digits, then shows its filters and its feature maps, before
      and after training.

      EXAMPLES
        convolution feature-maps
        convolution feature-maps --digit 4 --seed 2
      """)

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "The digit to look at, 0 to 9.")
  var digit = 5

  func validate() throws {
    if !(0...9).contains(digit) { throw ValidationError("--digit must be from 0 to 9, given \(digit)") }
  }

  func run() throws {
    try featureMaps(
      seed: common.seed, quick: common.quick, digit: digit,
      to: common.prepare(chapterFolder + "/feature-maps"))
  }
}

/// Trains the network for a moment and draws its filters and feature maps.
func featureMaps(seed: UInt64, quick: Bool, digit: Int = 5, to output: OutputFolder) throws {
  let start = ContinuousClock.now
  let data = ImageData.generatedDigits(
    training: quick ? 2_000 : 10_000, validation: quick ? 200 : 500, test: 500, seed: seed)
  var recipe = Recipe()
  recipe.epochs = 1
  recipe.seed = seed
  let run = TrainingRun(recipe, on: data)
  guard let place = data.test.indices.first(where: { data.test.set.labels[$0] == digit }) else { return }
  let image = data.test.set.batch([place]).images

  print("The filters of a network that reads digits, and what they see in a \(digit)\n")
  var results = Results(command: "convolution feature-maps", seed: seed)
  let about = "the filters as they were drawn by lot"
  let fresh = run.model.featureMaps(Variable(image)).conv1
  try featureMapSheet(
    input: image, maps: fresh, title: "First convolution before training, after ReLU", subtitle: about
  ).writePNG(to: output.file("conv1-untrained.png"))

  let progress = Progress("training", total: data.training.count, unit: "images")
  let record = try run.nextEpoch { progress.update($0.images, note: "loss \(fixed($0.loss, 3))") }
  progress.finish("validation \(percent(record.validationAccuracy))")

  let seen = "one epoch on \(Progress.grouped(Double(data.training.count))) generated digits"
  let maps = run.model.featureMaps(Variable(image))
  try kernelSheet(run.model.conv1.weight.value, title: "The first convolution's filters", subtitle: seen)
    .writePNG(to: output.file("kernels-conv1.png"))
  try featureMapSheet(
    input: image, maps: maps.conv1, title: "First convolution, after ReLU", subtitle: seen
  ).writePNG(to: output.file("feature-maps-conv1.png"))
  try featureMapSheet(
    input: image, maps: maps.conv2, title: "Second convolution, after ReLU", subtitle: seen
  ).writePNG(to: output.file("feature-maps-conv2.png"))

  var table = Table(
    "The feature maps in numbers", columns: ["layer", "maps", "size", "silent", "zeros", "largest"])
  for (name, tensor) in [("conv1 untrained", fresh), ("conv1", maps.conv1), ("conv2", maps.conv2)] {
    let channels = tensor.shape[1]
    let peaks = (0..<channels).map { tensor.row(0).row($0).extremes().max }
    let zeros = Double(tensor.scalars.count { $0 == 0 }) / Double(tensor.count)
    table.add(
      name, "\(channels)", "\(tensor.shape[2])×\(tensor.shape[3])", "\(peaks.count { $0 == 0 })",
      percent(zeros),
      fixed(Double(peaks.max() ?? 0), 2))
    let key = name.replacing(" ", with: "_")
    results.metrics["\(key)_silent_maps"] = Double(peaks.count { $0 == 0 })
    results.metrics["\(key)_zeros"] = zeros
  }
  print(table.text)

  results.metrics["accuracy"] = record.validationAccuracy
  results.tables = [table]
  results.files = [
    "conv1-untrained.png", "kernels-conv1.png", "feature-maps-conv1.png", "feature-maps-conv2.png",
  ]
  results.seconds = (ContinuousClock.now - start).seconds
  try results.write(to: output)
  print(
    """

    \(output.path)/
      conv1-untrained.png        what filters drawn by lot see
      kernels-conv1.png          the filters after training
      feature-maps-conv1.png     what they see
      feature-maps-conv2.png     what the second layer makes of that
      results.json

    """)
}
