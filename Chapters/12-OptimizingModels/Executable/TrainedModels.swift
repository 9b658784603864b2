import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Workbench

/// The networks of three chapters, trained, and what they are judged by.
struct TrainedModels {
  let cnn: CNN
  let digits: ImageData
  let lstm: RNNClassifier
  let texts: TextData
  let gpt: GPT
  let corpus: CharacterCorpus
  let cnnEpochs: Int

  init(_ common: CommonOptions) throws {
    let scale = common.scale
    (cnn, digits, cnnEpochs) = try Self.cnn(common)

    texts = TextData.sentences(
      training: scale.of(quick: 300, standard: 3_000, full: 8_000), validation: 0,
      test: scale.of(quick: 400, standard: 2_000, full: 4_000), seed: common.seed)
    var reading = TrainingSettings.rnn
    (reading.epochs, reading.seed) = (scale.of(quick: 1, standard: 4, full: 10), common.seed)
    let reader = SentenceRun(reading, size: ClassifierSize(hiddenSize: 128, layers: 1), on: texts)
    try Self.train("its LSTM", reader, "texts")
    lstm = reader.model

    corpus = try CharacterCorpus(
      file: nil, limit: common.quick ? 20_000 : nil, atLeast: 1_000, "for a context of 64", advice: "")
    var size = GPTSize(
      vocabulary: corpus.tokenizer.vocabularySize, context: 64, width: 128, heads: 4, blocks: 4)
    (size.hasBiases, size.isTied) = (false, true)
    var recipe = GPTRecipe()
    recipe.steps = scale.of(quick: 10, standard: 300, full: 2_000)
    recipe.warmUp = min(100, recipe.steps / 10)
    // A tenth of the text judges; all of it only in the long run.
    let judged = scale.of(quick: 1_000, standard: 8_000, full: corpus.validation.count)
    let writer = GPTRun(
      recipe, size, training: corpus.training, validation: Array(corpus.validation.prefix(judged)),
      seed: common.seed)
    try Self.train("the GPT", writer, "characters")
    gpt = writer.model
    for model in [lstm, gpt] as [Module] { model.evaluate() }
  }

  /// The article's CNN alone: the same whatever else is trained.
  static func cnn(_ common: CommonOptions) throws -> (model: CNN, digits: ImageData, epochs: Int) {
    let epochs = common.scale.of(quick: 1, standard: 2, full: 4)
    let digits = ImageData.generatedDigits(
      training: common.scale.of(quick: 600, standard: 6_000, full: 20_000), validation: 0,
      test: common.scale.of(quick: 400, standard: 4_000, full: 10_000), seed: common.seed)
    var settings = TrainingSettings.cnn
    (settings.epochs, settings.seed) = (epochs, common.seed)
    let run = CNNRun(settings, on: digits)
    try train("the article's CNN", run, "images")
    run.model.evaluate()
    return (run.model, digits, epochs)
  }

  private static func train<Task>(_ name: String, _ run: TrainingRun<Task>, _ unit: String) throws {
    let total = run.settings.epochs * run.task.exampleCount
    let progress = Progress("training \(name)", total: total, unit: unit)
    try run.finish { progress.update($0) }
    progress.finish()
  }

  /// The CNN once more, to be changed.
  func copyOfCNN() throws -> CNN {
    let copy = CNN()
    try copy.load(cnn.state)
    copy.evaluate()
    return copy
  }

  /// The share of test images that a network reads.
  func accuracy(_ model: some Layer) -> Double { evaluate(model, on: digits.test).accuracy }
}
