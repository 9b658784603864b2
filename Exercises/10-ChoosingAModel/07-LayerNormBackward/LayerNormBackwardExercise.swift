import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class LayerNormBackwardExercise: Exercise {
  /// The gradients at x, w and b.
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ x: Tensor, _ w: Tensor, _ epsilon: Float) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "Layer norm, backwards"
  public let section = "10.6"
  public let difficulty = 4
  public let minutes = 35
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.squareRoot", "Tensor.transposed"])
  public let functions = ["layerNormBackward"]
  public let solution: Answer = { try layerNormBackward($0, $1, weight: $2, epsilon: $3) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("layerNormBackward", $0, $1, $2, $3) }
  }

  public let hints = [
    "First go the way there once more for one step, and keep x̂ and σ. Then come back: dx̂ has the factor w, and the two "
      + "means say what of dx̂ the norm swallows.",
    "m₁ and m₂ are single numbers for a step: m₁ = (1/D) Σ_d dx̂_d and m₂ = (1/D) Σ_d dx̂_d x̂_d. dw and db have one number for "
      + "each column, and are summed over the steps, not averaged.",
    """
    let normed = row.map { ($0 - mean) / deviation }
    let inner = row.indices.map { dy[t, $0] * … }
    let m1 = inner.reduce(0, +) / width
    let m2 = row.indices.reduce(0) { $0 + inner[$1] * … } / width
    for d in row.indices {
      dx[t, d] = (inner[d] - … - … * m2) / deviation
      dw[d] += …
      db[d] += …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "dx as large as x, dw and db as large as w", points: 1) { answer, trial in
      for (t, d) in [(3, 4), (1, 5), (4, 2)] {
        let way = Way(t, d, seed: 1071)
        let (dx, dw, db) = try way.result(of: answer)
        trial.expect(dx, hasShape: [t, d], "\(call).dx", by: "x is \(way.x.shape)")
        trial.expect(dw, hasShape: [d], "\(call).dw", by: "w is \(way.w.shape)")
        trial.expect(db, hasShape: [d], "\(call).db", by: "w is \(way.w.shape)")
      }
    },
    Check(.byHand, "two steps of four numbers", points: 2) { answer, trial in
      try Way(
        dy: Tensor([[4, -2, 1, 3], [-1, 5, 2, -3]]), x: Tensor([[1, 3, 5, 7], [2, -2, 0.5, -6]]),
        w: Tensor([2, -1, 0.5, 3]), epsilon: 0.5
      ).expect(answer, trial)
      try Way(dy: Tensor([[4, 3]]), x: Tensor([[1, 5]]), w: Tensor([1, 2]), epsilon: 0).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1072)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let (t, d) = index < 3 ? (2, 5) : (inputs.integer(1...4), inputs.integer(2...7))
        try Way(t, d, seed: 1073 + UInt64(index)).expect(answer, trial)
      }
    },
    Check(.gradients, "the sum of dy·y changes as the gradients say", points: 2) { answer, trial in
      for seed in [1091, 1092] as [UInt64] {
        let way = Way(3, 4, seed: seed)
        let (dx, dw, db) = try way.result(of: answer)
        let expected = way.slopes()
        for (name, yours, ours) in [
          ("dx", dx, expected.0), ("dw", dw, expected.1), ("db", db, expected.2),
        ] {
          trial.expect(yours, equals: ours, "\(call).\(name)", given: way.given, tolerance: 1e-3)
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "only straight on",
      advice: "Your dx is dx̂/σ, as if μ and σ were fixed. x moves them as well: take away m₁ and x̂ m₂."
    ) { $0.result(throughMean: 0, throughDeviation: 0) },
    wrong(
      "not through the mean",
      advice: "You have left out m₁: when one number grows, the mean grows, and all others fall."
    ) { $0.result(throughMean: 0) },
    wrong(
      "not through the deviation",
      advice: "You have left out x̂ m₂: when a number moves, σ changes, and with it all of the step."
    ) { $0.result(throughDeviation: 0) },
    wrong(
      "the second mean without x̂ before it",
      advice: "You take away m₂ itself. Each number's part in σ goes with its own x̂: take away x̂ m₂."
    ) { $0.result(scalesByNormed: false) },
    wrong(
      "sums in place of means",
      advice: "Your m₁ and m₂ are sums. They are means: divide by D."
    ) { $0.result(throughMean: Double($0.w.count), throughDeviation: Double($0.w.count)) },
    wrong(
      "the means are added", advice: "You add m₁ and x̂ m₂. Both are taken away from dx̂."
    ) { $0.result(throughMean: -1, throughDeviation: -1) },
    wrong(
      "without w in dx̂", advice: "Your dx̂ is dy. Between x̂ and y stands w: dx̂ = dy ⊙ w."
    ) { $0.result(usesWeight: false) },
    wrong(
      "divided by σ²", advice: "You divide dx by σ². It is divided by σ once."
    ) { $0.result(power: 2) },
    wrong(
      "not divided by σ", advice: "You have left out 1/σ: x̂ changes by 1/σ when x changes by 1."
    ) { $0.result(power: 0) },
    wrong(
      "σ without ε",
      advice: "Your σ has no ε. It is the σ of the way there: the root of the variance plus ε."
    ) { $0.result(epsilon: 0) },
    wrong(
      "the variance divided by D − 1", advice: "Your variance divides by D − 1. Layer norm divides by D."
    ) { $0.result(correction: 1) },
    wrong(
      "dw from x", advice: "Your dw is the sum of dy ⊙ x. What w multiplies is x̂: dw = Σ dy ⊙ x̂."
    ) { $0.result(weightFromInput: true) },
    wrong(
      "dw and db averaged",
      advice: "Your dw and db are means over the steps. One w and one b serve all steps: add them up."
    ) { $0.result(averages: true) },
    wrong(
      "db with the factor w", advice: "Your db has the factor w. b is added after w: db is the sum of dy."
    ) { $0.result(biasTimesWeight: true) },
  ]
}

private let call = "layerNormBackward(dy, x, weight: w, epsilon: ε)"

private func wrong(
  _ name: String, advice: String, _ result: @escaping @Sendable (Way) -> (Tensor, Tensor, Tensor)
) -> Mistake<LayerNormBackwardExercise.Answer> {
  Mistake(name, advice: advice) { dy, x, w, epsilon in
    result(Way(dy: dy, x: x, w: w, epsilon: Double(epsilon)))
  }
}

/// One question, and its answer in Double with what a mistake changes.
private struct Way {
  let dy, x, w: Tensor
  let epsilon: Double

  init(dy: Tensor, x: Tensor, w: Tensor, epsilon: Double) {
    (self.dy, self.x, self.w, self.epsilon) = (dy, x, w, epsilon)
  }

  init(_ steps: Int, _ width: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      dy: inputs.normal([steps, width]), x: inputs.normal([steps, width]) * 2 + 0.5,
      w: inputs.normal([width]),
      epsilon: 0.25)
  }

  var given: KeyValuePairs<String, any Passable> { ["dy": dy, "x": x, "w": w, "ε": Float(epsilon)] }

  func result(of answer: LayerNormBackwardExercise.Answer) throws -> (Tensor, Tensor, Tensor) {
    try answer(dy, x, w, Float(epsilon))
  }

  private func normed(_ row: [Double], epsilon: Double, correction: Double = 0) -> ([Double], Double) {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (Double(row.count) - correction)
    let deviation = (variance + epsilon).squareRoot()
    return (row.map { ($0 - mean) / deviation }, deviation)
  }

  /// x̂, σ, m₁ and m₂ of one step.
  func parts(_ t: Int) -> (normed: [Double], deviation: Double, m1: Double, m2: Double) {
    let (normed, deviation) = normed(rows(x)[t], epsilon: epsilon)
    let inner = normed.indices.map { Double(dy[t, $0] * w[$0]) }
    let count = Double(inner.count)
    return (normed, deviation, inner.reduce(0, +) / count, dot(inner, normed) / count)
  }

  func result(
    throughMean: Double = 1, throughDeviation: Double = 1, scalesByNormed: Bool = true,
    usesWeight: Bool = true, power: Double = 1, epsilon: Double? = nil, correction: Double = 0,
    weightFromInput: Bool = false, averages: Bool = false, biasTimesWeight: Bool = false
  ) -> (Tensor, Tensor, Tensor) {
    let (dy, x, w) = (rows(dy), rows(x), w.scalars.map(Double.init))
    let count = Double(w.count)
    var dx = x
    var (dw, db) = (w.map { _ in 0.0 }, w.map { _ in 0.0 })
    for t in x.indices {
      let (normed, deviation) = normed(x[t], epsilon: epsilon ?? self.epsilon, correction: correction)
      let inner = w.indices.map { usesWeight ? dy[t][$0] * w[$0] : dy[t][$0] }
      let m1 = throughMean * inner.reduce(0, +) / count
      let m2 = throughDeviation * dot(inner, normed) / count
      for d in w.indices {
        dx[t][d] = (inner[d] - m1 - (scalesByNormed ? normed[d] : 1) * m2) / pow(deviation, power)
        dw[d] += dy[t][d] * (weightFromInput ? x[t][d] : normed[d])
        db[d] += dy[t][d] * (biasTimesWeight ? w[d] : 1)
      }
    }
    let share = averages ? 1 / Double(x.count) : 1
    return (tensor(dx), Tensor(dw.map { Float($0 * share) }), Tensor(db.map { Float($0 * share) }))
  }

  func expect(_ answer: LayerNormBackwardExercise.Answer, _ trial: Trial) throws {
    let (dx, dw, db) = try result(of: answer)
    let expected = result()
    let steps = 0..<x.shape[0]
    trial.expect(
      db, equals: expected.2, "\(call).db", given: given, tolerance: 1e-4,
      by: { place in
        "the sum of \(steps.map { written(dy[$0, place[0]]) }.joined(separator: ", ")) is \(written(expected.2[place[0]]))"
      })
    trial.expect(
      dw, equals: expected.1, "\(call).dw", given: given, tolerance: 1e-4,
      by: { place in
        "dy times x̂, step by step: "
          + sumOfProducts(steps.map { (dy[$0, place[0]], Float(parts($0).normed[place[0]])) })
      })
    trial.expect(
      dx, equals: expected.0, "\(call).dx", given: given, tolerance: 1e-4,
      by: { place in
        let (t, d) = (place[0], place[1])
        let (normed, deviation, m1, m2) = parts(t)
        return """
          dx̂ = \(written(dy[t, d]))·(\(written(w[d]))), m₁ = \(m1.shortText), x̂ = \(normed[d].shortText), \
          m₂ = \(m2.shortText), σ = \(deviation.shortText): (dx̂ − m₁ − x̂ m₂)/σ = \(written(expected.0[t, d]))
          """
      })
  }

  /// Differences of Σ dy·y, in Double.
  func slopes() -> (Tensor, Tensor, Tensor) {
    let start = [rows(x), [w.scalars.map(Double.init)], [w.scalars.map { _ in 0.0 }]]
    func projection(_ parts: [Rows]) -> Double {
      let y = parts[0].map { row in
        let (normed, _) = normed(row, epsilon: epsilon)
        return normed.indices.map { normed[$0] * parts[1][0][$0] + parts[2][0][$0] }
      }
      return pairwise(y, rows(dy), *).joined().reduce(0, +)
    }
    let slopes = start.indices.map { i in
      var slope = start[i]
      for a in slope.indices {
        for b in slope[a].indices {
          var (above, below) = (start, start)
          above[i][a][b] += 1e-4
          below[i][a][b] -= 1e-4
          slope[a][b] = (projection(above) - projection(below)) / 2e-4
        }
      }
      return tensor(slope)
    }
    return (slopes[0], slopes[1].flattened(), slopes[2].flattened())
  }
}
