import ExerciseChannel
import ExerciseKit
import Practice

public final class ClipByNormExercise: Exercise {
  public typealias Answer = @Sendable (_ gradients: [Tensor], _ maximum: Float) throws -> [Tensor]

  public init() {}

  public let title = "Clipping by norm"
  public let section = "5.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.sum"])
  public let functions = ["clipped"]
  public let solution: Answer = { try clipped($0, toNorm: $1) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("clipped", $0, $1) } }

  public let hints = [
    "First one number for all gradients together: their norm. Only then is it known whether anything changes, and by "
      + "what factor.",
    "norm = √(Σ over all gradients Σ over all their numbers g²). If norm > maximum, multiply every number of every "
      + "gradient by maximum / norm.",
    """
    var sum = 0.0
    for gradient in gradients {
      for g in gradient.scalars { sum += Double(g) * … }
    }
    let norm = sum.squareRoot()
    if … { return gradients }
    return gradients.map { $0 * … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many gradients, of the same shapes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 591)
      let gradients = [inputs.normal([2, 3]), inputs.normal([4]), inputs.normal([1, 1, 2])]
      for maximum in [0.5, 100] as [Float] {
        let result = try answer(gradients, maximum)
        for (i, gradient) in gradients.enumerated() {
          trial.expect(
            i < result.count ? result[i] : Tensor.zeros([0]), hasShape: gradient.shape,
            "clipped([g0, g1, g2], toNorm: \(written(maximum)))[\(i)]")
        }
      }
    },
    Check(.byHand, "a norm of 5, to 1 and to 10", points: 1) { answer, trial in
      for maximum in [1, 10, 5] as [Float] {
        try expect([Tensor([3]), Tensor([0, -4])], maximum, answer, trial)
      }
      try expect([Tensor([0.3, -0.4]), Tensor([[0.0], [1.2]])], 0.65, answer, trial)
    },
    Check(.property, "as the formula says, for twelve sets", points: 1) { answer, trial in
      var inputs = Inputs(seed: 592)
      for index in 0..<12 {
        let gradients = (0..<(index < 3 ? 2 : inputs.integer(1...4))).map { _ in
          inputs.normal([index < 3 ? 3 : inputs.integer(1...5), inputs.integer(1...4)])
            * (index % 2 == 0 ? 2 : 0.2)
        }
        try expect(gradients, [0.5, 1, 2.5][index % 3], answer, trial)
      }
    },
    Check(.property, "zeros, and numbers whose squares are too large for Float", points: 1) { answer, trial in
      try expect([Tensor([0, 0]), Tensor([0])], 1, answer, trial)
      try expect([Tensor([3e20, 0]), Tensor([-4e20])], 1, answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "each gradient by itself",
      advice: "You clip each gradient by its own norm. They are one long vector: one norm, one factor."
    ) { gradients, maximum in gradients.flatMap { scaled([$0], maximum, norm: norm([$0])) } },
    Mistake(
      "each number by itself",
      advice:
        "You hold each number within ± the maximum. That changes the direction; by norm, all shrink alike."
    ) { gradients, maximum in gradients.map { $0.map { min(max($0, -maximum), maximum) } } },
    Mistake(
      "always to the maximum",
      advice:
        "You also lengthen what is shorter than the maximum. When the norm is below it, nothing changes."
    ) { gradients, maximum in
      let norm = norm(gradients)
      return norm == 0 ? gradients : gradients.map { $0.map { Float(Double($0) * Double(maximum) / norm) } }
    },
    Mistake(
      "the norm without the root",
      advice: "You use the sum of the squares. The norm is its square root."
    ) { gradients, maximum in scaled(gradients, maximum, norm: norm(gradients) * norm(gradients)) },
    Mistake(
      "the sum of the magnitudes",
      advice: "You add up the magnitudes. The norm here is the length: the root of the sum of the squares."
    ) { gradients, maximum in
      scaled(gradients, maximum, norm: gradients.flatMap(\.scalars).reduce(0) { $0 + Double($1.magnitude) })
    },
    Mistake(
      "divided by the norm",
      advice:
        "You divide by the norm alone, so the length becomes 1. It is to become the maximum: times maximum / norm."
    ) { gradients, maximum in
      let norm = norm(gradients)
      return norm <= Double(maximum) ? gradients : gradients.map { $0.map { Float(Double($0) / norm) } }
    },
    Mistake(
      "the largest number for the norm",
      advice: "You take the largest magnitude for the norm. That is another norm; here it is the length."
    ) { gradients, maximum in
      scaled(gradients, maximum, norm: Double(gradients.flatMap(\.scalars).map(\.magnitude).max() ?? 0))
    },
    Mistake(
      "squares in Float",
      advice:
        "Your sum of squares overflows for large gradients, and then everything becomes 0. Add up in Double."
    ) { gradients, maximum in
      let sum = gradients.flatMap(\.scalars).reduce(Float(0)) { $0 + $1 * $1 }
      let norm = sum.squareRoot()
      return norm <= maximum ? gradients : gradients.map { $0 * (maximum / norm) }
    },
  ]
}

private func norm(_ gradients: [Tensor]) -> Double {
  gradients.flatMap(\.scalars).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

private func scaled(_ gradients: [Tensor], _ maximum: Float, norm: Double) -> [Tensor] {
  norm <= Double(maximum)
    ? gradients : gradients.map { $0.map { Float(Double($0) * Double(maximum) / norm) } }
}

private func expect(
  _ gradients: [Tensor], _ maximum: Float, _ answer: ClipByNormExercise.Answer, _ trial: Trial
) throws {
  let length = norm(gradients)
  trial.expect(
    try answer(gradients, maximum), equals: scaled(gradients, maximum, norm: length),
    "clipped(gradients, toNorm: \(written(maximum)))", given: ["gradients": gradients],
    by: { _ in
      "the norm of all together is \(written(Float(length)))"
        + (length > Double(maximum)
          ? ": each number times \(written(maximum)) / \(written(Float(length)))" : "")
    })
}
