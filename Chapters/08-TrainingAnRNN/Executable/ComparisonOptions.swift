import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

/// What the experiments have in common that train many classifiers.
struct ComparisonOptions: ParsableArguments {
  @OptionGroup var texts: TextOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many texts to learn from.", valueName: "n"))
  var training: Int?

  @Option(parsing: .unconditional, help: "How often every text is seen.")
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("From how many seeds to train.", valueName: "n"))
  var seeds: Int?

  func validate() throws {
    try checkOption("--training", training, atLeast: 1)
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  /// The sizes of an experiment.
  struct Sizes {
    var training: Int
    var epochs: Int
    var seeds: Int
  }

  /// Those asked for, or else the experiment's own.
  func sizes(_ common: CommonOptions, quick: Sizes, standard: Sizes, full: Sizes) -> Sizes {
    var sizes = common.scale.of(quick: quick, standard: standard, full: full)
    sizes.training = training ?? sizes.training
    sizes.epochs = epochs ?? sizes.epochs
    sizes.seeds = seeds ?? sizes.seeds
    return sizes
  }

  /// As many texts as asked for, or all where there are fewer.
  func load(_ common: CommonOptions, _ sizes: Sizes) throws -> TextData {
    if texts.data == nil {
      let heldOut = common.quick ? 400 : 2_000
      return .sentences(
        training: sizes.training, validation: heldOut / 2, test: heldOut, seed: common.seed)
    }
    return try texts.load(common).first(training: sizes.training)
  }

  /// The seeds to train from.
  func seeds(_ common: CommonOptions, _ sizes: Sizes) -> [UInt64] {
    (0..<UInt64(sizes.seeds)).map { common.seed &+ $0 }
  }
}

/// Trains a classifier with a line of progress, and returns the run.
func trained(
  _ title: String, _ settings: TrainingSettings, size: ClassifierSize = ClassifierSize(),
  on data: TextData,
  judgedStep: JudgedStep = .lastReal, buckets: Bool = false
) throws -> SentenceRun {
  let run = SentenceRun(settings, size: size, on: data, judgedStep: judgedStep, buckets: buckets)
  let progress = Progress(title, total: settings.epochs * data.training.count, unit: "texts")
  try run.finish { progress.update($0) }
  progress.finish("validation \(percent(run.history.last!.validation!.accuracy))")
  return run
}
