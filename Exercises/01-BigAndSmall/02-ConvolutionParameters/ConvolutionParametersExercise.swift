import ExerciseKit
import Practice

public final class ConvolutionParametersExercise: Exercise {
  public typealias Answer = @Sendable (_ c: Int, _ f: Int, _ h: Int, _ w: Int, _ hasBias: Bool) throws -> Int

  public init() {}

  public let title = "Counting the parameters of a convolution"
  public let section = "1.2"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.nothing
  public let functions = ["convolutionParameters"]
  public let solution: Answer = convolutionParameters

  public func answer(of learner: Learner) -> Answer {
    { c, f, h, w, hasBias in try learner.call("convolutionParameters", c, f, h, w, hasBias) }
  }

  public let hints = [
    "Count one filter first: its window in one channel, then in all channels that go in. How many filters "
      + "are there?",
    "One filter has C_in·K_H·K_W weights and, perhaps, one bias. There are C_out filters.",
    """
    let filter = channelsIn * …
    return channelsOut * (hasBias ? … : filter)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "3 channels in, 2 out, a window of 2×4: 50", points: 1) { answer, trial in
      try expectCount((3, 2, 2, 4), true, of: answer, trial)
      try expectCount((3, 2, 2, 4), false, of: answer, trial)
      try expectCount((1, 1, 1, 1), true, of: answer, trial)
    },
    Check(.byHand, "the two of the small CNN, 832 and 51264", points: 1) { answer, trial in
      try expectCount((1, 32, 5, 5), true, of: answer, trial)
      try expectCount((32, 64, 5, 5), true, of: answer, trial)
    },
    Check(.property, "as one counts them one by one, for twenty layers", points: 1) { answer, trial in
      var inputs = Inputs(seed: 12)
      for index in 0..<20 {
        let sizes = (
          inputs.integer(1...9), inputs.integer(1...9), inputs.integer(1...5), inputs.integer(1...7)
        )
        try expectCount(sizes, index % 3 != 0, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the biases are forgotten",
      advice: "You count only weights. With hasBias, each filter has one bias as well."
    ) { c, f, h, w, _ in f * c * h * w },
    Mistake(
      "the biases are always counted", advice: "You count biases where there are none: look at hasBias."
    ) { c, f, h, w, _ in f * (c * h * w + 1) },
    Mistake(
      "the channels that go in are forgotten",
      advice: "A filter of yours has one window. It has one for each channel that goes in: C_in·K_H·K_W "
        + "weights."
    ) { _, f, h, w, hasBias in f * (h * w + (hasBias ? 1 : 0)) },
    Mistake(
      "a bias for each window",
      advice: "You count a bias for each pair of channels. The windows of a filter are added up, and then "
        + "comes one bias: C_out biases in all."
    ) { c, f, h, w, hasBias in f * c * (h * w + (hasBias ? 1 : 0)) },
    Mistake(
      "a bias for each channel that goes in",
      advice: "You count C_in biases. A bias is added to what comes out: there are C_out."
    ) { c, f, h, w, hasBias in f * c * h * w + (hasBias ? c : 0) },
    Mistake(
      "one bias for the layer",
      advice: "You count one bias for the whole layer. Each channel that comes out has one of its own."
    ) { c, f, h, w, hasBias in f * c * h * w + (hasBias ? 1 : 0) },
    Mistake(
      "the window is taken for a square",
      advice: "You multiply the height of the window by itself. Its width may be another: K_H·K_W."
    ) { c, f, h, _, hasBias in f * (c * h * h + (hasBias ? 1 : 0)) },
    Mistake(
      "the sides of the window are added",
      advice: "You add height and width of the window. A window of K_H rows of K_W has K_H·K_W weights."
    ) { c, f, h, w, hasBias in f * (c * (h + w) + (hasBias ? 1 : 0)) },
  ]
}

/// Counts every weight and every bias on its own.
private func countOneByOne(_ sizes: (c: Int, f: Int, h: Int, w: Int), hasBias: Bool) -> Int {
  var count = 0
  for _ in 0..<sizes.f {
    for _ in 0..<sizes.c { for _ in 0..<sizes.h { for _ in 0..<sizes.w { count += 1 } } }
    if hasBias { count += 1 }
  }
  return count
}

private func expectCount(
  _ sizes: (c: Int, f: Int, h: Int, w: Int), _ hasBias: Bool,
  of answer: ConvolutionParametersExercise.Answer, _ trial: Trial
) throws {
  let (c, f, h, w) = sizes
  let expected = countOneByOne(sizes, hasBias: hasBias)
  trial.expect(
    try answer(c, f, h, w, hasBias), equals: expected,
    """
    convolutionParameters(channelsIn: \(c), channelsOut: \(f), kernelHeight: \(h), kernelWidth: \(w), \
    hasBias: \(hasBias))
    """, tolerance: 0,
    by: { _ in "\(f)·\(c)·\(h)·\(w)\(hasBias ? " + \(f)" : "") = \(expected)" })
}
