import ExerciseKit
import Practice

public final class ChainOfStepsExercise: Exercise {
  /// The loss, and its slopes along w and b.
  public typealias Answer =
    @Sendable (_ x: Double, _ t: Double, _ w: Double, _ b: Double) throws -> (Double, Double, Double)

  public init() {}

  public let title = "A chain of three steps"
  public let section = "0.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["lossAndSlopes"]
  public let solution: Answer = { x, t, w, b in try lossAndSlopes(x: x, t: t, w: w, b: b) }

  public func answer(of learner: Learner) -> Answer {
    { x, t, w, b in try learner.call("lossAndSlopes", x, t, w, b) }
  }

  public let hints = [
    "Go back along the chain, from the loss to the parameters: first the slope of L along v, then along u, then along w "
      + "and b. Each is the one before, multiplied by the slope of one more step.",
    "dL/dv = 2(v − t), dv/du = 3u², du/dw = x, du/db = 1. Multiply: dw = 2(v − t) · 3u² · x, and db the same without x.",
    """
    let u = w * x + b
    let v = u * u * u
    let dv = 2 * (…)
    let du = dv * …
    return ((v - t) * (v - t), du * …, …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the loss", points: 1) { answer, trial in
      for given in [Chain(2, 5, 0.5, 1), Chain(-3, 2, 1, 5)] { try given.expectLoss(of: answer, trial) }
    },
    Check(.byHand, "the slopes at w = 0.5, b = 1", points: 2) { answer, trial in
      try Chain(2, 5, 0.5, 1).expectSlopes(of: answer, trial)
    },
    Check(.byHand, "the slopes where x is negative, and where u is", points: 1) { answer, trial in
      try Chain(-3, 2, 1, 5).expectSlopes(of: answer, trial)
      try Chain(2, -1, -2, 1).expectSlopes(of: answer, trial)
    },
    Check(.gradients, "as measured, at twelve places", points: 1) { answer, trial in
      var inputs = Inputs(seed: 21)
      for _ in 0..<12 {
        let numbers = inputs.normal([4]).scalars.map(Double.init)
        let given = Chain(numbers[0], numbers[1], numbers[2], numbers[3])
        try given.expectLoss(of: answer, trial)
        try given.expectSlopes(of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the slope of u³ is forgotten",
      advice: "You skip the step from u to v: its slope, 3u², is a factor too."
    ) {
      let dv = 2 * ($0.v - $0.t)
      return (dv * $0.x, dv)
    },
    wrong(
      "the slope of the square is forgotten", advice: "The slope of (v − t)² is 2(v − t). Yours has no 2."
    ) {
      let du = ($0.v - $0.t) * 3 * $0.u * $0.u
      return (du * $0.x, du)
    },
    wrong("u³ has the slope 3u", advice: "The slope of u³ is 3u², not 3u: the power falls by one.") {
      let du = 2 * ($0.v - $0.t) * 3 * $0.u
      return (du * $0.x, du)
    },
    wrong("u³ has the slope u²", advice: "The slope of u³ is 3u²: the power comes down as a factor.") {
      let du = 2 * ($0.v - $0.t) * $0.u * $0.u
      return (du * $0.x, du)
    },
    wrong("x is in both", advice: "u = w x + b grows by x along w, but by 1 along b: db has no factor x.") {
      let du = 2 * ($0.v - $0.t) * 3 * $0.u * $0.u
      return (du * $0.x, du * $0.x)
    },
    wrong("x is in none", advice: "When w grows by 1, u grows by x: dw needs the factor x.") {
      let du = 2 * ($0.v - $0.t) * 3 * $0.u * $0.u
      return (du, du)
    },
    wrong(
      "the sign", advice: "Your slopes have the wrong sign: it is v − t, what came out minus what should."
    ) {
      let du = -2 * ($0.v - $0.t) * 3 * $0.u * $0.u
      return (du * $0.x, du)
    },
    wrong(
      "slopes are added",
      advice:
        "You add the slopes of the steps. Along a chain they are multiplied: each step enlarges what comes in."
    ) {
      let sum = 2 * ($0.v - $0.t) + 3 * $0.u * $0.u
      return (sum + $0.x, sum + 1)
    },
    wrong("3v² for 3u²", advice: "The slope of u³ is taken at u, where that step began, not at its result v.")
    {
      let du = 2 * ($0.v - $0.t) * 3 * $0.v * $0.v
      return (du * $0.x, du)
    },
    wrong(
      "w for x",
      advice: "You multiply by w. That is the slope along x; along w it is x."
    ) {
      let du = 2 * ($0.v - $0.t) * 3 * $0.u * $0.u
      return (du * $0.w, du)
    },
  ]
}

private func wrong(
  _ name: String, advice: String, _ slopes: @escaping @Sendable (Chain) -> (Double, Double)
) -> Mistake<ChainOfStepsExercise.Answer> {
  Mistake(name, advice: advice) { x, t, w, b in
    let chain = Chain(x, t, w, b)
    let (dw, db) = slopes(chain)
    return (chain.loss, dw, db)
  }
}

private struct Chain {
  let x, t, w, b: Double

  init(_ x: Double, _ t: Double, _ w: Double, _ b: Double) { (self.x, self.t, self.w, self.b) = (x, t, w, b) }

  var u: Double { w * x + b }
  var v: Double { u * u * u }
  var loss: Double { (v - t) * (v - t) }

  /// The loss where the sum u is larger by h; differences of it are slopes, without the chain rule.
  private func loss(_ h: Double) -> Double {
    let v = (u + h) * (u + h) * (u + h)
    return (v - t) * (v - t)
  }

  /// The slope along u: of a polynomial of degree 6 in u, so that these differences leave nothing out but rounding.
  private var slope: Double {
    let h = 0.0625
    let (a, b, c) = (loss(h) - loss(-h), loss(2 * h) - loss(-2 * h), loss(3 * h) - loss(-3 * h))
    return (45 * a - 9 * b + c) / (60 * h)
  }

  private var text: String {
    let (x, t, w, b) = (written(Float(x)), written(Float(t)), written(Float(w)), written(Float(b)))
    return "lossAndSlopes(x: \(x), t: \(t), w: \(w), b: \(b))"
  }

  func expectLoss(of answer: ChainOfStepsExercise.Answer, _ trial: Trial) throws {
    let (u, v) = (written(Float(u)), written(Float(v)))
    trial.expect(
      try answer(x, t, w, b).0, equals: loss, "\(text).loss",
      by: { _ in "u = \(u), v = \(v), L = (v − t)² = \(written(Float(loss)))" })
  }

  func expectSlopes(of answer: ChainOfStepsExercise.Answer, _ trial: Trial) throws {
    let (_, dw, db) = try answer(x, t, w, b)
    let expected = slope
    trial.expect(
      [dw, db], equals: [expected * x, expected], "\(text), as [dw, db]",
      by: { place in
        let factors = "2·(\(written(Float(v - t)))) · 3·(\(written(Float(u))))²"
        return place == [0]
          ? "\(factors) · (\(written(Float(x)))) = \(written(Float(expected * x)))"
          : "\(factors) = \(written(Float(expected)))"
      })
  }
}
