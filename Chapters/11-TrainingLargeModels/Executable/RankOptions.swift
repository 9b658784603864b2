import ArgumentParser
import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Foundation
import Ranks
import Workbench

/// Which network the ranks train.
enum RankModel: String, ExpressibleByArgument, CaseIterable, Codable {
  case cnn, gpt
}

/// What the ranks train, and how: the same for whoever starts them and for each of them.
struct RankOptions: ParsableArguments {
  @Option(help: "The network: cnn (the article's) or gpt (chapter 10's).")
  var model = RankModel.cnn

  @Option(parsing: .unconditional, help: "How many epochs are trained (default: 2).")
  var epochs = 2

  @Option(
    parsing: .unconditional,
    help: "How many examples make a step, in all ranks together (default: 64; gpt: 16).")
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: "How many examples an epoch has (default: 4,096, gpt 640; with --quick few).")
  var examples: Int?

  @Flag(help: "Divide the optimiser's memory among the ranks (ZeRO, stage 1).")
  var zero = false

  @Flag(help: "Send gradients when backward is done, not while it runs.")
  var noOverlap = false

  @Option(parsing: .unconditional, help: "What a bucket of gradients holds at least, in KiB.")
  var bucket = 1_024

  func validate() throws {
    for (name, value, range) in [
      ("--epochs", epochs, 1...10_000), ("--batch-size", batchSize ?? 1, 1...65_536),
      ("--examples", examples ?? 1, 1...1_000_000), ("--bucket", bucket, 1...1_048_576),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name) must be from \(range.lowerBound) to \(grouped(range.upperBound)), given \(value)")
    }
  }

  /// The options as words of a command line.
  var arguments: [String] {
    var words = ["--model", model.rawValue, "--epochs", "\(epochs)", "--bucket", "\(bucket)"]
    if let batchSize { words += ["--batch-size", "\(batchSize)"] }
    if let examples { words += ["--examples", "\(examples)"] }
    if zero { words.append("--zero") }
    if noOverlap { words.append("--no-overlap") }
    return words
  }

  var parallel: DataParallel.Options {
    var options = DataParallel.Options()
    (options.bucketBytes, options.overlaps, options.dividesOptimizer) = (bucket << 10, !noOverlap, zero)
    return options
  }
}

/// The article's CNN on generated digits, or the small GPT on the book's prose: both with tasks, networks and recipes that
/// know nothing of ranks.
struct RankWork {
  let options: RankOptions
  let scale: Scale
  let seed: UInt64
  /// The fewest steps that an epoch has.
  var leastSteps = 1

  var batchSize: Int { options.batchSize ?? (options.model == .cnn ? 64 : 16) }
  var examples: Int {
    let usual =
      options.model == .cnn
      ? scale.of(quick: 512, standard: 4_096, full: 16_384) : scale.of(quick: 32, standard: 640, full: 6_400)
    return max(options.examples ?? usual, leastSteps * batchSize)
  }

  /// Does something with the task, whichever network it is of.
  func with<Body: RankWorkBody>(_ communicator: some Communicator, _ body: Body) throws -> Body.Outcome {
    switch options.model {
    case .cnn:
      let data = ImageData.generatedDigits(training: examples, validation: 500, test: 1, seed: seed)
      var settings = TrainingSettings.cnn
      (settings.epochs, settings.batchSize, settings.seed) = (options.epochs, batchSize, seed)
      return try body.run(ImageClassification<CNN>(data), settings, communicator) {
        Adam($0.parameters)
      } model: {
        CNN()
      }
    case .gpt:
      let corpus = try CharacterCorpus(
        file: nil, limit: scale == .quick ? 20_000 : nil, atLeast: 1_000, "for a context of 64", advice: "")
      let size = GPTSize(
        vocabulary: corpus.tokenizer.vocabularySize, context: 64, width: 128, heads: 4, blocks: 4)
      var recipe = GPTRecipe()
      (recipe.batch, recipe.warmUp) = (batchSize, 10)
      recipe.steps = max(1, examples / batchSize) * options.epochs
      var settings = recipe.settings(seed: seed)
      settings.epochs = options.epochs
      let task = GPTTask(
        training: corpus.training, validation: Array(corpus.validation.prefix(4_097)), context: 64,
        batch: batchSize,
        stepsPerEpoch: max(1, examples / batchSize), seed: seed)
      return try body.run(
        task, settings, communicator, optimizer: { recipe.optimizer(for: $0) }, model: { GPT(size) })
    }
  }
}

/// Something that is done with a task, in a rank.
protocol RankWorkBody {
  associatedtype Outcome
  func run<Task: TrainingTask>(
    _ task: Task, _ settings: TrainingSettings, _ communicator: any Communicator,
    optimizer: @escaping (Task.Model) -> any Optimizer, model: @escaping () -> Task.Model
  ) throws -> Outcome
}
