import ExerciseChannel
import ExerciseKit
import Practice

public final class IntegratedGradientsExercise: Exercise {
  public typealias Attribute =
    @Sendable (_ x: Tensor, _ baseline: Tensor, _ w1: Tensor, _ b1: Tensor, _ w2: Tensor, _ m: Int) throws ->
    Tensor
  public typealias Gap =
    @Sendable (
      _ attributions: Tensor, _ x: Tensor, _ baseline: Tensor, _ w1: Tensor, _ b1: Tensor, _ w2: Tensor
    ) throws -> Float

  public struct Answer: Sendable {
    var attribute: Attribute = { Path(x: $0, baseline: $1, w1: $2, b1: $3, w2: $4).attributions($5) }
    var gap: Gap = { Path(x: $1, baseline: $2, w1: $3, b1: $4, w2: $5).gap($0) }
  }

  public init() {}

  public let title = "Integrated gradients"
  public let section = "9.3"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["integratedGradients", "completenessGap"]

  public let solution = Answer(
    attribute: { try integratedGradients($0, from: $1, w1: $2, b1: $3, w2: $4, steps: $5) },
    gap: { try completenessGap($0, $1, from: $2, w1: $3, b1: $4, w2: $5) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      attribute: { try learner.call("integratedGradients", $0, $1, $2, $3, $4, $5) },
      gap: { try learner.call("completenessGap", $0, $1, $2, $3, $4, $5) })
  }

  public let hints = [
    "Write the gradient at one point first, as in exercise 9.1. Then a loop over the m points between baseline and image, whose "
      + "gradients you add up. What comes before the sum is done once, at the end.",
    "Point i is x′ + α (x − x′) with α = (i + ½)/m. Add up the m gradients, divide by m, multiply by x − x′. The gap needs F twice: "
      + "at the image and at the baseline.",
    """
    for i in 0..<m {
      let alpha = (Float(i) + …) / Float(m)
      for d in 0..<b1.count {
        var a = b1[d]
        for p in 0..<x.count { a += w1[d, p] * (…) }
        if a > 0 { for p in 0..<x.count { sum[p] += … } }
      }
    }
    return (x - baseline) * …

    return attributions.scalars.reduce(0, +) - (score(x) - …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "one attribution for each number", points: 1) { answer, trial in
      for (count, units) in [(5, 3), (1, 4)] {
        let path = Path(count, units: units, steps: [3], seed: 931)
        trial.expect(
          try path.result(of: answer, 3), hasShape: [count], path.call(3), by: "x is [\(count)]")
      }
    },
    Check(.byHand, "one number and one unit, 4 steps and 1", points: 1) { answer, trial in
      let path = Path(
        x: Tensor([2]), baseline: Tensor([0]), w1: Tensor([[1]]), b1: Tensor([-1]), w2: Tensor([3]))
      for m in [4, 1, 2] { try path.expect(m, answer, trial) }
    },
    Check(.byHand, "three numbers, two units, a baseline that is not 0", points: 1) { answer, trial in
      let path = Path(
        x: Tensor([3, -1, 2]), baseline: Tensor([-1, 1, 0]), w1: Tensor([[2, 1, -1], [-1, 3, 4]]),
        b1: Tensor([1, -2]), w2: Tensor([2, -3]))
      for m in [4, 1, 8] { try path.expect(m, answer, trial) }
      let other = Path(
        x: Tensor([-2, 1, 5]), baseline: Tensor([2, 3, 1]), w1: Tensor([[2, 1, -1], [-1, 3, 4]]),
        b1: Tensor([1, -2]), w2: Tensor([2, -3]))
      try other.expect(4, answer, trial)
    },
    Check(.byHand, "the gap of two lists of attributions", points: 1) { answer, trial in
      let path = Path(
        x: Tensor([3, -1, 2]), baseline: Tensor([-1, 1, 0]), w1: Tensor([[2, 1, -1], [-1, 3, 4]]),
        b1: Tensor([1, 6]), w2: Tensor([2, -3]))
      for attributions in [[14, -2, 10], [-1, -1, -30], [0, 0, 0]] as [[Float]] {
        try path.expectGap(Tensor(attributions), answer, trial)
      }
    },
    Check(.property, "as the formulas say, for twelve networks", points: 1) { answer, trial in
      var inputs = Inputs(seed: 932)
      for index in 0..<12 {
        let m = inputs.integer(1...9)
        let path = Path(
          inputs.integer(1...5), units: inputs.integer(1...6), steps: [m], seed: 9_330 + UInt64(index))
        try path.expect(m, answer, trial)
        try path.expectGap(path.attributions(m), answer, trial)
      }
    },
    Check(.property, "where no unit opens or closes, one step is enough", points: 1) { answer, trial in
      var path = Path(4, units: 5, steps: [1], seed: 934)
      path.b1 = path.b1.map { $0 < 0 ? -40 : 40 }
      for m in [1, 5] {
        let attributions = try path.result(of: answer, m)
        trial.expect(
          attributions, equals: path.attributions(m), path.call(m), given: path.given, tolerance: 1e-4)
        trial.expect(
          path.gap(attributions), equals: 0, "Σ I − (F(x) − F(x′)) for \(path.call(m))", tolerance: 1e-3)
      }
    },
    Check(.gradients, "with 400 steps the parts add up", points: 1) { answer, trial in
      for seed in [935, 936] as [UInt64] {
        let path = Path(4, units: 6, steps: [400], seed: seed)
        trial.expect(
          path.gap(try path.result(of: answer, 400)), equals: 0,
          "Σ I − (F(x) − F(x′)) for \(path.call(400))", given: path.given, tolerance: 0.03)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the gradient at the image alone",
      advice: "You take one gradient, that at x. Take the mean over m points on the way to it."
    ) { path, m in path.attributions(m) { _, _ in 1 } },
    wrong(
      "at the beginning of each step",
      advice: "You measure at the beginning of each step, α = i/m. The midpoint rule has (i + ½)/m."
    ) { path, m in path.attributions(m) { i, m in i / m } },
    wrong(
      "at the end of each step",
      advice: "You measure at the end of each step, α = (i + 1)/m. The midpoint rule has (i + ½)/m."
    ) { path, m in path.attributions(m) { i, m in (i + 1) / m } },
    wrong(
      "the image in place of the way",
      advice: "You multiply by x. What each number has gone is x − x′, for the baseline is not 0."
    ) { path, m in path.attributions(m, times: path.x) },
    wrong(
      "the mean gradient alone", advice: "Your sum of gradients is not multiplied by x − x′."
    ) { path, m in path.attributions(m, times: path.x.map { _ in 1 }) },
    wrong(
      "the sum, not the mean", advice: "You add up the gradients of all steps. Divide by their number m."
    ) { path, m in path.attributions(m) * Float(m) },
    wrong(
      "the way from zero",
      advice: "Your points lie between 0 and x: α x. The way begins at the baseline: x′ + α (x − x′)."
    ) { path, m in
      var other = path
      other.baseline = path.x * 0
      return other.attributions(m, times: path.x - path.baseline)
    },
    wrong(
      "the way back", advice: "You multiply by x′ − x. From the baseline to the image it is x − x′."
    ) { path, m in path.attributions(m) * -1 },
    wrong(
      "the biases are left out", advice: "Your units open without their biases: a = W₁ x + b₁."
    ) { path, m in
      var other = path
      other.b1 = path.b1 * 0
      return other.attributions(m)
    },
    wrong(
      "every unit counts", advice: "You go back through all units. A unit with a ≤ 0 passes nothing back."
    ) { path, m in
      var other = path
      other.b1 = path.b1 * 0 + 1e6
      return other.attributions(m)
    },
    wrongGap(
      "the score at the image alone",
      advice: "You take away F(x). The parts explain the rise, F(x) − F(x′)."
    ) { sum, x, _ in sum - x },
    wrongGap(
      "the gap with the other sign",
      advice: "Your gap is the rise minus the sum. It is the sum minus the rise."
    ) { sum, x, baseline in x - baseline - sum },
    wrongGap(
      "the gap without its sign",
      advice:
        "You take the magnitude of the gap. Its sign says: too much, or too little."
    ) { sum, x, baseline in abs(sum - (x - baseline)) },
    wrongGap("both scores taken away", advice: "You take away F(x) + F(x′). The rise is F(x) − F(x′).") {
      sum, x, baseline in sum - x - baseline
    },
  ]
}

private func wrong(
  _ name: String, advice: String, _ attributions: @escaping @Sendable (Path, Int) -> Tensor
) -> Mistake<IntegratedGradientsExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(attribute: { attributions(Path(x: $0, baseline: $1, w1: $2, b1: $3, w2: $4), $5) }))
}

private func wrongGap(
  _ name: String, advice: String,
  _ gap: @escaping @Sendable (_ sum: Float, _ image: Float, _ baseline: Float) -> Float
) -> Mistake<IntegratedGradientsExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(gap: { attributions, x, baseline, w1, b1, w2 in
      let path = Path(x: x, baseline: baseline, w1: w1, b1: b1, w2: w2)
      return gap(
        attributions.scalars.reduce(0, +), Float(path.score(at: path.point(1))),
        Float(path.score(at: path.point(0))))
    }))
}

/// A network and the way between two of its inputs; its calculations are in Double.
private struct Path {
  var x, baseline, w1, b1, w2: Tensor

  init(x: Tensor, baseline: Tensor, w1: Tensor, b1: Tensor, w2: Tensor) {
    (self.x, self.baseline, self.w1, self.b1, self.w2) = (x, baseline, w1, b1, w2)
  }

  /// A random network; at none of the midpoints is a unit so near to 0 that rounding could open or close it.
  init(_ count: Int, units: Int, steps: [Int], seed: UInt64) {
    var inputs = Inputs(seed: seed)
    repeat {
      self.init(
        x: inputs.normal([count]), baseline: inputs.normal([count]), w1: inputs.normal([units, count]),
        b1: inputs.normal([units]), w2: inputs.normal([units]))
    } while steps.contains { m in
      (0..<m).contains { i in
        activations(at: point((Double(i) + 0.5) / Double(m))).contains { abs($0) < 1e-4 }
      }
    }
  }

  func point(_ alpha: Double) -> [Double] {
    zip(x.scalars, baseline.scalars).map { to, from -> Double in
      Double(from) + alpha * (Double(to) - Double(from))
    }
  }

  func activations(at x: [Double]) -> [Double] {
    (0..<b1.count).map { d in
      x.indices.reduce(Double(b1[d])) { $0 + Double(w1[d, $1]) * x[$1] }
    }
  }

  func score(at x: [Double]) -> Double {
    zip(activations(at: x), w2.scalars).reduce(0) { $0 + Swift.max(0, $1.0) * Double($1.1) }
  }

  func gradient(at x: [Double]) -> [Double] {
    let a = activations(at: x)
    return x.indices.map { p in
      a.indices.reduce(0) { $0 + (a[$1] > 0 ? Double(w2[$1]) * Double(w1[$1, p]) : 0) }
    }
  }

  func attributions(
    _ m: Int, times way: Tensor? = nil,
    _ alpha: (_ i: Double, _ m: Double) -> Double = { ($0 + 0.5) / $1 }
  ) -> Tensor {
    let gradients = (0..<m).map { gradient(at: point(alpha(Double($0), Double(m)))) }
    let way = way ?? x - baseline
    return Tensor(
      (0..<x.count).map { p in
        Float(Double(way[p]) * gradients.reduce(0) { $0 + $1[p] } / Double(m))
      })
  }

  func gap(_ attributions: Tensor) -> Float {
    let sum = attributions.scalars.reduce(0.0) { $0 + Double($1) }
    return Float(sum - (score(at: point(1)) - score(at: point(0))))
  }

  func call(_ m: Int) -> String { "integratedGradients(x, from: x′, w1: W₁, b1: b₁, w2: w₂, steps: \(m))" }

  var given: KeyValuePairs<String, any Passable> {
    ["x": x, "x′": baseline, "W₁": w1, "b₁": b1, "w₂": w2]
  }

  func result(of answer: IntegratedGradientsExercise.Answer, _ m: Int) throws -> Tensor {
    try answer.attribute(x, baseline, w1, b1, w2, m)
  }

  func expect(_ m: Int, _ answer: IntegratedGradientsExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try result(of: answer, m), equals: attributions(m), call(m), given: given, tolerance: 1e-4,
      by: { place in
        let slopes = (0..<m).map {
          written(Float(gradient(at: point((Double($0) + 0.5) / Double(m)))[place[0]]))
        }
        return "the slopes at the midpoints are \(slopes.joined(separator: " ")); their mean times "
          + written(x[place[0]] - baseline[place[0]])
      })
  }

  func expectGap(
    _ attributions: Tensor, _ answer: IntegratedGradientsExercise.Answer, _ trial: Trial
  ) throws {
    trial.expect(
      try answer.gap(attributions, x, baseline, w1, b1, w2), equals: gap(attributions),
      "completenessGap(I, x, from: x′, w1: W₁, b1: b₁, w2: w₂)",
      given: ["I": attributions, "x": x, "x′": baseline, "W₁": w1, "b₁": b1, "w₂": w2], tolerance: 1e-4,
      by: { _ in
        "the sum is \(written(attributions.scalars.reduce(0, +))), F(x) = "
          + "\(written(Float(score(at: point(1))))), F(x′) = \(written(Float(score(at: point(0)))))"
      })
  }
}
