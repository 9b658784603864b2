import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Quantize: ChapterExperiment {
  static let name = "quantize"
  static let summary = "Eight bits instead of thirty-two: what it costs, and what it buys."
  static let details = """
    Trains the article's CNN, its LSTM classifier and a small GPT, and rounds them to eight bits: how well they do then, \
    how large they are, and how fast. On the CNN it tries ways to choose the scales; where one scale for a whole weight \
    fails; and how far training with rounded numbers goes below eight bits. The rounded CNN is left in a file, which \
    `optimize-model predict` reads. With --full it takes about five minutes.

    EXAMPLES
      optimize-model quantize
      optimize-model quantize --quick
      optimize-model quantize --calibration my-images.npy
    """

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Images to measure the ranges of the CNN's inputs with, [N, 1, 28, 28], from 0 to 1 (default: some of those that "
        + "it learned from).", valueName: "file.npy"))
  var calibration: String?

  func validate() throws {
    try checkFileOption("--calibration", calibration)
  }

  func prepare() throws { _ = try calibration.map(calibrationImages) }

  func run(_ experiment: inout Experiment) throws {
    let models = try TrainedModels(common)
    let images =
      try calibration.map(calibrationImages)
      ?? models.digits.training.batch(
        0..<min(common.scale.of(quick: 100, standard: 1_000, full: 2_000), models.digits.training.count)
      ).images
    try showForms(models, images, &experiment)
    try showLargeChannel(models, &experiment)
    try showBits(models, common, &experiment)
    try showModels(models, common, &experiment)
    try showSpeed(common, &experiment)
  }
}

/// Images for calibration from a file.
///
/// - Throws: `FileError` in one line when they are no images of 28×28.
func calibrationImages(_ path: String) throws -> Tensor {
  let images = try NPYFile.read(path).tensor
  if images.rank != 4 || images.shape[0] < 1 || Array(images.shape[1...]) != [1, 28, 28] {
    throw FileError(
      path, "the images have the shape \(images.shape)", expected: "[N, 1, 28, 28], what the network reads")
  }
  let (low, high) = images.extremes()
  if !(low >= 0 && high <= 1) {
    throw FileError(
      path, "the numbers go from \(readable(Double(low))) to \(readable(Double(high)))",
      expected: "ink from 0 to 1")
  }
  return images
}
