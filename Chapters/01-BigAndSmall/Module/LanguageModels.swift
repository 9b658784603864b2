// Published networks that read text, each described by the numbers in its paper.

extension ModelDescription {
  /// The large LSTM for the Penn Treebank's 10,000 words: two layers, 35 steps at a time.
  ///
  /// - Source: Zaremba, Sutskever, Vinyals, "Recurrent neural network regularization", 2014, section 4.1.
  public static let lstmLarge = ModelDescription(
    "LSTM, large", year: 2014, input: [35],
    [
      .embedding(10_000, width: 1500), .lstm(1500, hidden: 1500), .lstm(1500, hidden: 1500),
      .linear(1500, 10_000),
    ])

  /// - Source: Devlin, Chang, Lee, Toutanova, "BERT: pre-training of deep bidirectional transformers for language
  ///   understanding", 2018, section 3.
  public static let bertBase = bert("BERT-base", layers: 12, width: 768, heads: 12)
  public static let bertLarge = bert("BERT-large", layers: 24, width: 1024, heads: 16)

  /// BERT without the layers that only its training needs: 30,522 pieces of words, 512 positions, two segments.
  private static func bert(_ name: String, layers: Int, width: Int, heads: Int) -> ModelDescription {
    ModelDescription(
      name, year: 2018, input: [512],
      [.embedding(30_522, width: width), .learned(512 * width), .learned(2 * width), .layerNorm(width)]
        + repeated(layers, .postNormBlock(width: width, heads: heads, hidden: 4 * width))
        + [.oneStep, .linear(width, width), .activation])
  }

  /// - Source: Radford and others, "Language models are unsupervised multitask learners", 2019, table 2.
  public static let gpt2 = gpt("GPT-2", year: 2019, layers: 12, width: 768, heads: 12, context: 1024)
  public static let gpt2XL = gpt("GPT-2 XL", year: 2019, layers: 48, width: 1600, heads: 25, context: 1024)
  /// - Source: Brown and others, "Language models are few-shot learners", 2020, table 2.1.
  public static let gpt3 = gpt("GPT-3", year: 2020, layers: 96, width: 12_288, heads: 96, context: 2048)

  /// A GPT: a vector for each token and for each position, and the tokens' vectors once more for the result.
  ///
  /// - Parameters:
  ///   - vocabulary: How many tokens there are; GPT-2's 50,257 by default.
  ///   - heads: How many heads share the width, which they must divide.
  ///   - context: The length of a sequence, in tokens.
  public static func gpt(
    _ name: String, year: Int, vocabulary: Int = 50_257, layers: Int, width: Int, heads: Int, context: Int
  ) -> ModelDescription {
    ModelDescription(
      name, year: year, input: [context],
      [.embedding(vocabulary, width: width), .learned(context * width)]
        + repeated(layers, .preNormBlock(width: width, heads: heads, hidden: 4 * width))
        + [.layerNorm(width), .borrowed(.linear(width, vocabulary, bias: false))])
  }

  /// T5-base: an encoder and a decoder of twelve blocks each, with one table of vectors for all.
  ///
  /// Positions are numbers that are learned for 32 distances and 12 heads and added to the scores, by one table for
  /// each half.
  ///
  /// - Source: Raffel and others, "Exploring the limits of transfer learning with a unified text-to-text transformer",
  ///   2019, section 3.1.4; the vocabulary is that of the published weights.
  public static let t5Base: ModelDescription = {
    let (width, hidden, length) = (768, 3072, 512)
    func attention(memory: Int? = nil) -> Part {
      .residual([
        .rmsNorm(width),
        .attention(width: width, heads: 12, keyHeads: 12, headWidth: 64, bias: false, memory: memory),
      ])
    }
    let perceptron = Part.residual([
      .rmsNorm(width), .linear(width, hidden, bias: false), .activation, .linear(hidden, width, bias: false),
    ])
    let distances = Part.learned(32 * 12)
    let encoder =
      [.embedding(32_128, width: width), distances] + repeated(12, .row([attention(), perceptron]))
      + [.rmsNorm(width)]
    let decoder =
      [.borrowed(.embedding(32_128, width: width)), distances]
      + repeated(12, .row([attention(), attention(memory: length), perceptron]))
      + [.rmsNorm(width), .borrowed(.linear(width, 32_128, bias: false))]
    return ModelDescription("T5-base", year: 2019, input: [length], [.beside(encoder, decoder)])
  }()

  /// - Source: Touvron and others, "Llama 2: open foundation and fine-tuned chat models", 2023.
  public static let llama2_7B = llama(
    "Llama 2 7B", year: 2023, vocabulary: 32_000, layers: 32, width: 4096, heads: 32, keyHeads: 32,
    hidden: 11_008, context: 4096)
  public static let llama2_70B = llama(
    "Llama 2 70B", year: 2023, vocabulary: 32_000, layers: 80, width: 8192, heads: 64, keyHeads: 8,
    hidden: 28_672, context: 4096)
  /// - Source: Dubey and others, "The Llama 3 herd of models", 2024, table 3.
  public static let llama3_8B = llama(
    "Llama 3 8B", year: 2024, vocabulary: 128_256, layers: 32, width: 4096, heads: 32, keyHeads: 8,
    hidden: 14_336, context: 8192)

  /// A Llama: no biases, norms without biases, positions by rotation (nothing to learn), a gate in the perceptron, and
  /// keys and values that several heads may share.
  ///
  /// - Parameters:
  ///   - keyHeads: How many heads of keys and values there are; each serves `heads / keyHeads` of queries.
  ///   - hidden: The width inside the perceptron.
  ///   - context: The length of a sequence, in tokens.
  public static func llama(
    _ name: String, year: Int, vocabulary: Int, layers: Int, width: Int, heads: Int, keyHeads: Int,
    hidden: Int, context: Int
  ) -> ModelDescription {
    let block = Part.gatedBlock(width: width, heads: heads, keyHeads: keyHeads, hidden: hidden)
    return ModelDescription(
      name, year: year, input: [context],
      [.embedding(vocabulary, width: width)] + repeated(layers, block)
        + [.rmsNorm(width), .linear(width, vocabulary, bias: false)])
  }
}
