import ExerciseKit
import Practice

public final class LargestRateExercise: Exercise {
  /// The factor of a step, the best rate and the largest.
  public typealias Answer =
    @Sendable (_ x: [Double], _ learningRate: Double) throws -> (Double, Double, Double)

  public init() {}

  public let title = "How large a step may be"
  public let section = "0.5"
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["rates"]
  public let solution: Answer = { x, rate in try rates(x, learningRate: rate) }

  public func answer(of learner: Learner) -> Answer {
    { x, rate in try learner.call("rates", x, rate) }
  }

  public let hints = [
    "The slope is 0 at w*, and it is a straight line over w. So at any w it is some number times (w − w*): find that "
      + "number.",
    "dL/dw = 2/N Σ (w xₙ − tₙ) xₙ. Subtract the same at w*, which is 0: dL/dw = 2/N Σ xₙ² · (w − w*). So r = 1 − 2 η m, "
      + "where m is the mean of xₙ². The best rate makes r = 0, the largest r = −1.",
    """
    let meanSquare = x.map { … }.reduce(0, +) / Double(x.count)
    return (1 - 2 * learningRate * …, 1 / (…), …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "x = 1, 2, 4 and η = 0.1", points: 1) { answer, trial in
      try expectRates([1, 2, 4], 0.1, of: answer, trial)
    },
    Check(.byHand, "negative numbers, and steps that are too large", points: 1) { answer, trial in
      try expectRates([-1, 3], 0.3, of: answer, trial)
      try expectRates([0, 0.5, -2, 0], 1, of: answer, trial)
    },
    Check(.property, "as steps of gradient descent do, for twelve sets of numbers", points: 2) {
      answer, trial in
      var inputs = Inputs(seed: 41)
      for count in 1...12 {
        let x = inputs.normal([count]).scalars.map { Double($0) * 2 }
        try expectRates(x, Double(inputs.integer(1...9)) / 20, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("a sum for a mean", advice: "You sum the squares. L is a mean over the examples, so divide by N.") {
      rate, x in from(rate, x.reduce(0) { $0 + $1 * $1 })
    },
    wrong(
      "the square of the mean", advice: "You square the mean of x. The slope has the mean of the squares."
    ) {
      rate, x in
      let mean = x.reduce(0, +) / Double(x.count)
      return from(rate, mean * mean)
    },
    wrong(
      "the mean of x", advice: "You take the mean of x. Each xₙ comes in twice: once in y, once in the slope."
    ) {
      rate, x in from(rate, x.reduce(0, +) / Double(x.count))
    },
    wrong(
      "the 2 is forgotten",
      advice: "The slope of a square has a factor 2, and so has the step: r = 1 − 2 η m."
    ) {
      rate, x in from(rate, meanSquare(x) / 2)
    },
    wrong(
      "best and largest exchanged",
      advice: "Your best rate is twice your largest. At the best rate r is 0; at the largest it is −1."
    ) { rate, x in
      let all = from(rate, meanSquare(x))
      return (all.0, all.2, all.1)
    },
    wrong(
      "without its sign",
      advice: "You give r without its sign. Below 0 the step crosses the valley and lands on its other side."
    ) { rate, x in
      let all = from(rate, meanSquare(x))
      return (abs(all.0), all.1, all.2)
    },
    wrong(
      "the way, not what is left",
      advice:
        "You give the share of the way that a step covers, 2 η m. Asked is what is left of it: 1 − 2 η m."
    ) { rate, x in
      let all = from(rate, meanSquare(x))
      return (1 - all.0, all.1, all.2)
    },
    wrong(
      "the largest rate is where it crosses",
      advice: "Your largest rate is the best one: r = 0. Larger steps still settle, as long as r is above −1."
    ) { rate, x in
      let all = from(rate, meanSquare(x))
      return (all.0, all.1, all.1)
    },
  ]
}

private func meanSquare(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } / Double(x.count) }

private func from(_ rate: Double, _ m: Double) -> (Double, Double, Double) {
  (1 - 2 * rate * m, 0.5 / m, 1 / m)
}

private func wrong(
  _ name: String, advice: String,
  _ answer: @escaping @Sendable (_ rate: Double, _ x: [Double]) -> (Double, Double, Double)
) -> Mistake<LargestRateExercise.Answer> { Mistake(name, advice: advice) { x, rate in answer(rate, x) } }

private func expectRates(
  _ x: [Double], _ rate: Double, of answer: LargestRateExercise.Answer, _ trial: Trial
) throws {
  // All targets 0: then w* is 0, and the distance is w itself. Two steps are made, and the formulas are not used.
  func step(_ w: Double, _ rate: Double) -> Double {
    w - rate * x.reduce(0) { $0 + 2 * (w * $1) * $1 } / Double(x.count)
  }
  let moved = 1 - step(1, 1)
  let expected = [step(1, rate), 1 / moved, 2 / moved]
  let (r, best, largest) = try answer(x, rate)
  let m = written(Float(meanSquare(x)))
  trial.expect(
    [r, best, largest], equals: expected,
    "rates(x, learningRate: \(written(Float(rate)))), as [r, best, largest]", given: ["x": x],
    by: { place in
      switch place.first {
      case 0:
        "the mean of x² is \(m), r = 1 − 2·\(written(Float(rate)))·\(m) = \(written(Float(expected[0])))"
      case 1: "r = 1 − 2·η·\(m) is 0 at η = \(written(Float(expected[1])))"
      default: "r = 1 − 2·η·\(m) is −1 at η = \(written(Float(expected[2])))"
      }
    })
}
