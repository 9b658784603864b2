import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

extension OptimizerChoice: ExpressibleByArgument {}
extension AugmentationChoice: ExpressibleByArgument {}

/// What a training run needs: its data and its settings.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var files: DataOptions

  @Option(
    help: ArgumentHelp(
      "Test with the MNIST-format files of this folder, whatever is trained on.", valueName: "dir"))
  var testData: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Leave out the first N images of --test-data.", valueName: "n"))
  var testSkip: Int?

  @Option(
    parsing: .unconditional,
    help: "How often every image is seen (default: 3; up to 10 when there are few images; with --quick 1).")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "How many images make one step.")
  var batchSize = 64

  @Option(help: "What makes the steps.")
  var optimizer = OptimizerChoice.adam

  @Option(
    parsing: .unconditional,
    help: "The first learning rate (default: 0.1 for sgd, 0.03 with momentum, 0.001 for the others).")
  var learningRate: Double?

  @Option(help: "Change the images at random before they are shown.")
  var augment = AugmentationChoice.none

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after N epochs without a better validation loss, and keep the best weights.", valueName: "n"))
  var patience: Int?

  func validate() throws {
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--batch-size", batchSize, atLeast: 1)
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    try checkOption("--patience", patience, atLeast: 1)
    if let testSkip, testSkip < 0 {
      throw ValidationError("--test-skip must not be negative, given \(testSkip)")
    }
    if testSkip != nil && testData == nil {
      throw ValidationError("--test-skip needs --test-data: it says which of its images to leave out")
    }
  }

  func load(_ common: CommonOptions) throws -> ImageData {
    let data = try files.load(common)
    guard let testData else { return data }
    let tested = try data.tested(onFilesIn: testData, leavingOut: testSkip ?? 0)
    try check(tested.test, testData)
    return common.quick ? tested.first(training: 2_000, validation: 200, test: 400) : tested
  }

  func settings(_ common: CommonOptions, for data: ImageData) -> TrainingSettings {
    var settings = TrainingSettings.cnn
    settings.epochs = epochs ?? (common.quick ? 1 : min(10, max(3, 180_000 / data.training.count)))
    settings.batchSize = batchSize
    settings.optimizer = optimizer
    settings.learningRate = learningRate ?? optimizer.learningRate
    settings.patience = patience
    settings.seed = common.seed
    return settings
  }
}
