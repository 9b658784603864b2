import ExerciseKit
import Practice

public final class GradientAccumulationExercise: Exercise {
  public typealias Answer =
    @Sendable (_ gradients: [[Float]], _ counts: [Int], _ norm: Float) throws -> [Float]

  public init() {}

  public let title = "Gradient accumulation"
  public let section = "11.3"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["accumulatedGradient"]
  public let solution: Answer = { try accumulatedGradient($0, counts: $1, maximumNorm: $2) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("accumulatedGradient", $0, $1, $2) }
  }

  public let hints = [
    "A mean over three examples speaks for three times as many as the example by itself. Turn each mean back into a sum before "
      + "you add; divide once, at the end. Only then is there a gradient whose length means something.",
    "sum_i = Σ_p N_p g_p,i, then g_i = sum_i / Σ_p N_p. The norm is the root of Σ_i g_i²; where it is above C, every number is "
      + "multiplied by C / norm, and otherwise by nothing.",
    """
    var sum = gradients[0].map { _ in Float(0) }
    for (gradient, count) in zip(gradients, counts) {
      for i in sum.indices { sum[i] += … }
    }
    let mean = sum.map { $0 / … }
    let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > maximumNorm ? … : mean
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many numbers as a part's gradient has", points: 1) { answer, trial in
      let yours = try answer([[3, -6, 1], [9, 6, 2]], [1, 2], 100).count
      trial.expect(yours, equals: 3, "accumulatedGradient([[3, -6, 1], [9, 6, 2]], …).count")
    },
    Check(.byHand, "two parts of one and of two examples", points: 1) { answer, trial in
      try expect([[3, -6], [9, 6]], [1, 2], 10, of: answer, trial)
      try expect([[-1, 4, 2], [5, 0, -6], [2, 2, 2]], [2, 1, 5], 100, of: answer, trial)
      try expect([[1, 2], [30, -70]], [4, 0], 100, of: answer, trial)
    },
    Check(.byHand, "a gradient that is too long", points: 1) { answer, trial in
      try expect([[3, -6], [9, 6]], [1, 2], 1, of: answer, trial)
      try expect([[3, -6], [9, 6]], [1, 2], 7, of: answer, trial)
      // Each part is long, the whole is short: it stays.
      try expect([[8, -6], [-8, 7]], [3, 3], 2, of: answer, trial)
    },
    Check(.property, "as the formulas say, for twenty batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1_131)
      for _ in 0..<20 {
        let (parts, size) = (inputs.integer(1...5), inputs.integer(1...6))
        let gradients = (0..<parts).map { _ in inputs.integers(size) }
        let counts = (0..<parts).map { inputs.integer(($0 == 0 ? 1 : 0)...9) }
        try expect(gradients, counts, [0.5, 4, 1_000][inputs.integer(0...2)], of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "every part counts alike",
      advice: "You take the mean of the parts. A part counts as often as it has examples."
    ) {
      $0.weight = { _ in 1 }
      $0.divisor = { counts in Double(counts.count) }
    },
    wrong(
      "a sum and no mean",
      advice:
        "You add N_p g_p and do not divide: the step is N times too long. Divide by the number of all examples."
    ) { $0.divisor = { _ in 1 } },
    wrong(
      "the sum of the means",
      advice:
        "You add the parts' gradients as they are. Each is a mean: multiply it by its N_p, and divide by N at the end."
    ) {
      $0.weight = { _ in 1 }
      $0.divisor = { _ in 1 }
    },
    wrong(
      "divided by the number of parts",
      advice: "You divide by the number of parts. Divide by the number of examples in all of them."
    ) { $0.divisor = { counts in Double(counts.count) } },
    wrong(
      "the last part alone",
      advice: "Only the last part is left: each takes the place of the one before. Add them up."
    ) { $0.takesLast = true },
    wrong(
      "each part is clipped",
      advice:
        "You clip the parts before adding. Long parts may cancel: only the whole gradient has the length that counts."
    ) { $0.clipsParts = true },
    wrong("nothing is clipped", advice: "Your gradient may be longer than C.") { $0.clips = { _, _ in 1 } },
    wrong(
      "always of length C",
      advice: "You bring every gradient to the length C. One that is shorter stays as it is."
    ) { $0.clips = { norm, limit in norm == 0 ? 1 : limit / norm } },
    wrong(
      "the squared length", advice: "You compare and divide by Σ g². The length is its root."
    ) { $0.clips = { norm, limit in norm * norm > limit ? limit / (norm * norm) : 1 } },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Accumulation) -> Void)
  -> Mistake<GradientAccumulationExercise.Answer>
{
  Mistake(name, advice: advice) { gradients, counts, limit in
    var accumulation = Accumulation()
    change(&accumulation)
    return accumulation.result(gradients, counts, limit)
  }
}

/// Right unless changed.
private struct Accumulation {
  var weight: (_ count: Int) -> Double = { Double($0) }
  var divisor: (_ counts: [Int]) -> Double = { Double($0.reduce(0, +)) }
  var takesLast = false
  var clipsParts = false
  var clips: (_ norm: Double, _ limit: Double) -> Double = { norm, limit in norm > limit ? limit / norm : 1 }

  private func clipped(_ x: [Double], _ limit: Double) -> [Double] {
    let factor = clips(x.reduce(0) { $0 + $1 * $1 }.squareRoot(), limit)
    return x.map { $0 * factor }
  }

  func mean(_ gradients: [[Float]], _ counts: [Int], _ limit: Double) -> [Double] {
    var sum = gradients[0].map { _ in 0.0 }
    for (gradient, count) in zip(gradients, counts) {
      var part = gradient.map { Double($0) }
      if clipsParts { part = clipped(part, limit) }
      for i in sum.indices { sum[i] = (takesLast ? 0 : sum[i]) + part[i] * weight(count) }
    }
    let divisor = takesLast ? max(1, Double(counts.last!)) : divisor(counts)
    return sum.map { $0 / divisor }
  }

  func result(_ gradients: [[Float]], _ counts: [Int], _ limit: Float) -> [Float] {
    clipped(mean(gradients, counts, Double(limit)), Double(limit)).map { Float($0) }
  }
}

private func expect(
  _ gradients: [[Float]], _ counts: [Int], _ limit: Float, of answer: GradientAccumulationExercise.Answer,
  _ trial: Trial
) throws {
  let right = Accumulation()
  trial.expect(
    try answer(gradients, counts, limit), equals: right.result(gradients, counts, limit),
    "accumulatedGradient(gradients, counts: \(counts), maximumNorm: \(written(limit)))",
    given: ["gradients": gradients],
    by: { place in
      let i = place[0]
      let mean = right.mean(gradients, counts, Double(limit))
      let sum = zip(gradients, counts).map { "\($1)·\(written($0[i]))" }.joined(separator: " + ")
      let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return
        "(\(sum))/\(counts.reduce(0, +)) = \(mean[i].shortText), of a gradient of length \(norm.shortText)"
    })
}
