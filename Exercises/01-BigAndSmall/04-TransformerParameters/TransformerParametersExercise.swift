import ExerciseKit
import Practice

public final class TransformerParametersExercise: Exercise {
  /// The description of a GPT.
  public struct Sizes: Sendable {
    let layers, width, hidden, heads, vocabulary, context: Int
    var isTied = true
  }

  public typealias Answer = @Sendable (Sizes) throws -> Int

  public init() {}

  public let title = "Counting the parameters of a GPT"
  public let section = "1.2"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["transformerParameters"]

  public let solution: Answer = {
    try transformerParameters(
      layers: $0.layers, width: $0.width, hidden: $0.hidden, heads: $0.heads, vocabulary: $0.vocabulary,
      context: $0.context, isTied: $0.isTied)
  }

  public func answer(of learner: Learner) -> Answer {
    {
      try learner.call(
        "transformerParameters", $0.layers, $0.width, $0.hidden, $0.heads, $0.vocabulary, $0.context,
        $0.isTied)
    }
  }

  public let hints = [
    "Count one block first, part by part, and write down what each part has; a small function that counts "
      + "one linear layer helps. Only the blocks are multiplied by L.",
    "A linear layer has inputs·outputs + outputs. A block has 4 linear(D, D) + linear(D, F) + linear(F, D) "
      + "+ 2·2D. Beside the L blocks there are (V + T)·D for the embeddings, 2D for the last norm, and V·D "
      + "for a head of its own.",
    """
    func linear(_ inputs: Int, _ outputs: Int) -> Int { … }
    let block = 4 * linear(…) + linear(…) + linear(…) + 2 * …
    return (vocabulary + context) * width + layers * block + … + (isTied ? 0 : …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "one small block, D = 2: 94", points: 1) { answer, trial in
      let sizes = Sizes(layers: 1, width: 2, hidden: 8, heads: 2, vocabulary: 5, context: 3)
      try expectCount(sizes, of: answer, trial)
    },
    Check(.byHand, "three blocks, and a head of its own", points: 1) { answer, trial in
      var sizes = Sizes(layers: 3, width: 6, hidden: 10, heads: 3, vocabulary: 17, context: 9)
      try expectCount(sizes, of: answer, trial)
      sizes.isTied = false
      try expectCount(sizes, of: answer, trial)
    },
    Check(.property, "as one counts tensor by tensor, for twelve GPTs", points: 2) { answer, trial in
      var inputs = Inputs(seed: 14)
      for index in 0..<12 {
        let heads = inputs.integer(1...4)
        try expectCount(
          Sizes(
            layers: inputs.integer(0...5), width: heads * inputs.integer(1...6),
            hidden: inputs.integer(1...40),
            heads: heads, vocabulary: inputs.integer(1...99), context: inputs.integer(1...64),
            isTied: index % 2 == 0), of: answer, trial)
      }
    },
    Check(.property, "the four GPT-2s, 124 million to 1.6 billion", points: 1) { answer, trial in
      let published = [
        (12, 768, 12, 124_439_808), (24, 1024, 16, 354_823_168), (36, 1280, 20, 774_030_080),
        (48, 1600, 25, 1_557_611_200),
      ]
      for (layers, width, heads, count) in published {
        let sizes = Sizes(
          layers: layers, width: width, hidden: 4 * width, heads: heads, vocabulary: 50257, context: 1024)
        trial.expect(try answer(sizes), equals: count, sizes.call, tolerance: 0)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "a tied head is counted twice",
      advice: "You count the head when it is tied. It then uses the token vectors, which are counted already."
    ) { sizes in
      var sizes = sizes
      sizes.isTied = false
      return tensors(of: sizes)
    },
    Mistake(
      "the head is always tied", advice: "Without tying, the head has V·D weights of its own: look at isTied."
    ) { sizes in
      var sizes = sizes
      sizes.isTied = true
      return tensors(of: sizes)
    },
    Mistake(
      "the linear layers have no biases",
      advice: "You count only the weights of the linear layers. All of them in the blocks have biases."
    ) { tensors(of: $0, linearBias: 0) },
    Mistake(
      "the head has biases", advice: "You count V biases in the head. The head has none."
    ) { tensors(of: $0) + ($0.isTied ? 0 : $0.vocabulary) },
    Mistake(
      "the norms are forgotten",
      advice: "Each block has two norms, and there is one at the end: each with D gains and D biases."
    ) { tensors(of: $0, norms: 0, lastNorm: 0) },
    Mistake(
      "the last norm is forgotten",
      advice: "Behind the last block comes one norm more, with D gains and D biases."
    ) { tensors(of: $0, lastNorm: 0) },
    Mistake(
      "a norm has gains only", advice: "A norm has D gains, and it has D biases as well: 2·D together."
    ) { tensors(of: $0, norms: 1, lastNorm: 0) + $0.width },
    Mistake(
      "the positions are forgotten",
      advice: "You have no vectors for the positions. There is one for each of the T places: T·D."
    ) { tensors(of: $0) - $0.context * $0.width },
    Mistake(
      "the attention has three layers",
      advice: "You count query, key and value. A fourth layer D → D mixes what the heads found: the output."
    ) { tensors(of: $0, attention: 3) },
    Mistake(
      "each head has layers of its own",
      advice: "You multiply by the heads. They share the D numbers, D/h each, so the weights stay as many."
    ) { tensors(of: $0, attention: 4 * $0.heads) },
    Mistake(
      "the perceptron has one layer",
      advice: "The perceptron of a block goes to the width F and back again: you count only one of the two."
    ) { tensors(of: $0) - $0.layers * ($0.hidden * $0.width + $0.width) },
    Mistake(
      "the hidden width is always four times the width",
      advice: "You take 4·D for the width inside the perceptron. It is so in GPT-2, but here it is given: F."
    ) { sizes in
      tensors(
        of: Sizes(
          layers: sizes.layers, width: sizes.width, hidden: 4 * sizes.width, heads: sizes.heads,
          vocabulary: sizes.vocabulary, context: sizes.context, isTied: sizes.isTied))
    },
    Mistake(
      "one block only", advice: "You count one block. There are L of them, each with parameters of its own."
    ) { sizes in
      tensors(
        of: Sizes(
          layers: 1, width: sizes.width, hidden: sizes.hidden, heads: sizes.heads,
          vocabulary: sizes.vocabulary, context: sizes.context, isTied: sizes.isTied))
    },
  ]
}

extension TransformerParametersExercise.Sizes {
  fileprivate var call: String {
    """
    transformerParameters(layers: \(layers), width: \(width), hidden: \(hidden), heads: \(heads), \
    vocabulary: \(vocabulary), context: \(context), isTied: \(isTied))
    """
  }
}

/// Lists the shapes of all tensors, as a checkpoint does, and adds up their sizes.
private func tensors(
  of s: TransformerParametersExercise.Sizes, attention: Int = 4, linearBias: Int = 1, norms: Int = 2,
  lastNorm: Int = 2
) -> Int {
  let d = s.width
  var shapes = [[s.vocabulary, d], [s.context, d]]
  for _ in 0..<s.layers {
    for _ in 0..<attention { shapes += [[d, d], [linearBias, d]] }
    shapes += [[s.hidden, d], [linearBias, s.hidden], [d, s.hidden], [linearBias, d]]
    for _ in 0..<2 { shapes.append([norms, d]) }
  }
  shapes.append([lastNorm, d])
  if !s.isTied { shapes.append([s.vocabulary, d]) }
  return shapes.reduce(0) { $0 + $1.reduce(1, *) }
}

private func expectCount(
  _ s: TransformerParametersExercise.Sizes, of answer: TransformerParametersExercise.Answer, _ trial: Trial
) throws {
  let expected = tensors(of: s)
  let (d, f) = (s.width, s.hidden)
  let parts = [
    (s.vocabulary + s.context) * d, 4 * (d * d + d), d * f + f + f * d + d, 4 * d, 2 * d,
    s.isTied ? 0 : s.vocabulary * d,
  ]
  trial.expect(
    try answer(s), equals: expected, s.call, tolerance: 0,
    by: { _ in
      """
      embeddings \(parts[0]) + \(s.layers)·(attention \(parts[1]) + perceptron \(parts[2]) + norms \(parts[3])) \
      + last norm \(parts[4]) + head \(parts[5]) = \(expected)
      """
    })
}
