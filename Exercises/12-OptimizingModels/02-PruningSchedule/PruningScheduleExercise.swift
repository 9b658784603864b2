import ExerciseKit
import Foundation
import Practice

public final class PruningScheduleExercise: Exercise {
  public struct Answer: Sendable {
    var share: @Sendable (_ s: Float, _ n: Int) throws -> Float = { 1 - pow(1 - $0, 1 / Float($1)) }
    var round:
      @Sendable (_ early: Tensor, _ trained: Tensor, _ mask: Tensor, _ p: Float) throws -> (Tensor, Tensor) =
        {
          Round(early: $0, trained: $1, mask: $2, p: $3).result()
        }
  }

  public init() {}

  public let title = "Prune, rewind, learn again"
  public let section = "12.2"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["roundShare", "pruneRound"]
  public let solution = Answer(
    share: { try roundShare($0, rounds: $1) },
    round: { try pruneRound(early: $0, trained: $1, mask: $2, share: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      share: { try learner.call("roundShare", $0, $1) },
      round: { try learner.call("pruneRound", $0, $1, $2, $3) })
  }

  public let hints = [
    "Solve the formula for p: the n-th root of what is to be left. In a round, first make a list of the places that are still "
      + "there; only they are sorted, and only they are counted.",
    "p = 1 − (1 − s)^(1/n). With A = places where m ≠ 0: k = ⌊p · |A|⌋; sort A by |trained|, then by place; the first k get 0 in "
      + "the new mask. The weights are the new mask times `early`.",
    """
    return 1 - pow(1 - s, … / Float(n))

    let alive = (0..<mask.count).filter { … }
    let k = Int(p * Float(…))
    let order = alive.sorted { (abs(trained[$0]), $0) < (…) }
    for i in order.prefix(k) { new[i] = 0 }
    return (new, new * …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many as before", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1221)
      for count in [1, 4, 7] {
        let (mask, weights) = try answer.round(
          inputs.normal([count]), inputs.normal([count]), .ones([count]), 0.5)
        trial.expect(mask, hasShape: [count], "pruneRound(…).mask")
        trial.expect(weights, hasShape: [count], "pruneRound(…).weights")
      }
    },
    Check(.byHand, "the share of each round", points: 1) { answer, trial in
      for (s, n, p) in [(0.75, 2, 0.5), (0.875, 3, 0.5), (0.3, 1, 0.3), (0.36, 2, 0.2), (0, 4, 0)]
        as [(Float, Int, Float)]
      {
        trial.expect(
          try answer.share(s, n), equals: p, "roundShare(\(written(s)), rounds: \(n))",
          by: { _ in "(1 − \(written(p)))^\(n) = \(written(1 - s)) = 1 − s" })
      }
    },
    Check(.byHand, "a first round", points: 1) { answer, trial in
      try Round([5, 1, 7, 2], [-9, 4, 1, 6], [1, 1, 1, 1], 0.25).expect(answer, trial)
      try Round([-3, 8, 2, 4, 6], [2, -5, 1, -3, 2], [1, 1, 1, 1, 1], 0.5).expect(answer, trial)
    },
    Check(.byHand, "a second round: only survivors count", points: 1) { answer, trial in
      try Round([5, 1, 7, 2, 3], [-9, 4, 1, 6, -2], [1, 0, 1, 1, 1], 0.5).expect(answer, trial)
      try Round([6, 2, -4, 3, 1, -8, 9], [3, 0, 5, 0, -1, 2, 4], [1, 0, 1, 0, 1, 1, 1], 0.4).expect(
        answer, trial)
    },
    Check(.property, "as the formulas say, for ten rounds", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1222)
      for _ in 0..<10 {
        let count = inputs.integer(2...12)
        let mask = Tensor((0..<count).map { _ in inputs.integer(0...3) == 0 ? 0 : 1 })
        try Round(
          early: inputs.normal([count]), trained: inputs.normal([count]), mask: mask,
          p: Float(inputs.integer(0...8)) / 8
        ).expect(answer, trial)
      }
      for n in 1...6 {
        let s = Float(inputs.integer(1...19)) / 20
        trial.expect(
          try answer.share(s, n), equals: 1 - pow(1 - s, 1 / Float(n)),
          "roundShare(\(written(s)), rounds: \(n))")
      }
    },
    Check(.property, "four rounds of sixteenths: one in sixteen is left", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1223)
      let early = inputs.normal([64])
      var mask = Tensor.ones([64])
      let p = try answer.share(0.9375, 4)
      trial.expect(p, equals: 0.5, "roundShare(0.9375, rounds: 4)", tolerance: 1e-4)
      for left in [32, 16, 8, 4] {
        // Rounding must not make 15.99 of 16.
        let (new, _) = try answer.round(early, inputs.normal([64]), mask, 0.5)
        trial.expect(
          new.shape == [64] && new.scalars.count { $0 != 0 } == left,
          "after this round \(left) of 64 weights are left", about: new)
        guard new.shape == [64] else { return }
        mask = new
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the same number of all in each round",
      advice:
        "You divide s by n. Each round takes a share of what is left, so what is left is multiplied: (1 − p)ⁿ = 1 − s.",
      answer: Answer(share: { $0 / Float($1) })),
    Mistake(
      "what is left for what goes",
      advice:
        "You give back the share that stays in each round, (1 − s)^(1/n). Asked for is the share that goes.",
      answer: Answer(share: { pow(1 - $0, 1 / Float($1)) })),
    Mistake(
      "the root of s",
      advice:
        "You take the root of what goes. It is what stays that is multiplied from round to round: 1 − s.",
      answer: Answer(share: { pow($0, 1 / Float($1)) })),
    wrong(
      "a share of all weights",
      advice:
        "Your k is a share of all weights. Those that are gone do not count: p times the number of survivors."
    ) { $0.countsAll = true },
    wrong(
      "the dead are sorted too",
      advice:
        "You look for the smallest among all places. What stands where the mask is 0 means nothing: sort only the survivors."
    ) { $0.sortsAll = true },
    wrong(
      "chosen by the early weights",
      advice:
        "You choose by the early weights. Which weight matters is known only after training: sort by |trained|."
    ) { $0.choosesByEarly = true },
    wrong(
      "not rewound",
      advice: "Your weights go on from where the training ended. Rewound, they have their early values."
    ) { $0.rewinds = false },
    wrong(
      "the dead rise",
      advice:
        "Your new mask has ones for all that do not go in this round, so what went earlier is back. Start from m."
    ) { $0.keepsOldMask = false },
    wrong(
      "the weights are not masked",
      advice: "You give back all early weights. Multiply them with the new mask."
    ) { $0.masksWeights = false },
    wrong(
      "the old mask on the weights",
      advice: "Your weights are masked with the mask from before. Take the new one."
    ) { $0.usesOldMask = true },
    wrong("signs count", advice: "You sort the trained weights with their signs. What counts is their size.")
    {
      $0.magnitude = { $0 }
    },
    wrong("the largest go", advice: "You take away the largest survivors. The smallest go.") {
      $0.magnitude = { -abs($0) }
    },
    wrong(
      "rounded up", advice: "You round p · n_left up. Here k is rounded down: ⌊ ⌋."
    ) { $0.rule = .up },
  ]
}

/// One round, and every way in which it may be wrong.
private struct Round: Sendable {
  var early, trained, mask: Tensor
  var p: Float
  var countsAll = false
  var sortsAll = false
  var choosesByEarly = false
  var rewinds = true
  var keepsOldMask = true
  var masksWeights = true
  var usesOldMask = false
  var magnitude: @Sendable (Float) -> Float = { abs($0) }
  var rule = FloatingPointRoundingRule.down

  init(early: Tensor, trained: Tensor, mask: Tensor, p: Float) {
    (self.early, self.trained, self.mask, self.p) = (early, trained, mask, p)
  }

  init(_ early: [Float], _ trained: [Float], _ mask: [Float], _ p: Float) {
    self.init(early: Tensor(early), trained: Tensor(trained), mask: Tensor(mask), p: p)
  }

  func result() -> (Tensor, Tensor) {
    let alive = mask.scalars.indices.filter { mask[$0] != 0 }
    let chosen = sortsAll ? Array(mask.scalars.indices) : alive
    let k = Int((p * Float(countsAll ? mask.count : alive.count)).rounded(rule))
    let by = choosesByEarly ? early : trained
    let order = chosen.sorted { (magnitude(by[$0]), $0) < (magnitude(by[$1]), $1) }
    var new = keepsOldMask ? mask : Tensor.ones(mask.shape)
    for i in order.prefix(k) { new[i] = 0 }
    let start = rewinds ? early : trained
    return (new, masksWeights ? start * (usesOldMask ? mask : new) : start)
  }

  func expect(_ answer: PruningScheduleExercise.Answer, _ trial: Trial) throws {
    let (mask, weights) = try answer.round(early, trained, self.mask, p)
    let expected = result()
    let left = self.mask.scalars.count { $0 != 0 }
    let call = "pruneRound(early: early, trained: w, mask: m, share: \(written(p)))"
    trial.expect(
      mask, equals: expected.0, "\(call).mask", given: ["w": trained, "m": self.mask],
      by: { place in
        "⌊\(written(p))·\(left)⌋ = \(Int(p * Float(left))) of \(left) survivors go; |w| is \(written(abs(trained[place[0]]))) here"
      })
    trial.expect(
      weights, equals: expected.1, "\(call).weights", given: ["early": early, "w": trained, "m": self.mask],
      by: { place in "\(written(expected.0[place[0]]))·\(written(early[place[0]]))" })
  }
}

private func wrong(
  _ name: String, advice: String, _ change: @Sendable @escaping (inout Round) -> Void
) -> Mistake<PruningScheduleExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: PruningScheduleExercise.Answer(round: {
      var round = Round(early: $0, trained: $1, mask: $2, p: $3)
      change(&round)
      return round.result()
    }))
}
