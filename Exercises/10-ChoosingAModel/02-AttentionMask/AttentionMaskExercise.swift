import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class AttentionMaskExercise: Exercise {
  public typealias Make = @Sendable (_ queries: Int, _ keys: Int, _ length: Int) throws -> [[Bool]]
  public typealias Weigh = @Sendable (_ scores: Tensor, _ mask: [[Bool]]) throws -> Tensor

  public struct Answer: Sendable {
    let make: Make
    let weigh: Weigh
  }

  public init() {}

  public let title = "Who may look at whom"
  public let section = "10.3"
  public let difficulty = 2
  public let minutes = 25
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.exp", "Tensor.maximum"])
  public let functions = ["attentionMask", "maskedSoftmax"]

  public let solution = Answer(
    make: { try attentionMask(queries: $0, keys: $1, length: $2) },
    weigh: { try maskedSoftmax($0, mask: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      make: { try learner.call("attentionMask", $0, $1, $2) },
      weigh: { try learner.call("maskedSoftmax", $0, $1) })
  }

  public let hints = [
    "For the mask, ask first where a query stands: not at its own number when some steps were read before. For the "
      + "softmax, forget that forbidden keys exist: list the allowed ones, and do a softmax over the list.",
    "mask[t][s] = (s ≤ S − T + t) and (s < length). In the softmax all three run over the allowed keys of row t alone: "
      + "the largest score, the sum of the powers, and the weights. All others stay 0, and so does a row without any.",
    """
    (0..<queries).map { t in (0..<keys).map { s in s <= … && s < … } }

    for t in 0..<scores.shape[0] {
      let allowed = (0..<scores.shape[1]).filter { mask[t][$0] }
      guard let largest = allowed.map({ scores[t, $0] }).max() else { continue }
      let sum = allowed.reduce(0) { $0 + exp(scores[t, $1] - …) }
      for s in allowed { weights[t, s] = … }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "scores [T, S] give weights [T, S]", points: 1) { answer, trial in
      for (t, s) in [(2, 3), (3, 1), (1, 4)] {
        var inputs = Inputs(seed: 1021)
        let scores = inputs.normal([t, s])
        trial.expect(
          try answer.weigh(scores, mask(t, max(s, t), max(s, t)).map { Array($0.prefix(s)) }),
          hasShape: [t, s], "maskedSoftmax(scores, mask: mask)", by: "scores are \(scores.shape)")
      }
    },
    Check(.byHand, "the masks of six small cases", points: 2) { answer, trial in
      for (t, s, length) in [(2, 5, 4), (2, 4, 3), (3, 3, 3), (3, 3, 2), (1, 4, 4), (2, 3, 0)] {
        try expectMask(t, s, length, answer, trial)
      }
    },
    Check(.byHand, "two rows of scores", points: 1) { answer, trial in
      try expectWeights(
        Tensor([[2, -1, 0.5, 3], [-2, 1, 4, -0.5]]),
        [[true, true, false, false], [true, false, true, true]],
        answer, trial)
      try expectWeights(Tensor([[1, 0, 0, 5], [0, 0, 0, 7]]), mask(2, 4, 3), answer, trial)
    },
    Check(.property, "masks and weights of twelve sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1022)
      for index in 0..<12 {
        // The first three have equal shapes and other numbers.
        let s = index < 3 ? 4 : inputs.integer(1...6)
        let t = index < 3 ? 3 : inputs.integer(1...s)
        let length = inputs.integer(1...s)
        try expectMask(t, s, length, answer, trial)
        let random = (0..<t).map { _ in (0..<s).map { _ in inputs.integer(0...2) > 0 } }
        let scores = inputs.normal([t, s])
        try expectWeights(scores, random.map { $0.contains(true) ? $0 : $0.map { _ in true } }, answer, trial)
        try expectWeights(scores, mask(t, s, length), answer, trial)
      }
    },
    Check(.property, "a query that may look at nothing", points: 1) { answer, trial in
      try expectWeights(
        Tensor([[1, -2, 0.5], [0.25, 3, -1]]), [[false, false, false], [true, false, true]], answer, trial)
    },
    Check(.property, "scores in the hundreds, and greater ones that are forbidden", points: 1) {
      answer, trial in
      try expectWeights(
        Tensor([[300, 299, -300], [-900, -901, 500]]), [[true, true, true], [true, true, false]],
        answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongMask(
      "a step does not see itself",
      advice: "Your queries see only what lies before them. A step may also look at itself: s ≤ its place."
    ) { t, s, T, S, length in s < S - T + t && s < length },
    wrongMask(
      "one step ahead",
      advice:
        "Your queries see one step ahead, which is what they have to guess. The last key is their own place."
    ) { t, s, T, S, length in s <= S - T + t + 1 && s < length },
    wrongMask(
      "the queries as if they were the first",
      advice:
        "You let query t stand at place t. The queries are the last T of S steps: it stands at S − T + t."
    ) { t, s, _, _, length in s <= t && s < length },
    wrongMask(
      "looks ahead and not back",
      advice: "Your mask is turned round: it allows what lies ahead. Allowed is s ≤ S − T + t."
    ) { t, s, T, S, length in s >= S - T + t && s < length },
    wrongMask(
      "true where forbidden",
      advice: "Your mask is true where it is forbidden to look. Here true means allowed."
    ) { t, s, T, S, length in !(s <= S - T + t && s < length) },
    wrongMask(
      "padding is seen", advice: "Your queries look at padding. Keys from `length` on are forbidden to all."
    ) { t, s, T, S, _ in s <= S - T + t },
    wrongMask(
      "one step of padding is seen",
      advice:
        "Your queries see the first step of padding. Keys are counted from 0: the last real one is length − 1."
    ) { t, s, T, S, length in s <= S - T + t && s <= length },
    wrongMask(
      "one of the two is enough",
      advice:
        "You allow a key that passes one of the two rules. It must pass both: not ahead, and no padding."
    ) { t, s, T, S, length in s <= S - T + t || s < length },
    wrongMask(
      "not causal", advice: "Your queries look ahead. Allowed is s ≤ S − T + t, besides s < length."
    ) { _, s, _, _, length in s < length },
    wrongWeights(
      "struck out after the softmax",
      advice:
        "You strike out forbidden weights after the softmax, so the rest do not sum to 1. Sum over allowed keys only."
    ) { s, allowed in
      zip(softmax(s), allowed).map { $1 ? $0 : 0 }
    },
    wrongWeights(
      "forbidden scores set to 0",
      advice:
        "You set forbidden scores to 0, and exp(0) = 1 still takes a share. Leave them out, or set them to −∞."
    ) { s, allowed in softmax(zip(s, allowed).map { $1 ? $0 : 0 }) },
    wrongWeights(
      "the mask turned round",
      advice: "You give the weights to the forbidden keys. In the mask, true means allowed."
    ) { s, allowed in softmax(s, allowed: allowed.map { !$0 }) },
    wrongWeights(
      "the mask is not used",
      advice: "Your weights are those without a mask. Forbidden keys get the weight 0."
    ) { s, _ in softmax(s) },
    wrongWeights(
      "a share of nothing",
      advice: "A query that may look at nothing shares out its 1 among forbidden keys. Its row is all 0."
    ) { s, allowed in allowed.contains(true) ? softmax(s, allowed: allowed) : softmax(s.map { _ in 0 }) },
    wrongWeights(
      "not a number where nothing is allowed",
      advice: "A query that may look at nothing divides 0 by 0. Leave its row at 0."
    ) { s, allowed in allowed.contains(true) ? softmax(s, allowed: allowed) : s.map { _ in .nan } },
    wrongWeights(
      "the largest of all scores is taken away",
      advice:
        "You take away the largest of all scores, also of forbidden ones; the allowed powers may then all be 0."
    ) { s, allowed in
      guard allowed.contains(true), let largest = s.max() else { return s.map { _ in 0 } }
      let powers = zip(s, allowed).map { $1 ? exp(Float($0 - largest)) : 0 }
      let sum = powers.reduce(0, +)
      return powers.map { Double($0 / sum) }
    },
    wrongWeights(
      "no score is taken away",
      advice:
        "For scores in the hundreds your powers are too large for a Float. Take away the largest allowed one first."
    ) { s, allowed in
      guard allowed.contains(true) else { return s.map { _ in 0 } }
      let powers = zip(s, allowed).map { $1 ? exp(Float($0)) : 0 }
      let sum = powers.reduce(0, +)
      return powers.map { Double($0 / sum) }
    },
  ]
}

private func mask(_ queries: Int, _ keys: Int, _ length: Int) -> [[Bool]] {
  (0..<queries).map { t in (0..<keys).map { s in s <= keys - queries + t && s < length } }
}

private func weights(
  _ scores: Tensor, _ mask: [[Bool]], _ row: ([Double], [Bool]) -> [Double] = { softmax($0, allowed: $1) }
) -> Tensor {
  tensor(zip(rows(scores), mask).map { row($0, $1) })
}

private func wrongMask(
  _ name: String, advice: String,
  _ allows: @escaping @Sendable (_ t: Int, _ s: Int, _ T: Int, _ S: Int, _ length: Int) -> Bool
) -> Mistake<AttentionMaskExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      make: { queries, keys, length in
        (0..<queries).map { t in (0..<keys).map { s in allows(t, s, queries, keys, length) } }
      }, weigh: { weights($0, $1) }))
}

private func wrongWeights(
  _ name: String, advice: String, _ row: @escaping @Sendable ([Double], [Bool]) -> [Double]
) -> Mistake<AttentionMaskExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(make: { mask($0, $1, $2) }, weigh: { weights($0, $1, row) }))
}

private func expectMask(
  _ queries: Int, _ keys: Int, _ length: Int, _ answer: AttentionMaskExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.make(queries, keys, length), equals: mask(queries, keys, length),
    "attentionMask(queries: \(queries), keys: \(keys), length: \(length))", tolerance: 0,
    by: { place in
      let own = keys - queries + place[0]
      let lies =
        place[1] > own
        ? "lies ahead" : place[1] >= length ? "is padding" : "lies not ahead and is no padding"
      return
        "query \(place[0]) stands at place \(keys) − \(queries) + \(place[0]) = \(own); key \(place[1]) \(lies)"
    })
}

private func expectWeights(
  _ scores: Tensor, _ mask: [[Bool]], _ answer: AttentionMaskExercise.Answer, _ trial: Trial
) throws {
  let expected = weights(scores, mask)
  let marks = mask.map { row in row.map { $0 ? "✓" : "·" }.joined(separator: " ") }.joined(separator: " / ")
  trial.expect(
    try answer.weigh(scores, mask), equals: expected, "maskedSoftmax(scores, mask: \(marks))",
    given: ["scores": scores], tolerance: 1e-4,
    by: { place in
      let (t, s) = (place[0], place[1])
      guard mask[t][s] else { return "key \(s) is forbidden to query \(t): 0" }
      let allowed = mask[t].indices.filter { mask[t][$0] }.map { written(scores[t, $0]) }
      return """
        exp(\(written(scores[t, s]))) over the sum of exp of the allowed scores, \(allowed.joined(separator: ", ")): \
        \(written(expected[t, s]))
        """
    })
}
