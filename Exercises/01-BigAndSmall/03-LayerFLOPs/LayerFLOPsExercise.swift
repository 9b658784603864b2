import ExerciseKit
import Practice

public final class LayerFLOPsExercise: Exercise {
  /// The sizes of a convolution, in the order of the function's parameters.
  public struct Sizes: Sendable {
    let n, h, w, c, f, kh, kw: Int
  }

  public struct Answer: Sendable {
    let linear: @Sendable (_ n: Int, _ inputs: Int, _ outputs: Int) throws -> Int
    let convolution: @Sendable (Sizes) throws -> Int
  }

  public init() {}

  public let title = "Counting the operations of a layer"
  public let section = "1.3"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["linearFLOPs", "convolutionFLOPs"]

  public let solution = Answer(linear: linearFLOPs) {
    try convolutionFLOPs(
      batch: $0.n, height: $0.h, width: $0.w, channelsIn: $0.c, channelsOut: $0.f, kernelHeight: $0.kh,
      kernelWidth: $0.kw)
  }

  public func answer(of learner: Learner) -> Answer {
    Answer(
      linear: { n, inputs, outputs in try learner.call("linearFLOPs", n, inputs, outputs) },
      convolution: {
        try learner.call("convolutionFLOPs", $0.n, $0.h, $0.w, $0.c, $0.f, $0.kh, $0.kw)
      })
  }

  public let hints = [
    "Ask first what a single number of the result costs, then how many numbers the result has.",
    "A number behind a linear layer costs 2·D_in, and there are N·D_out. A number behind a convolution "
      + "costs 2·C_in·K_H·K_W, and there are N·H·W·C_out.",
    """
    return 2 * batch * …                       // linear

    let numbers = batch * height * width * …   // convolution
    return numbers * 2 * …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "linear, 3 → 2, a batch of 4: 48", points: 1) { answer, trial in
      try expectLinear(1, 3, 2, of: answer, trial)
      try expectLinear(4, 3, 2, of: answer, trial)
      try expectLinear(64, 3136, 128, of: answer, trial)
    },
    Check(.byHand, "convolution, 3 → 2 channels, 3×4, a result of 5×6", points: 1) { answer, trial in
      try expectConvolution(Sizes(n: 1, h: 5, w: 6, c: 3, f: 2, kh: 3, kw: 4), of: answer, trial)
      try expectConvolution(Sizes(n: 7, h: 5, w: 6, c: 3, f: 2, kh: 3, kw: 4), of: answer, trial)
      try expectConvolution(Sizes(n: 1, h: 1, w: 1, c: 5, f: 1, kh: 1, kw: 1), of: answer, trial)
    },
    Check(.property, "as one counts them one by one, for twelve layers", points: 2) { answer, trial in
      var inputs = Inputs(seed: 13)
      for _ in 0..<12 {
        try expectLinear(
          inputs.integer(1...6), inputs.integer(1...20), inputs.integer(1...20), of: answer, trial)
        let sizes = Sizes(
          n: inputs.integer(1...4), h: inputs.integer(1...7), w: inputs.integer(1...7),
          c: inputs.integer(1...5), f: inputs.integer(1...5), kh: inputs.integer(1...4),
          kw: inputs.integer(1...4))
        try expectConvolution(sizes, of: answer, trial)
      }
    },
    Check(.property, "the small CNN takes 22130176 for an image", points: 1) { answer, trial in
      let total = saturatingSum([
        try answer.convolution(Sizes(n: 1, h: 28, w: 28, c: 1, f: 32, kh: 5, kw: 5)),
        try answer.convolution(Sizes(n: 1, h: 14, w: 14, c: 32, f: 64, kh: 5, kw: 5)),
        try answer.linear(1, 3136, 128), try answer.linear(1, 128, 10),
      ])
      trial.expect(
        total, equals: 22_130_176, "the sum over the four layers of the small CNN", tolerance: 0,
        by: { _ in "1254400 + 20070400 + 802816 + 2560 = 22130176" })
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "multiplications only, in the linear layer",
      advice:
        "Your linear layer counts a multiplication with its addition as one. They are two operations, as in your "
        + "convolution.",
      answer: Answer(linear: { $0 * $1 * $2 }) { 2 * $0.n * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "multiplications only, in the convolution",
      advice:
        "Your convolution counts a multiplication with its addition as one. They are two operations, as in your "
        + "linear layer.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) { $0.n * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the batch is left out of the linear layer",
      advice:
        "Your linear layer does not grow with the batch, as your convolution does. Each example takes as much.",
      answer: Answer(linear: { 2 * $1 * $2 }) { 2 * $0.n * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the batch is left out of the convolution",
      advice:
        "Your convolution does not grow with the batch, as your linear layer does. Each image takes as much.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) { 2 * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "multiplications only",
      advice: """
        You count each multiplication with its addition as one. They are two operations: many tables count such \
        pairs and call them MACs, and a MAC is 2 FLOP.
        """, answer: Answer(linear: { $0 * $1 * $2 }) { $0.n * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the batch is left out", advice: "Your work does not grow with the batch. Each example takes as much.",
      answer: Answer(linear: { 2 * $1 * $2 }) { 2 * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the biases are counted",
      advice: "You count the additions of the biases. They are left out here, because they are so few.",
      answer: Answer(linear: { $0 * (2 * $1 * $2 + $2) }) {
        $0.n * $0.h * $0.w * $0.f * (2 * $0.c * $0.kh * $0.kw + 1)
      }),
    Mistake(
      "one addition less than products",
      advice: """
        To add up k products takes k − 1 additions, you are right; but the sum starts at the bias or at 0, and so \
        the usual count is k. Take 2 FLOP for each weight.
        """,
      answer: Answer(linear: { $0 * $2 * (2 * $1 - 1) }) {
        $0.n * $0.h * $0.w * $0.f * (2 * $0.c * $0.kh * $0.kw - 1)
      }),
    Mistake(
      "one place of the result only",
      advice: "Your convolution is done once. Its window stops at H·W places, and works at each.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) { 2 * $0.n * $0.f * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the channels that go in are forgotten",
      advice: "Each filter looks at all C_in channels that go in: one number of the result costs "
        + "2·C_in·K_H·K_W.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) { 2 * $0.n * $0.h * $0.w * $0.f * $0.kh * $0.kw }),
    Mistake(
      "the filters are forgotten",
      advice: "You count one filter. There are C_out of them, one for each channel of the result.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) { 2 * $0.n * $0.h * $0.w * $0.c * $0.kh * $0.kw }),
    Mistake(
      "the window is taken for a square",
      advice: "You multiply the height of the window by itself. Its width may be another: K_H·K_W.",
      answer: Answer(linear: { 2 * $0 * $1 * $2 }) {
        2 * $0.n * $0.h * $0.w * $0.f * $0.c * $0.kh * $0.kh
      }),
  ]
}

/// Does the sums of products and counts, instead of reckoning.
private func countLinear(_ n: Int, _ inputs: Int, _ outputs: Int) -> Int {
  var count = 0
  for _ in 0..<n { for _ in 0..<outputs { for _ in 0..<inputs { count += 2 } } }
  return count
}

private func countConvolution(_ s: LayerFLOPsExercise.Sizes) -> Int {
  var count = 0
  for _ in 0..<s.n * s.f {
    for _ in 0..<s.h {
      for _ in 0..<s.w {
        for _ in 0..<s.c { for _ in 0..<s.kh { for _ in 0..<s.kw { count += 2 } } }
      }
    }
  }
  return count
}

private func expectLinear(
  _ n: Int, _ inputs: Int, _ outputs: Int, of answer: LayerFLOPsExercise.Answer, _ trial: Trial
) throws {
  let expected = countLinear(n, inputs, outputs)
  trial.expect(
    try answer.linear(n, inputs, outputs), equals: expected,
    "linearFLOPs(batch: \(n), inputs: \(inputs), outputs: \(outputs))", tolerance: 0,
    by: { _ in "2·\(n)·\(inputs)·\(outputs) = \(expected)" })
}

private func expectConvolution(
  _ s: LayerFLOPsExercise.Sizes, of answer: LayerFLOPsExercise.Answer, _ trial: Trial
) throws {
  let expected = countConvolution(s)
  trial.expect(
    try answer.convolution(s), equals: expected,
    """
    convolutionFLOPs(batch: \(s.n), height: \(s.h), width: \(s.w), channelsIn: \(s.c), channelsOut: \(s.f), \
    kernelHeight: \(s.kh), kernelWidth: \(s.kw))
    """, tolerance: 0,
    by: { _ in "2·\(s.n)·\(s.h)·\(s.w)·\(s.f)·\(s.c)·\(s.kh)·\(s.kw) = \(expected)" })
}
