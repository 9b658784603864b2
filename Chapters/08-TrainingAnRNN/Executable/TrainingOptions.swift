import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

extension OptimizerChoice: ExpressibleByArgument {}
extension JudgedStep: ExpressibleByArgument {}
extension RecurrentKind: ExpressibleByArgument {}

/// What the training of a classifier needs: its texts, its sizes and its settings.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var texts: TextOptions

  @Option(parsing: .unconditional, help: "The width of a word's vector and of every layer's state.")
  var hiddenSize = 64

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What the biases of the forget gates begin with.", valueName: "b"))
  var forgetBias: Float = 1

  @Option(parsing: .unconditional, help: "How many LSTM layers lie one on top of the other.")
  var layers = 1

  @Option(
    parsing: .unconditional, help: "How often every text is seen (default: 6; with --quick 3).")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "How many texts make one step.")
  var batchSize = 32

  @Option(help: "What makes the steps.")
  var optimizer = OptimizerChoice.adam

  @Option(
    parsing: .unconditional,
    help:
      "The first learning rate (default: 0.1 for sgd, 0.03 with momentum, 0.01 for the others).")
  var learningRate: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Shrink the gradient to this length where it is longer; 0: never.", valueName: "norm"))
  var clip = 1.0

  @Option(
    help: ArgumentHelp(
      "The step that is judged: real, or column, as in the article.", valueName: "step"))
  var step = JudgedStep.lastReal

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after N epochs without a better validation loss, and keep the best weights.",
      valueName: "n"))
  var patience: Int?

  func validate() throws {
    try checkOption("--hidden-size", hiddenSize, in: 1...2_048)
    try checkOption("--layers", layers, in: 1...8)
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--batch-size", batchSize, atLeast: 1)
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    if !(clip >= 0 && clip.isFinite) {
      throw ValidationError("--clip must be a number from 0, given \(clip)")
    }
    try checkOption("--patience", patience, atLeast: 1)
  }

  var size: ClassifierSize { ClassifierSize(hiddenSize: hiddenSize, layers: layers, forgetBias: forgetBias) }

  func settings(_ common: CommonOptions) -> TrainingSettings {
    var settings = TrainingSettings.rnn
    settings.epochs = epochs ?? (common.quick ? 3 : 6)
    settings.batchSize = batchSize
    settings.optimizer = optimizer
    settings.learningRate = learningRate ?? optimizer.rnnLearningRate
    settings.clipNorm = clip == 0 ? nil : clip
    settings.patience = patience
    settings.seed = common.seed
    return settings
  }
}

extension OptimizerChoice {
  /// A first learning rate that works for the article's recurrent network.
  var rnnLearningRate: Double {
    switch self {
    case .rmsprop, .adam, .adamw: 1e-2
    default: learningRate
    }
  }
}
