import ExerciseKit
import Foundation
import Practice

public final class CrossEntropyExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ t: [Int]) throws -> Float

  public init() {}

  public let title = "Cross-entropy from logits"
  public let section = "4.3"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["crossEntropyLoss"]
  public let solution: Answer = crossEntropyLoss

  public func answer(of learner: Learner) -> Answer {
    { x, t in try learner.call("crossEntropyLoss", x, t) }
  }

  public let hints = [
    "For each example find the largest score, then the sum of the powers, then add up three terms. Divide "
      + "by the number of examples at the very end.",
    "−ln p = m + ln Σ_k exp(x[n, k] − m) − x[n, t[n]]. The probability itself is never computed, so it can "
      + "never become 0. L is the mean over the N rows.",
    """
    var total: Float = 0
    for n in 0..<x.shape[0] {
      var largest = x[n, 0]
      for c in … { largest = max(largest, …) }
      var sum: Float = 0
      for c in … { sum += exp(…) }
      total += log(…) + (largest - …)
    }
    return total / …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "one example, three classes", points: 1) { answer, trial in
      for target in [2, 0] { try expectLoss(Tensor([[0, 0, 0.6931472]]), [target], of: answer, trial) }
      try expectLoss(Tensor([[2, -1, 3]]), [1], of: answer, trial)
    },
    Check(.byHand, "a batch of two, and of three", points: 1) { answer, trial in
      try expectLoss(Tensor([[0, 0, 0.6931472], [0, 0, 0.6931472]]), [2, 0], of: answer, trial)
      try expectLoss(Tensor([[1, 2], [3, -1], [0, 0.5]]), [1, 1, 0], of: answer, trial)
    },
    Check(.property, "as the definition says, for ten batches", points: 1) { answer, trial in
      var inputs = Inputs(seed: 441)
      for _ in 0..<10 {
        let (n, c) = (inputs.integer(1...6), inputs.integer(2...9))
        let targets = (0..<n).map { _ in inputs.integer(0...c - 1) }
        try expectLoss(inputs.normal([n, c]) * 2, targets, of: answer, trial)
      }
    },
    Check(.property, "scores of 1000, and classes that are far from likely", points: 2) { answer, trial in
      // A Float near 1000 is exact to 0.00006: so much may be lost where the score is taken from ln Σ e^x.
      try expectLoss(Tensor([[1000, 1001, 999]]), [0], tolerance: 2e-4, of: answer, trial)
      try expectLoss(Tensor([[-1000, -1001, -999.5]]), [2], tolerance: 2e-4, of: answer, trial)
      try expectLoss(Tensor([[0, 200, -50]]), [0], of: answer, trial)
      try expectLoss(Tensor([[3, -300, 1], [400, 2, 410]]), [1, 0], of: answer, trial)
      // Wherever the largest stands, the others are far below it, and so is the next row.
      try expectLoss(
        Tensor([[300, -300, 0], [-300, 0, 300], [0, 300, -300], [-500, -502, -501]]), [1, 0, 2, 2],
        of: answer, trial)
    },
    Check(.property, "a whole number added to a row changes nothing", points: 1) { answer, trial in
      var inputs = Inputs(seed: 442)
      let (x, t) = (inputs.integers([4, 5]), [3, 0, 4, 1])
      var moved = x
      for (n, added) in [7, -30, 12, 90].enumerated() { for c in 0..<5 { moved[n, c] += Float(added) } }
      trial.expect(
        try answer(moved, t), equals: try answer(x, t),
        "crossEntropyLoss(x + [7, −30, 12, 90], targets: t)", given: ["x": x, "t": t])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the sum instead of the mean",
      advice: "Your loss grows with the batch. It is the mean: divide by the number of examples."
    ) { x, t in Float(losses(x, t).reduce(0, +)) },
    Mistake(
      "divided by all numbers",
      advice: "You divide by the number of logits. Divide by the number of examples, N; C does not count."
    ) { x, t in Float(losses(x, t).reduce(0, +)) / Float(x.count) },
    Mistake(
      "the sign",
      advice: "Your loss is negative. The logarithm of a probability is; the loss has its sign turned."
    ) { x, t in -mean(losses(x, t)) },
    Mistake(
      "the probability without its logarithm",
      advice: "You have the mean probability of the right class. Take its logarithm, and turn the sign."
    ) { x, t in mean(losses(x, t).map { exp(-$0) }) },
    Mistake(
      "the logarithm of the mean",
      advice: "You take the logarithm of the mean probability. Take the logarithm for each example, and "
        + "then the mean."
    ) { x, t in -log(mean(losses(x, t).map { exp(-$0) })) },
    Mistake(
      "the logarithm to the base 10", advice: "You use log10. The natural logarithm is called log."
    ) { x, t in mean(losses(x, t)) / Float(log(10.0)) },
    Mistake(
      "the logarithm to the base 2",
      advice: "You use log2, which gives bits. The natural logarithm is called log."
    ) { x, t in mean(losses(x, t)) / Float(log(2.0)) },
    Mistake(
      "the largest score is not taken away",
      advice: "For large scores your powers are too large for a Float, and for very negative ones all are "
        + "0. Take away the largest score of the row before exp, and add it behind the logarithm."
    ) { x, t in
      let terms = t.indices.map { n in
        log((0..<x.shape[1]).reduce(Float(0)) { $0 + exp(x[n, $1]) }) - x[n, t[n]]
      }
      return terms.reduce(0, +) / Float(t.count)
    },
    Mistake(
      "the logarithm of a probability of 0",
      advice: "You take the logarithm of softmax. Where the probability is 0 in Float, that is −∞: write "
        + "the logarithm out, so that the score x[n, t[n]] itself is in the sum."
    ) { x, t in
      let y = try softmaxRows(x)
      return -t.indices.reduce(Float(0)) { $0 + log(y[$1, t[$1]]) } / Float(t.count)
    },
    Mistake(
      "a small number is added to the probability",
      advice: "You add a small number before the logarithm, so that it is never that of 0. A loss of 200 is "
        + "really 200, and yours stops growing long before: write the logarithm out instead."
    ) { x, t in
      let y = try softmaxRows(x)
      return -t.indices.reduce(Float(0)) { $0 + log(y[$1, t[$1]] + 1e-9) } / Float(t.count)
    },
    clipped(1e-7), clipped(1e-12), clipped(1e-15), added(1e-7), added(1e-8),
    Mistake(
      "the largest score is not added again",
      advice: "You take away the largest score before exp, and do not bring it back: add it behind the "
        + "logarithm."
    ) { x, t in
      mean(
        zip(losses(x, t), t.indices).map { loss, n in
          loss - Double((0..<x.shape[1]).map { x[n, $0] }.max()!)
        })
    },
    Mistake(
      "the most likely class instead of the right one",
      advice: "You take the probability of the largest score. Take that of the right class, t[n]."
    ) { x, t in
      let likely = t.indices.map { n in
        let row = (0..<x.shape[1]).map { x[n, $0] }
        return row.firstIndex(of: row.max()!)!
      }
      return mean(losses(x, likely))
    },
    Mistake(
      "the right class of the first example for all",
      advice: "You use one right class for all examples. Example n has its own: t[n]."
    ) { x, t in mean(losses(x, t.map { _ in t[0] })) },
  ]
}

private func clipped(_ least: Float) -> Mistake<CrossEntropyExercise.Answer> {
  Mistake(
    "the probability is not let below \(least)",
    advice:
      "You do not let the probability fall below a small number, so that its logarithm is never that of 0. A loss of "
      + "200 is really 200, and yours stops growing long before: write the logarithm out instead."
  ) { x, t in
    let y = try softmaxRows(x)
    return -t.indices.reduce(Float(0)) { $0 + log(max(y[$1, t[$1]], least)) } / Float(t.count)
  }
}

private func added(_ small: Float) -> Mistake<CrossEntropyExercise.Answer> {
  Mistake(
    "\(small) is added to the probability",
    advice:
      "You add a small number before the logarithm, so that it is never that of 0. A loss of 200 is really 200, and "
      + "yours stops growing long before: write the logarithm out instead."
  ) { x, t in
    let y = try softmaxRows(x)
    return -t.indices.reduce(Float(0)) { $0 + log(y[$1, t[$1]] + small) } / Float(t.count)
  }
}

/// −ln p of each example in Double, as ln Σ_k e^{x_k − x_t}: the definition with the power above cancelled.
private func losses(_ x: Tensor, _ t: [Int]) -> [Double] {
  t.indices.map { n in
    let row = (0..<x.shape[1]).map { Double(x[n, $0]) }
    return log(row.reduce(0) { $0 + exp($1 - row[t[n]]) })
  }
}

private func mean(_ numbers: [Double]) -> Float { Float(numbers.reduce(0, +) / Double(numbers.count)) }

private func expectLoss(
  _ x: Tensor, _ t: [Int], tolerance: Double = 1e-5, of answer: CrossEntropyExercise.Answer, _ trial: Trial
) throws {
  let parts = losses(x, t)
  trial.expect(
    try answer(x, t), equals: mean(parts), "crossEntropyLoss(x, targets: t)", given: ["x": x, "t": t],
    tolerance: tolerance,
    by: { _ in
      let shown = parts.map(\.shortText).joined(separator: " + ")
      return "(\(shown)) / \(t.count) = \(Double(mean(parts)).shortText)"
    })
}
