import ExerciseKit
import Foundation
import Practice

public final class SurpriseExercise: Exercise {
  /// The mean surprise in nats and in bits.
  public typealias Answer = @Sendable (_ p: [Double], _ rained: [Bool]) throws -> (Double, Double)

  public init() {}

  public let title = "How surprised a forecast is"
  public let section = "0.7"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["meanSurprise"]
  public let solution: Answer = { p, rained in try meanSurprise(p, rained: rained) }

  public func answer(of learner: Learner) -> Answer {
    { p, rained in try learner.call("meanSurprise", p, rained) }
  }

  public let hints = [
    "First find, for each day, the probability of what happened. Only then take a logarithm, and only of that.",
    "q = p where it rained, else 1 − p. The surprise of a day is −ln q; the loss is the mean over N days. "
      + "log₂ q = ln q / ln 2.",
    """
    var sum = 0.0
    for (p, rained) in zip(p, rained) {
      sum -= log(rained ? … : …)
    }
    let mean = sum / …
    return (mean, mean / …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "three days: 0.5 and rain, 0.25 and rain, 0.9 and none", points: 2) { answer, trial in
      try expectSurprise([0.5, 0.25, 0.9], [true, true, false], of: answer, trial)
    },
    Check(.byHand, "a single day, either way", points: 1) { answer, trial in
      try expectSurprise([0.2], [true], of: answer, trial)
      try expectSurprise([0.2], [false], of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve forecasts", points: 1) { answer, trial in
      var inputs = Inputs(seed: 51)
      for count in 1...12 {
        let p = (0..<count).map { _ in Double(inputs.integer(1...99)) / 100 }
        try expectSurprise(p, (0..<count).map { _ in inputs.integer(0...2) > 0 }, of: answer, trial)
      }
    },
    Check(.property, "certain and right: 0, certain and wrong: infinite", points: 1) { answer, trial in
      try expectSurprise([1, 0, 0.5], [true, false, true], of: answer, trial)
      try expectSurprise([0, 0.5, 1], [false, true, true], of: answer, trial)
      try expectSurprise([1, 0.5], [false, true], of: answer, trial)
      try expectSurprise([0.25, 0], [true, true], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "dry days count as rain",
      advice: "You take p on every day. On a dry day the forecast gave what happened the probability 1 − p."
    ) { p, _ in log(p) },
    wrong(
      "the other event",
      advice: "You take the probability of what did not happen. Where it rained, that of rain is p."
    ) { p, rained in log(rained ? 1 - p : p) },
    wrong(
      "0 · ln 0",
      advice:
        "t ln p + (1 − t) ln(1 − p) is right on paper, but for a forecast that is certain 0 · ln 0 is no number. Take "
        + "the logarithm only of what happened."
    ) { p, rained in (rained ? 1 : 0) * log(p) + (rained ? 0 : 1) * log(1 - p) },
    wrong(
      "only rainy days",
      advice: "Dry days add nothing to your sum. They surprise too: by −ln(1 − p)."
    ) { p, rained in rained ? log(p) : 0 },
    wrong(
      "how wrong, without a logarithm",
      advice:
        "You add up 1 − q. That is the error of the probability; the surprise is −ln q, which has no upper limit."
    ) { p, rained in -(rained ? 1 - p : p) },
    wrong(
      "the logarithm is kept from infinity",
      advice: "You add something small before the logarithm. Certain and wrong is to be infinite here."
    ) { p, rained in log(max(rained ? p : 1 - p, 1e-12)) },
    Mistake(
      "a sum for a mean", advice: "You sum over the days. Divide by N, or a longer forecast looks worse."
    ) {
      p, rained in
      let mean = meanLogarithm(p, rained)
      return (-mean * Double(p.count), -mean * Double(p.count) / log(2))
    },
    Mistake(
      "the sign", advice: "Your surprise is negative: the logarithm of a probability is. Turn the sign."
    ) {
      p, rained in
      let mean = meanLogarithm(p, rained)
      return (mean, mean / log(2))
    },
    Mistake("bits too small", advice: "A nat is more than a bit: divide by ln 2 instead of multiplying.") {
      p, rained in
      let mean = meanLogarithm(p, rained)
      return (-mean, -mean * log(2))
    },
    Mistake("base 10", advice: "You take log10. nats have the natural logarithm, `log`; bits have `log2`.") {
      p, rained in
      let mean = meanLogarithm(p, rained)
      return (-mean / log(10), -mean / log(2))
    },
    Mistake(
      "the logarithm of the mean",
      advice:
        "You take the mean of q and then its logarithm. Each day has its own surprise: first −ln q, then the mean."
    ) { p, rained in
      let mean = zip(p, rained).reduce(0) { $0 + ($1.1 ? $1.0 : 1 - $1.0) } / Double(p.count)
      return (-log(mean), -log(mean) / log(2))
    },
  ]
}

private func meanLogarithm(_ p: [Double], _ rained: [Bool]) -> Double {
  zip(p, rained).reduce(0) { $0 + log($1.1 ? $1.0 : 1 - $1.0) } / Double(p.count)
}

/// The mean of something else of each day, with its sign turned.
private func wrong(
  _ name: String, advice: String, _ term: @escaping @Sendable (_ p: Double, _ rained: Bool) -> Double
) -> Mistake<SurpriseExercise.Answer> {
  Mistake(name, advice: advice) { p, rained in
    let mean = -zip(p, rained).reduce(0) { $0 + term($1.0, $1.1) } / Double(p.count)
    return (mean, mean / log(2))
  }
}

private func expectSurprise(
  _ p: [Double], _ rained: [Bool], of answer: SurpriseExercise.Answer, _ trial: Trial
) throws {
  let (nats, bits) = try answer(p, rained)
  // By way of bits, so that the two are not made in the same way as the answer's.
  let q = zip(p, rained).map { $1 ? $0 : 1 - $0 }
  let expected = q.reduce(0) { $0 - log2($1) } / Double(q.count)
  let text = q.map { written(Float($0)) }.joined(separator: ", ")
  trial.expect(
    [nats, bits], equals: [expected * log(2), expected], "meanSurprise(p, rained: …), as [nats, bits]",
    given: ["p": p, "rained": rained],
    by: { place in
      let unit = place == [0] ? "−ln q" : "−log₂ q"
      return "what happened had the probabilities q = \(text); the mean of \(unit) is "
        + written(Float(place == [0] ? expected * log(2) : expected))
    })
}
