import ExerciseKit
import Foundation
import Practice

public final class BigramLossExercise: Exercise {
  /// The loss and the perplexity.
  public typealias Answer =
    @Sendable (_ training: [Int], _ text: [Int], _ vocabularySize: Int, _ alpha: Double) throws -> (
      Double, Double
    )

  public init() {}

  public let title = "What counting pairs reaches"
  public let section = "8.8"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["bigramLoss"]
  public let solution: Answer = {
    try bigramLoss(training: $0, text: $1, vocabularySize: $2, alpha: $3)
  }

  public func answer(of learner: Learner) -> Answer {
    { training, text, size, alpha in try learner.call("bigramLoss", training, text, size, alpha) }
  }

  public let hints = [
    "Count in one pass over the neighbours of the training text, then score in one pass over the neighbours of the other. A "
      + "table of V · V counts holds the pairs.",
    "zip(text, text.dropFirst()) gives the pairs (a, c). count(a) is the sum of count(a, c) over all c. The mean is over "
      + "text.count − 1 pairs, the logarithm is the natural one.",
    """
    for (a, c) in zip(training, training.dropFirst()) {
      pairs[a * V + c] += 1
      firsts[…] += 1
    }
    for (a, c) in zip(text, text.dropFirst()) {
      sum -= log((pairs[a * V + c] + …) / (firsts[a] + …))
    }
    let loss = sum / …
    return (loss, exp(…))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "five characters of two kinds, and three to judge", points: 1) { answer, trial in
      try expectLoss([0, 1, 0, 1, 1], [0, 1, 0], 2, 1, of: answer, trial)
    },
    Check(.byHand, "three kinds, and α = ½", points: 1) { answer, trial in
      try expectLoss([0, 2, 1, 0, 2, 2, 0], [2, 0, 2, 1], 3, 0.5, of: answer, trial)
      try expectLoss([1, 1, 1, 2], [2, 0], 4, 0.25, of: answer, trial)
    },
    Check(.byHand, "what was never seen is not impossible", points: 1) { answer, trial in
      try expectLoss([0, 1], [2, 2, 3, 0], 5, 0.01, of: answer, trial)
    },
    Check(.property, "as the formula says, for twenty texts", points: 2) { answer, trial in
      var inputs = Inputs(seed: 861)
      for _ in 0..<20 {
        let size = inputs.integer(2...6)
        func text() -> [Int] {
          (0..<inputs.integer(2...60)).map { _ in
            min(inputs.integer(0...size - 1), inputs.integer(0...size - 1))
          }
        }
        try expectLoss(text(), text(), size, Double(inputs.integer(1...8)) / 4, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the pair is turned round",
      advice: "You count how often the character comes before the other. P(c | a) asks for c after a."
    ) { $0.turned = true },
    wrong(
      "α once below",
      advice:
        "Below the line you add α once. Each of the V characters gets it above: add α V, so that all together make 1."
    ) { $0.smoothsBelow = { alpha, _ in alpha } },
    wrong(
      "nothing added below", advice: "Your probabilities sum to more than 1. Add α V below the line."
    ) { $0.smoothsBelow = { _, _ in 0 } },
    wrong(
      "the last character counts as a beginning",
      advice:
        "You count a as often as it occurs. The last character of the text has nothing after it: count those that have."
    ) { $0.countsLast = true },
    wrong(
      "divided by the characters",
      advice:
        "You divide by the number of characters. The first one is not judged: there are text.count − 1 pairs."
    ) { $0.divisor = { $0 } },
    wrong(
      "a sum", advice: "Your loss is the sum over the text. It is the mean over the pairs."
    ) { $0.divisor = { _ in 1 } },
    wrong(
      "in bits", advice: "You use the logarithm to the base 2: that is bits. Nats want the natural one."
    ) { $0.logarithm = log2 },
    wrong(
      "counted in the text itself",
      advice: "You count in the text that is judged. Then it judges itself: count in the training text."
    ) { $0.countsInText = true },
    wrong(
      "the perplexity of 2", advice: "Your perplexity is 2 to the loss. With nats it is exp(loss)."
    ) { $0.base = 2 },
    wrong(
      "the single characters",
      advice: "You count single characters. The probability is given the character before."
    ) { $0.ignoresContext = true },
  ]
}

private struct Rules: Sendable {
  var turned = false
  var smoothsBelow: @Sendable (_ alpha: Double, _ size: Double) -> Double = { $0 * $1 }
  var countsLast = false
  var divisor: @Sendable (_ characters: Double) -> Double = { $0 - 1 }
  var logarithm: @Sendable (Double) -> Double = { log($0) }
  var countsInText = false
  var base = M_E
  var ignoresContext = false

  func loss(_ training: [Int], _ text: [Int], _ size: Int, _ alpha: Double) -> (Double, Double) {
    let counted = countsInText ? text : training
    let pairs = zip(counted, counted.dropFirst()).map { turned ? ($1, $0) : ($0, $1) }
    let sum = zip(text, text.dropFirst()).reduce(0.0) { sum, pair in
      let (a, c) = pair
      var both = Double(pairs.count { $0 == (a, c) })
      var first = Double(pairs.count { $0.0 == a }) + (countsLast && counted.last == a ? 1 : 0)
      if ignoresContext { (both, first) = (Double(counted.count { $0 == c }), Double(counted.count)) }
      return sum - logarithm((both + alpha) / (first + smoothsBelow(alpha, Double(size))))
    }
    let loss = sum / divisor(Double(text.count))
    return (loss, pow(base, loss))
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  BigramLossExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { wrongRules.loss($0, $1, $2, $3) }
}

private func expectLoss(
  _ training: [Int], _ text: [Int], _ size: Int, _ alpha: Double, of answer: BigramLossExercise.Answer,
  _ trial: Trial
) throws {
  let (loss, perplexity) = try answer(training, text, size, alpha)
  let expected = Rules().loss(training, text, size, alpha)
  trial.expect(
    [loss, perplexity], equals: [expected.0, expected.1],
    "bigramLoss(training: \(training), text: \(text), vocabularySize: \(size), alpha: \(alpha)), as [loss, perplexity]",
    tolerance: 1e-9,
    by: { place in
      if place[0] == 1 { return "exp(\(expected.0))" }
      guard text.count <= 5 else { return "" }
      let parts = zip(text, text.dropFirst()).map { a, c in
        let pairs = zip(training, training.dropFirst())
        let (both, first) = (pairs.count { $0 == (a, c) }, pairs.count { $0.0 == a })
        return "−ln((\(both) + \(alpha))/(\(first) + \(alpha) · \(size)))"
      }
      return "(" + parts.joined(separator: " ") + ")/\(parts.count)"
    })
}
