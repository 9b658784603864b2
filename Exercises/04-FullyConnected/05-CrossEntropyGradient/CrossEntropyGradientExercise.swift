import ExerciseKit
import Foundation
import Practice

public final class CrossEntropyGradientExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ t: [Int], _ dL: Float) throws -> Tensor

  public init() {}

  public let title = "The gradient of the cross-entropy"
  public let section = "4.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["crossEntropyGradient"]
  public let solution: Answer = crossEntropyGradient

  public func answer(of learner: Learner) -> Answer {
    { x, t, dL in try learner.call("crossEntropyGradient", x, t, dL) }
  }

  public let hints = [
    "Make the softmax of each row as in exercise 4.3. Take 1 away at one place of the row: that of the "
      + "right class.",
    "dx[n, c] = dL / N · (y[n, c] − 1) where c == t[n], and dL / N · y[n, c] elsewhere; all [N, C].",
    """
    let factor = dL / …
    for n in 0..<x.shape[0] {
      …                       // the largest score and the sum of the powers, as in 4.3
      for c in 0..<x.shape[1] {
        dx[n, c] = factor * (exp(…) / sum - (c == … ? 1 : 0))
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3] gives [2, 3]", points: 1) { answer, trial in
      for shape in [[2, 3], [1, 5], [4, 2]] {
        var inputs = Inputs(seed: 451)
        let x = inputs.normal(shape)
        trial.expect(
          try answer(x, (0..<shape[0]).map { $0 % shape[1] }, 1), hasShape: shape,
          "crossEntropyGradient(x, targets: t, upstream: 1)", given: ["x": x])
      }
    },
    Check(.byHand, "one example, three classes", points: 1) { answer, trial in
      try expectGradient(Tensor([[0, 0, 0.6931472]]), [2], 1, of: answer, trial)
      try expectGradient(Tensor([[0, 0, 0.6931472]]), [0], 1, of: answer, trial)
    },
    Check(.byHand, "a batch of two, and an upstream gradient of 3", points: 1) { answer, trial in
      let x = Tensor([[0, 0, 0.6931472], [1, -1, 2]])
      try expectGradient(x, [2, 1], 1, of: answer, trial)
      try expectGradient(x, [2, 1], 3, of: answer, trial)
      try expectGradient(x, [0, 2], -0.5, of: answer, trial)
    },
    Check(.property, "as the formula says, also for scores of 1000", points: 1) { answer, trial in
      var inputs = Inputs(seed: 452)
      for index in 0..<8 {
        let (n, c) = (inputs.integer(1...5), inputs.integer(2...8))
        let targets = (0..<n).map { _ in inputs.integer(0...c - 1) }
        let x = inputs.normal([n, c]) * 2
        try expectGradient(x, targets, index % 2 == 0 ? 1 : Float(index), of: answer, trial)
      }
      try expectGradient(Tensor([[1000, 1001, 999.5], [-800, -800, -799]]), [0, 2], 1, of: answer, trial)
      // Wherever the largest stands, the others are far below it, and so is the right class.
      try expectGradient(
        Tensor([[300, -300, 0], [-300, 0, 300], [0, 300, -300]]), [1, 0, 2], 2, of: answer, trial)
    },
    Check(.gradients, "the loss changes as the gradient says", points: 2) { answer, trial in
      var inputs = Inputs(seed: 453)
      for (n, c) in [(1, 4), (3, 5), (6, 2)] {
        let (x, dL) = (inputs.normal([n, c]), inputs.normal([1])[0])
        let targets = (0..<n).map { _ in inputs.integer(0...c - 1) }
        let step = 1e-4
        var expected = x
        for i in 0..<n {
          for j in 0..<c {
            let above = loss(x, targets, adding: step, at: [i, j])
            let below = loss(x, targets, adding: -step, at: [i, j])
            expected[i, j] = Float(Double(dL) * (above - below) / (2 * step))
          }
        }
        let upstream = Double(dL).shortText
        trial.expect(
          try answer(x, targets, dL), equals: expected,
          "crossEntropyGradient(x, targets: t, upstream: \(upstream))", given: ["x": x, "t": targets],
          by: { place in
            """
            \(upstream)·(L with x[\(place[0]), \(place[1])] + 0.0001, less L with − 0.0001) / 0.0002 \
            = \(Double(expected[place[0], place[1]]).shortText)
            """
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "not divided by the batch",
      advice: "Your gradient is that of the sum. The loss is a mean over N examples: divide by N."
    ) { x, t, dL in gradient(x, t) { y, delta, _ in dL * (y - delta) } },
    Mistake(
      "divided by all numbers",
      advice: "You divide by N·C. The loss is a mean over the N examples: divide by N alone."
    ) { x, t, dL in gradient(x, t) { y, delta, n in dL * (y - delta) / Float(n * x.shape[1]) } },
    Mistake(
      "divided by the classes",
      advice: "You divide by the number of classes. The loss is a mean over the examples: divide by N."
    ) { x, t, dL in gradient(x, t) { y, delta, _ in dL * (y - delta) / Float(x.shape[1]) } },
    Mistake(
      "the upstream gradient is forgotten",
      advice: "You do not use dL. By the chain rule, every gradient is multiplied by the upstream one."
    ) { x, t, _ in gradient(x, t) { y, delta, n in (y - delta) / Float(n) } },
    Mistake(
      "the sign", advice: "Your gradient points the other way: it is softmax less the right answer."
    ) { x, t, dL in gradient(x, t) { y, delta, n in dL * (delta - y) / Float(n) } },
    Mistake(
      "the right class is forgotten",
      advice: "You give back softmax. Take 1 away at the place of the right class."
    ) { x, t, dL in gradient(x, t) { y, _, n in dL * y / Float(n) } },
    Mistake(
      "only the right class",
      advice: "In yours only the score of the right class has a gradient. The others have one too: they are "
        + "in the sum that softmax divides by."
    ) { x, t, dL in gradient(x, t) { y, delta, n in dL * delta * (y - 1) / Float(n) } },
    Mistake(
      "multiplied by the slope of a sigmoid",
      advice: "You multiplied by y(1 − y), as for a sigmoid. With the logarithm of the loss it cancels: y − "
        + "δ is all."
    ) { x, t, dL in gradient(x, t) { y, delta, n in dL * (y - delta) * y * (1 - y) / Float(n) } },
    Mistake(
      "the gradient with respect to the probabilities",
      advice: "You give −δ / y, the gradient with respect to the probabilities. Asked is that with respect "
        + "to the logits."
    ) { x, t, dL in gradient(x, t) { y, delta, n in -dL * delta / y / Float(n) } },
    Mistake(
      "the logits less the right answer",
      advice: "You take the right answer away from the logits. Take it away from their softmax."
    ) { x, t, dL in
      var dx = x
      for n in t.indices { dx[n, t[n]] -= 1 }
      return dx.map { dL * $0 / Float(t.count) }
    },
    Mistake(
      "the largest score is not taken away",
      advice: "For large scores your powers are too large for a Float. Take away the largest score of the "
        + "row first."
    ) { x, t, dL in
      var dx = x
      for n in t.indices {
        let powers = (0..<x.shape[1]).map { exp(x[n, $0]) }
        let sum = powers.reduce(0, +)
        for c in powers.indices { dx[n, c] = dL / Float(t.count) * (powers[c] / sum - (c == t[n] ? 1 : 0)) }
      }
      return dx
    },
    Mistake(
      "the first score is taken away",
      advice: "You take away the first score of the row. A score far above it still overflows: take the "
        + "largest."
    ) { x, t, dL in
      var dx = x
      for n in t.indices {
        let powers = (0..<x.shape[1]).map { exp(x[n, $0] - x[n, 0]) }
        let sum = powers.reduce(0, +)
        for c in powers.indices { dx[n, c] = dL / Float(t.count) * (powers[c] / sum - (c == t[n] ? 1 : 0)) }
      }
      return dx
    },
    Mistake(
      "the right class of the first example for all",
      advice: "You use one right class for all examples. Example n has its own: t[n]."
    ) { x, t, dL in try crossEntropyGradient(x, targets: t.map { _ in t[0] }, upstream: dL) },
  ]
}

/// Something made of softmax, of δ and of the number of examples, at every place.
private func gradient(
  _ x: Tensor, _ t: [Int], _ formula: (_ y: Float, _ delta: Float, _ n: Int) -> Float
) -> Tensor {
  var dx = x
  for n in t.indices {
    let row = (0..<x.shape[1]).map { Double(x[n, $0]) }
    for c in row.indices {
      let y = Float(1 / row.reduce(0) { $0 + exp($1 - row[c]) })
      dx[n, c] = formula(y, c == t[n] ? 1 : 0, t.count)
    }
  }
  return dx
}

/// The mean cross-entropy in Double, with one logit changed.
private func loss(_ x: Tensor, _ t: [Int], adding step: Double, at place: [Int]) -> Double {
  let losses = t.indices.map { n in
    var row = (0..<x.shape[1]).map { Double(x[n, $0]) }
    if n == place[0] { row[place[1]] += step }
    return log(row.reduce(0) { $0 + exp($1 - row[t[n]]) })
  }
  return losses.reduce(0, +) / Double(t.count)
}

private func expectGradient(
  _ x: Tensor, _ t: [Int], _ dL: Float, of answer: CrossEntropyGradientExercise.Answer, _ trial: Trial
) throws {
  let expected = gradient(x, t) { y, delta, n in dL * (y - delta) / Float(n) }
  let softmax = gradient(x, t) { y, _, _ in y }
  let upstream = Double(dL).shortText
  trial.expect(
    try answer(x, t, dL), equals: expected, "crossEntropyGradient(x, targets: t, upstream: \(upstream))",
    given: ["x": x, "t": t],
    by: { place in
      let y = Double(softmax[place[0], place[1]]).shortText
      return """
        \(upstream)·(\(y) − \(place[1] == t[place[0]] ? 1 : 0)) / \(t.count) \
        = \(Double(expected[place[0], place[1]]).shortText)
        """
    })
}
