import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class AttentionHeadExercise: Exercise {
  /// Output and weights.
  public typealias Answer = @Sendable (_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "One head of attention"
  public let section = "10.2"
  public let difficulty = 2
  public let minutes = 20
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed(["matmul", "Tensor.transposed", "Tensor.sum", "Tensor.exp", "Tensor.maximum"])
  public let functions = ["attention"]
  public let solution: Answer = { try attention($0, $1, $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("attention", $0, $1, $2) } }

  public let hints = [
    "Go query by query. For one query, make the list of its S scores, then of its S weights, and only then mix the "
      + "values. No query looks at another one.",
    "The scores are Q Kᵀ/√D, of shape [T, S], with D the length of one query. The softmax goes along a row, over the "
      + "keys. The output is P V, of shape [T, E].",
    """
    let scores = matmul(q, k.transposed()) / Float(q.shape[1]).squareRoot()
    for t in 0..<q.shape[0] {
      let row = scores.row(t).scalars
      let powers = row.map { exp($0 - …) }
      for s in powers.indices { weights[t, s] = powers[s] / … }
    }
    return (matmul(weights, …), weights)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[T, D], [S, D] and [S, E] give [T, E] and [T, S]", points: 1) { answer, trial in
      for (t, s, d, e) in [(2, 3, 4, 5), (3, 1, 2, 1), (1, 4, 1, 2)] {
        let head = Head(t, s, d, e, seed: 1011)
        let (y, p) = try answer(head.q, head.k, head.v)
        let by = "q is \(head.q.shape), k is \(head.k.shape), v is \(head.v.shape)"
        trial.expect(y, hasShape: [t, e], "\(call).output", by: by)
        trial.expect(p, hasShape: [t, s], "\(call).weights", by: by)
      }
    },
    Check(.byHand, "two queries, three keys", points: 1) { answer, trial in
      try Head(
        q: Tensor([[2, -1, 0.5, 1], [-0.5, 1, 2, 0]]),
        k: Tensor([[1, 0.5, -1, 2], [-1, 2, 1, 0.5], [0.5, -2, 3, -1]]),
        v: Tensor([[10, -1], [-20, 2], [30, 4]])
      ).expect(answer, trial)
      try Head(
        q: Tensor([[2, 0, 1, 0]]), k: Tensor([[1, 5, 0, 0], [-1, 0, 2, 3]]), v: Tensor([[10], [20]])
      ).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1012)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let sizes =
          index < 3
          ? [2, 3, 4, 2]
          : [inputs.integer(1...5), inputs.integer(1...5), inputs.integer(2...6), inputs.integer(1...4)]
        try Head(sizes[0], sizes[1], sizes[2], sizes[3], seed: 1013 + UInt64(index)).expect(answer, trial)
      }
    },
    Check(.property, "scores in the hundreds", points: 1) { answer, trial in
      for seed in [1031, 1032] as [UInt64] {
        let head = Head(2, 3, 4, 2, seed: seed)
        try Head(q: head.q * 300, k: head.k, v: head.v).expect(answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the softmax over the queries",
      advice:
        "Your weights sum to 1 down a column. Each query shares out its own 1 over the keys: along a row."
    ) { Head(q: $0, k: $1, v: $2).result(overQueries: true) },
    Mistake(
      "without 1/√D", advice: "You have left out 1/√D: wide queries and keys would give one key nearly all."
    ) { Head(q: $0, k: $1, v: $2).result { _ in 1 } },
    Mistake(
      "divided by D", advice: "You divide the scores by D. It is the square root of D."
    ) { Head(q: $0, k: $1, v: $2).result { $0.width } },
    Mistake(
      "multiplied by √D", advice: "You multiply the scores by √D. They are divided by it."
    ) { Head(q: $0, k: $1, v: $2).result { 1 / $0.width.squareRoot() } },
    Mistake(
      "the root of the number of keys",
      advice: "You divide by √S, the number of keys. D is the length of one query."
    ) { Head(q: $0, k: $1, v: $2).result { Double($0.k.shape[0]).squareRoot() } },
    Mistake(
      "the root of the width of the values",
      advice: "You divide by √E, the width of the values. D is the length of one query and of one key."
    ) { Head(q: $0, k: $1, v: $2).result { Double($0.v.shape[1]).squareRoot() } },
    Mistake(
      "the root of the number of queries",
      advice: "You divide by √T, the number of queries. D is the length of one of them."
    ) { Head(q: $0, k: $1, v: $2).result { Double($0.q.shape[0]).squareRoot() } },
    Mistake(
      "not divided by the sum",
      advice: "Your weights do not sum to 1. Divide the powers of a row by their sum."
    ) { Head(q: $0, k: $1, v: $2).result(dividesBySum: false) },
    Mistake(
      "the scores themselves",
      advice: "You mix the values by the scores. They go through a softmax first, and become shares of 1."
    ) { q, k, v in
      let head = Head(q: q, k: k, v: v)
      return (tensor(times(head.scores(), rows(v))), tensor(head.scores()))
    },
    Mistake(
      "the best key alone",
      advice: "You give all to the best key. Every key gets a share, by exp of its score."
    ) { q, k, v in
      let head = Head(q: q, k: k, v: v)
      let weights = head.scores().map { row in
        row.indices.map { $0 == row.firstIndex(of: row.max()!) ? 1.0 : 0 }
      }
      return (tensor(times(weights, rows(v))), tensor(weights))
    },
    Mistake(
      "the largest score is not taken away",
      advice:
        "For scores in the hundreds your powers are too large for a Float. Take away the row's largest first."
    ) { q, k, v in
      let scores = Head(q: q, k: k, v: v).scores()
      let weights = scores.map { row -> [Double] in
        let powers = row.map { exp(Float($0)) }
        let sum = powers.reduce(0, +)
        return powers.map { Double($0 / sum) }
      }
      return (tensor(times(weights, rows(v))), tensor(weights))
    },
  ]
}

private let call = "attention(q, k, v)"

/// One question, and its answer in Double with what a mistake changes.
private struct Head {
  let q, k, v: Tensor

  init(q: Tensor, k: Tensor, v: Tensor) { (self.q, self.k, self.v) = (q, k, v) }

  init(_ queries: Int, _ keys: Int, _ width: Int, _ valueWidth: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      q: inputs.normal([queries, width]), k: inputs.normal([keys, width]),
      v: inputs.normal([keys, valueWidth]))
  }

  var width: Double { Double(q.shape[1]) }

  func scores(_ divisor: (Head) -> Double = { $0.width.squareRoot() }) -> Rows {
    each(timesTransposed(rows(q), rows(k))) { $0 / divisor(self) }
  }

  func result(
    overQueries: Bool = false, dividesBySum: Bool = true,
    dividedBy divisor: (Head) -> Double = { $0.width.squareRoot() }
  ) -> (Tensor, Tensor) {
    let scores = scores(divisor)
    let weights =
      overQueries
      ? transposed(transposed(scores).map { softmax($0) })
      : dividesBySum
        ? scores.map { softmax($0) }
        : scores.map { row in row.map { exp($0 - row.max()!) } }
    return (tensor(times(weights, rows(v))), tensor(weights))
  }

  func expect(_ answer: AttentionHeadExercise.Answer, _ trial: Trial) throws {
    let (y, p) = try answer(q, k, v)
    let (expectedY, expectedP) = result()
    let given: KeyValuePairs<String, any Passable> = ["q": q, "k": k, "v": v]
    trial.expect(
      p, equals: expectedP, "\(call).weights", given: given, tolerance: 1e-4,
      by: { place in
        let (t, s) = (place[0], place[1])
        let products = sumOfProducts((0..<q.shape[1]).map { (q[t, $0], k[s, $0]) })
        let row = scores()[t].map { written(Float($0)) }.joined(separator: ", ")
        return """
          q_\(t)·k_\(s) = \(products), divided by √\(q.shape[1]): \(written(Float(scores()[t][s]))). The scores of \
          query \(t) are \(row): weight \(s) is \(written(expectedP[t, s]))
          """
      })
    trial.expect(
      y, equals: expectedY, "\(call).output", given: given, tolerance: 1e-4,
      by: { place in
        sumOfProducts((0..<k.shape[0]).map { (expectedP[place[0], $0], v[$0, place[1]]) })
      })
  }
}
