import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class BatchNormBackwardExercise: Exercise {
  /// The gradients at x, w and b.
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ x: Tensor, _ w: Tensor, _ epsilon: Float) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "Batch norm, backwards"
  public let section = "7.9"
  public let difficulty = 4
  public let minutes = 35
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.squareRoot", "Tensor.transposed"])
  public let functions = ["batchNormBackward"]
  public let solution: Answer = { try batchNormBackward($0, $1, weight: $2, epsilon: $3) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("batchNormBackward", $0, $1, $2, $3) }
  }

  public let hints = [
    "Take one feature, a column of N numbers. Go the way there once more for it, and keep x̂ and σ; then come back. The two "
      + "means are what of dx̂ the norm takes out again.",
    "m₁ and m₂ are single numbers for a feature: m₁ = (1/N) Σ_n dx̂_n and m₂ = (1/N) Σ_n dx̂_n x̂_n. dw and db are sums over "
      + "the examples, not means, and of dy rather than of dx̂.",
    """
    let normed = examples.map { (x[$0, d] - mean) / deviation }
    let inner = examples.map { … * dy[$0, d] }
    let m1 = inner.reduce(0, +) / n
    let m2 = examples.reduce(0) { $0 + inner[$1] * … } / n
    for i in examples {
      dx[i, d] = (inner[i] - … - … * m2) / deviation
      dw[d] += …
      db[d] += …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "dx as large as x, dw and db as large as w", points: 1) { answer, trial in
      for (n, d) in [(3, 4), (5, 1), (2, 4)] {
        let way = Way(n, d, seed: 7161)
        let (dx, dw, db) = try way.result(of: answer)
        trial.expect(dx, hasShape: [n, d], "\(call).dx", by: "x is \(way.x.shape)")
        trial.expect(dw, hasShape: [d], "\(call).dw", by: "w is \(way.w.shape)")
        trial.expect(db, hasShape: [d], "\(call).db", by: "w is \(way.w.shape)")
      }
    },
    Check(.byHand, "four examples of two features", points: 2) { answer, trial in
      try Way(
        dy: Tensor([[4, -1], [-2, 5], [1, 2], [3, -3]]), x: Tensor([[1, 2], [3, -2], [5, 0.5], [7, -6]]),
        w: Tensor([2, -1.5]), epsilon: 0.5
      ).expect(answer, trial)
      try Way(
        dy: Tensor([[4, 3], [2, -1]]), x: Tensor([[1, 0], [5, 4]]), w: Tensor([1, 2]), epsilon: 0
      )
      .expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 7162)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let (n, d) = index < 3 ? (5, 2) : (inputs.integer(2...7), inputs.integer(1...4))
        try Way(n, d, seed: 7163 + UInt64(index)).expect(answer, trial)
      }
    },
    Check(.gradients, "the sum of dy·y changes as the gradients say", points: 2) { answer, trial in
      for seed in [7181, 7182] as [UInt64] {
        let way = Way(4, 3, seed: seed)
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
      "as in use",
      advice:
        "Your dx is dx̂/σ, as if μ and σ were fixed. That is so in use; in training x moves them as well: take away m₁ and "
        + "x̂ m₂."
    ) {
      $0.throughMean = 0; $0.throughDeviation = 0
    },
    wrong(
      "not through the mean",
      advice: "You have left out m₁: when one example's number grows, the mean grows, and all others' x̂ fall."
    ) { $0.throughMean = 0 },
    wrong(
      "not through the deviation",
      advice: "You have left out x̂ m₂: when a number moves, σ changes, and with it x̂ of every example."
    ) { $0.throughDeviation = 0 },
    wrong(
      "means over the features",
      advice:
        "You go along the rows, as layer norm does. Batch norm's means go over the examples, for each feature by itself."
    ) { $0.goesAlongRows = true },
    wrong(
      "the second mean without x̂ before it",
      advice: "You take away m₂ itself. Each example's part in σ goes with its own x̂: take away x̂ m₂."
    ) { $0.scalesByNormed = false },
    wrong(
      "sums in place of means", advice: "Your m₁ and m₂ are sums. They are means: divide by N."
    ) { $0.sums = true },
    wrong(
      "the means are added", advice: "You add m₁ and x̂ m₂. Both are taken away from dx̂."
    ) {
      $0.throughMean = -1; $0.throughDeviation = -1
    },
    wrong(
      "without w in dx̂", advice: "Your dx̂ is dy. Between x̂ and y stands w: dx̂ = w dy."
    ) { $0.usesWeight = false },
    wrong(
      "divided by σ²", advice: "You divide dx by σ². It is divided by σ once."
    ) { $0.power = 2 },
    wrong(
      "not divided by σ", advice: "You have left out 1/σ: x̂ changes by 1/σ when x changes by 1."
    ) { $0.power = 0 },
    wrong(
      "σ without ε",
      advice: "Your σ has no ε. It is the σ of the way there: the root of the variance plus ε."
    ) { $0.usesEpsilon = false },
    wrong(
      "the variance divided by N − 1",
      advice: "Your variance divides by N − 1, as the running one does. To normalise, it divides by N."
    ) { $0.correction = 1 },
    wrong(
      "dw from x", advice: "Your dw is the sum of dy x. What w multiplies is x̂: dw = Σ dy x̂."
    ) { $0.weightFromInput = true },
    wrong(
      "dw and db averaged",
      advice:
        "Your dw and db are means over the examples. dy has the mean of the loss in it already: add them up."
    ) { $0.averages = true },
    wrong(
      "db with the factor w", advice: "Your db has the factor w. b is added after w: db is the sum of dy."
    ) { $0.biasTimesWeight = true },
  ]
}

private let call = "batchNormBackward(dy, x, weight: w, epsilon: ε)"

/// What the way back does, right unless said otherwise.
private struct Rules: Sendable {
  var throughMean = 1.0
  var throughDeviation = 1.0
  var goesAlongRows = false
  var scalesByNormed = true
  var sums = false
  var usesWeight = true
  var power = 1.0
  var usesEpsilon = true
  var correction = 0.0
  var weightFromInput = false
  var averages = false
  var biasTimesWeight = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  BatchNormBackwardExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { dy, x, w, epsilon in
    Way(dy: dy, x: x, w: w, epsilon: epsilon).result(by: wrongRules)
  }
}

/// One question, and its answer in Double.
private struct Way {
  let dy, x, w: Tensor
  let epsilon: Float

  init(dy: Tensor, x: Tensor, w: Tensor, epsilon: Float) {
    (self.dy, self.x, self.w, self.epsilon) = (dy, x, w, epsilon)
  }

  init(_ examples: Int, _ features: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      dy: inputs.normal([examples, features]), x: inputs.normal([examples, features]) * 2 + 0.5,
      w: inputs.normal([features]), epsilon: 0.25)
  }

  var given: KeyValuePairs<String, any Passable> { ["dy": dy, "x": x, "w": w, "ε": epsilon] }

  func result(of answer: BatchNormBackwardExercise.Answer) throws -> (Tensor, Tensor, Tensor) {
    try answer(dy, x, w, epsilon)
  }

  private func column(_ tensor: Tensor, _ d: Int) -> [Double] {
    (0..<tensor.shape[0]).map { Double(tensor[$0, d]) }
  }

  private func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

  /// A feature's, or a row's, numbers with mean 0 and variance 1, and what they were divided by.
  private func normed(_ numbers: [Double], by rules: Rules) -> ([Double], Double) {
    let mean = mean(numbers)
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / max(Double(numbers.count) - rules.correction, 1)
    let deviation = (variance + (rules.usesEpsilon ? Double(epsilon) : 0)).squareRoot()
    return (numbers.map { ($0 - mean) / deviation }, deviation)
  }

  /// x̂, σ, m₁ and m₂ of one feature.
  func parts(_ d: Int) -> (normed: [Double], deviation: Double, m1: Double, m2: Double) {
    let (normed, deviation) = normed(column(x, d), by: Rules())
    let inner = column(dy, d).map { $0 * Double(w[d]) }
    return (normed, deviation, mean(inner), mean(zip(inner, normed).map { $0 * $1 }))
  }

  func result(by rules: Rules = Rules()) -> (Tensor, Tensor, Tensor) {
    let (examples, features) = (x.shape[0], x.shape[1])
    let groups =
      rules.goesAlongRows
      ? (0..<examples).map { n in (0..<features).map { (n, $0) } }
      : (0..<features).map { d in (0..<examples).map { ($0, d) } }
    var dx = x
    var (dw, db) = (w.scalars.map { _ in 0.0 }, w.scalars.map { _ in 0.0 })
    for group in groups {
      let (normed, deviation) = normed(group.map { Double(x[$0.0, $0.1]) }, by: rules)
      let inner = group.map { Double(dy[$0.0, $0.1]) * (rules.usesWeight ? Double(w[$0.1]) : 1) }
      let size = rules.sums ? Double(group.count) : 1
      let m1 = rules.throughMean * size * mean(inner)
      let m2 = rules.throughDeviation * size * mean(zip(inner, normed).map { $0 * $1 })
      for (i, (n, d)) in group.enumerated() {
        dx[n, d] = Float(
          (inner[i] - m1 - (rules.scalesByNormed ? normed[i] : 1) * m2) / pow(deviation, rules.power))
        let dy = Double(dy[n, d])
        dw[d] += dy * (rules.weightFromInput ? Double(x[n, d]) : normed[i])
        db[d] += dy * (rules.biasTimesWeight ? Double(w[d]) : 1)
      }
    }
    let share = rules.averages ? 1 / Double(examples) : 1
    return (dx, Tensor(dw.map { Float($0 * share) }), Tensor(db.map { Float($0 * share) }))
  }

  func expect(_ answer: BatchNormBackwardExercise.Answer, _ trial: Trial) throws {
    let (dx, dw, db) = try result(of: answer)
    let expected = result()
    let examples = 0..<x.shape[0]
    trial.expect(
      db, equals: expected.2, "\(call).db", given: given, tolerance: 1e-4,
      by: { place in
        "the sum of \(examples.map { written(dy[$0, place[0]]) }.joined(separator: ", ")) is \(written(expected.2[place[0]]))"
      })
    trial.expect(
      dw, equals: expected.1, "\(call).dw", given: given, tolerance: 1e-4,
      by: { place in
        "dy times x̂, example by example: "
          + sumOfProducts(examples.map { (dy[$0, place[0]], Float(parts(place[0]).normed[$0])) })
      })
    trial.expect(
      dx, equals: expected.0, "\(call).dx", given: given, tolerance: 1e-4,
      by: { place in
        let (n, d) = (place[0], place[1])
        let (normed, deviation, m1, m2) = parts(d)
        return """
          dx̂ = \(written(w[d]))·(\(written(dy[n, d]))), m₁ = \(m1.shortText), x̂ = \(normed[n].shortText), \
          m₂ = \(m2.shortText), σ = \(deviation.shortText): (dx̂ − m₁ − x̂ m₂)/σ = \(written(expected.0[n, d]))
          """
      })
  }

  /// Differences of Σ dy·y, in Double.
  func slopes() -> (Tensor, Tensor, Tensor) {
    let features = w.scalars.indices
    let start: [[Double]] = [
      features.flatMap { column(x, $0) }, w.scalars.map(Double.init), w.scalars.map { _ in 0 },
    ]
    let examples = x.shape[0]
    func projection(_ parts: [[Double]]) -> Double {
      features.reduce(0) { sum, d in
        let (normed, _) = normed(Array(parts[0][d * examples..<(d + 1) * examples]), by: Rules())
        return sum + zip(normed, column(dy, d)).reduce(0) { $0 + ($1.0 * parts[1][d] + parts[2][d]) * $1.1 }
      }
    }
    let slopes = start.indices.map { i in
      start[i].indices.map { place in
        var (above, below) = (start, start)
        above[i][place] += 1e-4
        below[i][place] -= 1e-4
        return Float((projection(above) - projection(below)) / 2e-4)
      }
    }
    var dx = x
    for d in features { for n in 0..<examples { dx[n, d] = slopes[0][d * examples + n] } }
    return (dx, Tensor(slopes[1]), Tensor(slopes[2]))
  }
}
