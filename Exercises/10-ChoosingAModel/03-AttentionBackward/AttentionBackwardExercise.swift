import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class AttentionBackwardExercise: Exercise {
  /// The gradients at queries, keys and values.
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ p: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> (
      Tensor, Tensor, Tensor
    )

  public init() {}

  public let title = "One head of attention, backwards"
  public let section = "10.2"
  public let difficulty = 4
  public let minutes = 35
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["attentionBackward"]
  public let solution: Answer = { try attentionBackward($0, weights: $1, $2, $3, $4) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("attentionBackward", $0, $1, $2, $3, $4) }
  }

  public let hints = [
    "Go back in the order of the formulas: from dY to dV and dP, row by row from dP to dS, from dS to dQ and dK. Write the "
      + "shape beside every product; only one way round fits.",
    "A product C = A B sends dA = dC Bᵀ and dB = Aᵀ dC. The sum Σ_r p_tr dP_tr is one number for each row t. 1/√D stands "
      + "beside both dQ and dK: multiply dS by it once, before both products.",
    """
    let dp = matmul(dy, v.transposed())
    for t in 0..<p.shape[0] {
      for s in 0..<p.shape[1] { mean += p[t, s] * dp[t, s] }
      for s in 0..<p.shape[1] { ds[t, s] = p[t, s] * (dp[t, s] - …) }
    }
    ds = ds / Float(q.shape[1]).squareRoot()
    return (matmul(ds, …), matmul(ds.transposed(), …), matmul(p.transposed(), …))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "gradients as large as what they belong to", points: 1) { answer, trial in
      for (t, s, d, e) in [(2, 3, 4, 5), (3, 1, 2, 1), (1, 4, 1, 2)] {
        let way = Way(t, s, d, e, seed: 1031)
        let (dq, dk, dv) = try way.result(of: answer)
        trial.expect(dq, hasShape: [t, d], "\(call).dq", by: "Q is \(way.q.shape)")
        trial.expect(dk, hasShape: [s, d], "\(call).dk", by: "K is \(way.k.shape)")
        trial.expect(dv, hasShape: [s, e], "\(call).dv", by: "V is \(way.v.shape)")
      }
    },
    Check(.byHand, "two queries, three keys, D = 4", points: 2) { answer, trial in
      try Way(
        dy: Tensor([[2, -4], [1, 3]]), p: Tensor([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]),
        q: Tensor([[1, -2, 0.5, 3], [2, 1, -1, 0.5]]),
        k: Tensor([[4, -1, 2, 1], [1, 0.5, -3, 2], [-2, 3, 1, 0.5]]),
        v: Tensor([[1, -3], [2, 0.5], [-1, 4]])
      ).expect(answer, trial)
      try Way(
        dy: Tensor([[2]]), p: Tensor([[0.75, 0.25]]), q: Tensor([[1]]), k: Tensor([[1.0986], [0]]),
        v: Tensor([[1], [3]])
      ).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1032)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let sizes =
          index < 3
          ? [2, 3, 4, 2]
          : [inputs.integer(1...5), inputs.integer(1...5), inputs.integer(2...6), inputs.integer(1...4)]
        try Way(sizes[0], sizes[1], sizes[2], sizes[3], seed: 1033 + UInt64(index)).expect(answer, trial)
      }
    },
    Check(.gradients, "the sum of dY·Y changes as the gradients say, with a mask too", points: 2) {
      answer, trial in
      for (seed, isCausal) in [(1051, false), (1052, true)] as [(UInt64, Bool)] {
        let way = Way(3, 3, 2, 4, seed: seed, isCausal: isCausal)
        let (dq, dk, dv) = try way.result(of: answer)
        let expected = way.slopes(isCausal: isCausal)
        for (name, yours, ours) in [
          ("dq", dq, expected.0), ("dk", dk, expected.1), ("dv", dv, expected.2),
        ] {
          trial.expect(yours, equals: ours, "\(call).\(name)", given: way.given, tolerance: 1e-3)
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the softmax is left out",
      advice: "You take dP for dS. Between them lies the softmax: dS = P ⊙ (dP − the row's sum of P ⊙ dP)."
    ) { $0.result(ds: { _, dp, _ in dp }) },
    wrong(
      "the softmax as if each weight stood alone",
      advice: "Your dS is p · dP. The weights of a row share one sum: take away the row's Σ p dP first."
    ) { $0.result(ds: { p, dp, _ in p * dp }) },
    wrong(
      "p (1 − p), as for a sigmoid",
      advice:
        "Your dS is p (1 − p) dP, the slope of a sigmoid. In a softmax each score moves every weight of its row."
    ) { $0.result(ds: { p, dp, _ in p * (1 - p) * dp }) },
    wrong(
      "the sign of the sum", advice: "You add the row's Σ p dP. It is taken away: dS = p (dP − Σ p dP)."
    ) { $0.result(ds: { p, dp, sum in p * (dp + sum) }) },
    wrong(
      "the mean without the weights",
      advice: "You take away the plain mean of dP. Each dP counts with its weight: Σ_r p_tr dP_tr."
    ) { $0.result(mean: { _, dp in dp.reduce(0, +) / Double(dp.count) }) },
    wrong(
      "the sum is not multiplied by p",
      advice: "You take away the sum outside the brackets: p dP − Σ p dP. It is p (dP − Σ p dP)."
    ) { $0.result(ds: { p, dp, sum in p * dp - sum }) },
    wrong(
      "the sum down a column",
      advice: "You sum p dP over the queries. The sum goes over the keys of one query, along a row."
    ) { $0.result(sumsColumns: true) },
    wrong(
      "without 1/√D", advice: "You have left out 1/√D: it stands on the way there, and so on the way back."
    ) { $0.result(queryScale: 1, keyScale: 1) },
    wrong("1/√D only at the queries", advice: "Your dK lacks 1/√D. The scale belongs to both, dQ and dK.") {
      $0.result(keyScale: 1)
    },
    wrong("1/√D only at the keys", advice: "Your dQ lacks 1/√D. The scale belongs to both, dQ and dK.") {
      $0.result(queryScale: 1)
    },
    wrong("divided by D", advice: "You divide by D. On the way there it was √D, and so it is back.") {
      let scale = 1 / Double($0.q.shape[1])
      return $0.result(queryScale: scale, keyScale: scale)
    },
    wrong(
      "the scale at the values too",
      advice: "Your dV is divided by √D. The values are not scaled: dV = Pᵀ dY."
    ) { $0.result(valueScale: 1 / Double($0.q.shape[1]).squareRoot()) },
    wrong(
      "the values by dS", advice: "Your dV is dSᵀ dY. The values were mixed by the weights: dV = Pᵀ dY."
    ) { $0.result(valuesByScores: true) },
  ]
}

private let call = "attentionBackward(dY, weights: P, Q, K, V)"

private func wrong(
  _ name: String, advice: String, _ result: @escaping @Sendable (Way) -> (Tensor, Tensor, Tensor)
) -> Mistake<AttentionBackwardExercise.Answer> {
  Mistake(name, advice: advice) { dy, p, q, k, v in result(Way(dy: dy, p: p, q: q, k: k, v: v)) }
}

/// One question, and its answer in Double with what a mistake changes.
private struct Way {
  let dy, p, q, k, v: Tensor

  init(dy: Tensor, p: Tensor, q: Tensor, k: Tensor, v: Tensor) {
    (self.dy, self.p, self.q, self.k, self.v) = (dy, p, q, k, v)
  }

  init(
    _ queries: Int, _ keys: Int, _ width: Int, _ valueWidth: Int, seed: UInt64, isCausal: Bool = false
  ) {
    var inputs = Inputs(seed: seed)
    let (q, k) = (inputs.normal([queries, width]), inputs.normal([keys, width]))
    self.init(
      dy: inputs.normal([queries, valueWidth]), p: tensor(weights(rows(q), rows(k), isCausal)), q: q, k: k,
      v: inputs.normal([keys, valueWidth]))
  }

  var given: KeyValuePairs<String, any Passable> { ["dY": dy, "P": p, "Q": q, "K": k, "V": v] }

  func result(of answer: AttentionBackwardExercise.Answer) throws -> (Tensor, Tensor, Tensor) {
    try answer(dy, p, q, k, v)
  }

  func scores(
    mean: ([Double], [Double]) -> Double = { dot($0, $1) },
    ds: (_ p: Double, _ dp: Double, _ sum: Double) -> Double = { $0 * ($1 - $2) }, sumsColumns: Bool = false
  ) -> Rows {
    let (p, dp) = (rows(p), timesTransposed(rows(dy), rows(v)))
    let columns = zip(transposed(p), transposed(dp)).map { dot($0, $1) }
    return p.indices.map { t in
      let sum = mean(p[t], dp[t])
      return p[t].indices.map { s in ds(p[t][s], dp[t][s], sumsColumns ? columns[s] : sum) }
    }
  }

  func result(
    mean: ([Double], [Double]) -> Double = { dot($0, $1) },
    ds: (_ p: Double, _ dp: Double, _ sum: Double) -> Double = { $0 * ($1 - $2) }, sumsColumns: Bool = false,
    queryScale: Double? = nil, keyScale: Double? = nil, valueScale: Double = 1, valuesByScores: Bool = false
  ) -> (Tensor, Tensor, Tensor) {
    let ds = scores(mean: mean, ds: ds, sumsColumns: sumsColumns)
    let scale = 1 / Double(q.shape[1]).squareRoot()
    return (
      tensor(each(times(ds, rows(k))) { $0 * (queryScale ?? scale) }),
      tensor(each(times(transposed(ds), rows(q))) { $0 * (keyScale ?? scale) }),
      tensor(each(times(transposed(valuesByScores ? ds : rows(p)), rows(dy))) { $0 * valueScale })
    )
  }

  func expect(_ answer: AttentionBackwardExercise.Answer, _ trial: Trial) throws {
    let (dq, dk, dv) = try result(of: answer)
    let expected = result()
    let scores = scores().map { $0.map { Float($0) } }
    let width = q.shape[1]
    trial.expect(
      dv, equals: expected.2, "\(call).dv", given: given, tolerance: 1e-4,
      by: { place in sumOfProducts((0..<q.shape[0]).map { (p[$0, place[0]], dy[$0, place[1]]) }) })
    func divided(_ products: String, _ result: Float, _ t: Int) -> String {
      """
      row \(t) of dS is \(scores[t].map { written($0) }.joined(separator: ", ")); \(products), divided by √\(width): \
      \(written(result))
      """
    }
    trial.expect(
      dq, equals: expected.0, "\(call).dq", given: given, tolerance: 1e-4,
      by: { place in
        let (t, d) = (place[0], place[1])
        return divided(
          sumOfProducts((0..<k.shape[0]).map { (scores[t][$0], k[$0, d]) }), expected.0[t, d], t)
      })
    trial.expect(
      dk, equals: expected.1, "\(call).dk", given: given, tolerance: 1e-4,
      by: { place in
        let (s, d) = (place[0], place[1])
        return """
          column \(s) of dS with column \(d) of Q: \
          \(sumOfProducts((0..<q.shape[0]).map { (scores[$0][s], q[$0, d]) })), divided by √\(width): \
          \(written(expected.1[s, d]))
          """
      })
  }

  /// Differences of Σ dY·Y, in Double.
  func slopes(isCausal: Bool) -> (Tensor, Tensor, Tensor) {
    let parts = [rows(q), rows(k), rows(v)]
    func projection(_ parts: [Rows]) -> Double {
      let y = times(weights(parts[0], parts[1], isCausal), parts[2])
      return pairwise(y, rows(dy), *).joined().reduce(0, +)
    }
    let slopes = parts.indices.map { i in
      var slope = parts[i]
      for a in slope.indices {
        for b in slope[a].indices {
          var (above, below) = (parts, parts)
          above[i][a][b] += 1e-4
          below[i][a][b] -= 1e-4
          slope[a][b] = (projection(above) - projection(below)) / 2e-4
        }
      }
      return tensor(slope)
    }
    return (slopes[0], slopes[1], slopes[2])
  }
}

private func weights(_ q: Rows, _ k: Rows, _ isCausal: Bool) -> Rows {
  let scores = each(timesTransposed(q, k)) { $0 / Double(q[0].count).squareRoot() }
  return scores.enumerated().map { t, row in
    softmax(row, allowed: row.indices.map { !isCausal || $0 <= t })
  }
}
