import ExerciseKit
import Foundation
import Practice

public final class MarginLossExercise: Exercise {
  /// The loss of each point and its slope along z.
  public typealias Answer = @Sendable (_ z: [Double], _ t: [Double]) throws -> ([Double], [Double])

  public init() {}

  public let title = "A neuron's loss for the classes −1 and 1"
  public let section = "0.8"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["marginLoss"]
  public let solution: Answer = { z, t in try marginLoss(z, t) }

  public func answer(of learner: Learner) -> Answer {
    { z, t in try learner.call("marginLoss", z, t) }
  }

  public let hints = [
    "Make m = t z first: positive where the neuron is right. Where m is far below 0, e^(−m) is too large; take it out of "
      + "the logarithm.",
    "1 + e^(−m) = e^(−m) (1 + e^m), so ln(1 + e^(−m)) = −m + ln(1 + e^m). For m < 0 use that, for m ≥ 0 the other. In "
      + "dz, 1 / ∞ is 0, which is right.",
    """
    let margins = zip(z, t).map { $0 * $1 }
    let losses = margins.map { log1p(exp(-abs($0))) + max(…, 0) }
    let slopes = zip(margins, t).map { margin, t in … / (1 + exp(…)) }
    return (losses, slopes)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a loss and a slope for each point", points: 1) { answer, trial in
      let (losses, slopes) = try answer([1, -2, 0.5], [1, 1, -1])
      trial.expect([losses.count, slopes.count], equals: [3, 3], "marginLoss(z, t), how many of both")
    },
    Check(.byHand, "z = 1, −2, 0.5, 3 with t = 1, 1, −1, −1", points: 2) { answer, trial in
      try expectLoss([1, -2, 0.5, 3], [1, 1, -1, -1], of: answer, trial)
    },
    Check(.gradients, "as the definitions say, for forty points", points: 1) {
      answer, trial in
      var inputs = Inputs(seed: 61)
      let z = inputs.normal([40]).scalars.map { Double($0) * 3 }
      try expectLoss(z, (0..<40).map { _ in Double(inputs.integer(0...1) * 2 - 1) }, of: answer, trial)
    },
    Check(.gradients, "far out, where powers are too large", points: 2) { answer, trial in
      try expectLoss([1000, -1000, 1000, -1000, 40], [1, 1, -1, -1, -1], of: answer, trial)
      try expectLoss([-750, 710, -60], [1, -1, 1], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "powers that are too large",
      advice:
        "Where t z is far below 0, e^(−t z) becomes infinite, and so does your loss. Take it out of the logarithm."
    ) { m, t in (log(1 + exp(-m)), -t / (1 + exp(m))) },
    wrong(
      "the power is held back",
      advice:
        "You keep the power from growing too large. Then the loss stops growing too; it is near −t z there."
    ) { m, t in (log(1 + exp(min(-m, 50))), -t / (1 + exp(m))) },
    wrong(
      "a slope of ∞ / ∞",
      advice: "e^(−m) / (1 + e^(−m)) is ∞ / ∞ far out. Write the same slope as −t / (1 + e^m)."
    ) { m, t in (loss(m), -t * exp(-m) / (1 + exp(-m))) },
    wrong(
      "the sign of z",
      advice: "Your loss falls where the neuron is wrong. It is ln(1 + e^(−t z)), with a minus."
    ) {
      m, t in (loss(-m), -t / (1 + exp(-m)))
    },
    wrong("the sign of the slope", advice: "Your slope has the wrong sign: dz is below 0 where t is 1.") {
      m, t in (loss(m), t / (1 + exp(m)))
    },
    wrong("t is missing in the slope", advice: "t z has the slope t along z: that is a factor of dz.") {
      m, t in (loss(m), -1 / (1 + exp(m)))
    },
    wrong(
      "the slope at the right class",
      advice: "You give −t σ(t z). The slope is large where the neuron is wrong: −t (1 − σ(t z))."
    ) { m, t in (loss(m), -t / (1 + exp(-m))) },
    wrong(
      "classes 0 and 1",
      advice: "You use σ(z) − t, which is the slope for the classes 0 and 1. Here class 0 is called −1."
    ) { m, t in (loss(m), 1 / (1 + exp(-m * t)) - t) },
    wrong("the probability, not its logarithm", advice: "You give 1 − σ(t z). The loss is −ln σ(t z).") {
      m, t in (1 / (1 + exp(m)), -t / (1 + exp(m)))
    },
  ]
}

private func loss(_ m: Double) -> Double { log1p(exp(-abs(m))) + max(-m, 0) }

private func wrong(
  _ name: String, advice: String,
  _ answer: @escaping @Sendable (_ m: Double, _ t: Double) -> (Double, Double)
) -> Mistake<MarginLossExercise.Answer> {
  Mistake(name, advice: advice) { z, t in
    let both = zip(z, t).map { answer($0 * $1, $1) }
    return (both.map(\.0), both.map(\.1))
  }
}

private func expectLoss(
  _ z: [Double], _ t: [Double], of answer: MarginLossExercise.Answer, _ trial: Trial
) throws {
  let (losses, slopes) = try answer(z, t)
  let margins = zip(z, t).map { $0 * $1 }
  // By way of tanh and of a case for each side, so that no formula is shared with an answer's.
  let expected = margins.map { $0 < 0 ? -$0 + log1p(exp($0)) : log1p(exp(-$0)) }
  let slopesExpected = zip(margins, t).map { m, t in -t * (0.5 - 0.5 * tanh(m / 2)) }
  func number(_ x: Double) -> String { written(Float(x)) }
  trial.expect(
    losses, equals: expected, "marginLoss(z, t).loss", given: ["z": z, "t": t],
    by: {
      "t z = \(number(margins[$0[0]])), ln(1 + e^(\(number(-margins[$0[0]])))) = \(number(expected[$0[0]]))"
    })
  trial.expect(
    slopes, equals: slopesExpected, "marginLoss(z, t).dz", given: ["z": z, "t": t],
    by: {
      let (m, t) = (margins[$0[0]], t[$0[0]])
      return "\(number(-t)) / (1 + e^(\(number(m)))) = \(number(slopesExpected[$0[0]]))"
    })
}
