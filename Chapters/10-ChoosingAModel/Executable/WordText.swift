import Chapter10ChoosingAModel
import Engine

/// Chapter 8's sentences as one text of words for a GPT: number 0, padding elsewhere, stands between two sentences.
struct WordText {
  let texts: TextData
  let training, held: [Int]

  init(training: Int, test: Int, seed: UInt64) {
    texts = TextData.sentences(training: training, validation: 2, test: test, seed: seed)
    func joined(_ part: TextPart) -> [Int] { part.ids.flatMap { [0] + $0 } + [0] }
    (self.training, held) = (joined(texts.training), joined(texts.test))
  }

  /// Holds any of the sentences, and the number before it.
  static let context = 41

  /// A GPT of two blocks on it.
  func run(steps: Int, positions: PositionKind = .learned, seed: UInt64) -> GPTRun {
    var size = GPTSize(
      vocabulary: texts.tokenizer.vocabularySize, context: Self.context, width: 48, heads: 4, blocks: 2)
    (size.hasBiases, size.isTied, size.positions) = (false, true, positions)
    var recipe = GPTRecipe()
    (recipe.steps, recipe.batch, recipe.learningRate, recipe.warmUp) = (steps, 16, 3e-3, steps / 10)
    recipe.minimumLearningRate = 3e-4
    return GPTRun(recipe, size, training: training, validation: held, seed: seed)
  }

  /// The loss of counting pairs of words, with the smoothing that is best for it.
  var bigramLoss: Double {
    let counted = NGramModel(
      order: 2, vocabularySize: texts.tokenizer.vocabularySize, countingIn: training)
    return [0.3, 0.1, 0.03, 0.01, 0.003].map { counted.loss(on: held, smoothing: $0) }.min()!
  }
}
