import ArgumentParser
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

struct Touch: ChapterExperiment {
  static let name = "touch"
  static let summary = "Where a very small GPT looks in a sentence, and the figure of the book's site."
  static let details = """
    Trains a GPT over characters on the book's prose, half as wide as that of `gpt`, and rounds its matrices to eight \
    bits. Beside the picture of one head lies what the figure on the site calculates with: the weights and the characters.

    EXAMPLES
      choose-model touch
      choose-model touch --full         with the longer training that the book's site has
    """

  /// The figure's name, and that of its script in `Book/Touch`.
  static let figure = "your-sentence"
  /// To begin with: the first is that of the picture.
  static let sentences = [
    "The network learns the weights of", "A gradient is the slope of the", "Each layer has its own weig",
    "What is not seen is not learned, and wh",
  ]

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let corpus = try CharacterCorpus(
      file: nil, limit: common.quick ? 20_000 : nil, atLeast: 1_000, "for a context of 64", advice: "")
    var size = GPTSize(
      vocabulary: corpus.tokenizer.vocabularySize, context: 64, width: 64, heads: 4, blocks: 4)
    (size.hasBiases, size.isTied) = (false, true)
    var recipe = GPTRecipe()
    recipe.steps = common.scale.of(
      quick: 10, standard: experiment.isPartOfAll ? 200 : 1_000, full: 2_500)
    recipe.warmUp = min(100, recipe.steps / 10)
    let judged = common.scale.of(quick: 1_000, standard: 4_000, full: corpus.validation.count)
    let run = GPTRun(
      recipe, size, training: corpus.training, validation: Array(corpus.validation.prefix(judged)),
      seed: common.seed)
    let progress = Progress(
      "a very small GPT", total: run.task.exampleCount * run.settings.epochs, unit: "characters")
    try run.finish { progress.update($0) }
    progress.finish()
    let model = run.model
    model.evaluate()
    let loss = GPTTask.loss(of: model, on: run.task.validation)
    let tensors = try rounded(model)
    let roundedLoss = GPTTask.loss(of: model, on: run.task.validation)

    let ids = corpus.tokenizer.encode(Self.sentences[0])
    let shown = SentenceMap(model, ids, names: ids.map { corpus.tokenizer.vocabulary[$0] })
    try experiment.writeTouchData(
      Contents(
        context: size.context, width: size.width, heads: size.heads, blocks: size.blocks,
        characters: corpus.tokenizer.decode(1..<size.vocabulary), tensors: tensors,
        sentences: Self.sentences, block: shown.block, head: shown.head, colors: ColorMap.viridis.bytes),
      for: Self.figure)

    var table = Table("A very small GPT", columns: ["matrices", "nats a character"])
    table.add("32 bits", fixed(loss, 3))
    table.add("8 bits", fixed(roundedLoss, 3))
    experiment.show(
      table,
      note: "\(grouped(model.parameterCount)) parameters; \(grouped(recipe.steps)) steps; judged by "
        + "\(grouped(judged)) characters of the validation part")
    experiment.show(shown.table(model, corpus.tokenizer))
    try experiment.write(
      shown.picture(model, corpus.tokenizer), to: "\(Self.figure).png",
      "where a head looks, and what comes next")
    for (name, value) in [
      ("loss", loss), ("rounded_loss", roundedLoss), ("parameters", Double(model.parameterCount)),
      ("steps", Double(recipe.steps)), ("context", Double(size.context)), ("width", Double(size.width)),
      ("blocks", Double(size.blocks)), ("heads", Double(size.heads)), ("characters", Double(size.vocabulary)),
      ("shown_block", Double(shown.block + 1)), ("shown_head", Double(shown.head + 1)),
    ] { experiment.metrics[name] = value }
  }

  /// Rounds the model's matrices to eight bits, a scale for each row, and leaves in it what is left of them, as floats:
  /// it calculates as the figure's script does.
  ///
  /// - Returns: All parameters as the script reads them.
  private func rounded(_ model: GPT) throws -> [String: Contents.Numbers] {
    let small = GPT(model.size)
    try small.load(model.state)
    try small.roundWeights()
    let matrices = Dictionary(uniqueKeysWithValues: small.eightBitWeights.map { ($0.name, $0.weight) })
    var tensors: [String: Contents.Numbers] = [:]
    for (name, parameter) in model.namedParameters {
      if let integers = matrices[name]?.parameter.integers {
        parameter.value = integers.dequantized()
        tensors[name] = Contents.Numbers(integers.quantized)
      } else {
        tensors[name] = Contents.Numbers(parameter.value)
      }
    }
    return tensors
  }

  /// What the figure's script reads.
  private struct Contents: Encodable {
    let context, width, heads, blocks: Int
    /// The vocabulary from number 1 on; 0 is any other character.
    let characters: String
    let tensors: [String: Numbers]
    let sentences: [String]
    /// The head to begin with.
    let block, head: Int
    let colors: Data

    /// Whole numbers with a scale for each row, or floats.
    struct Numbers: Encodable {
      let shape: [Int]
      var weight, scale, floats: Data?

      init(_ rounded: QuantizedTensor) {
        shape = rounded.shape
        weight = Data(rounded.integers.scalars.map { UInt8(bitPattern: Int8($0)) })
        scale = littleEndianBytes(rounded.quantization.scales)
      }

      init(_ tensor: Tensor) {
        shape = tensor.shape
        floats = littleEndianBytes(tensor.scalars)
      }
    }
  }
}
