import ExerciseKit
import Practice

public final class MomentumExercise: Exercise {
  /// The new weights and the new velocity.
  public typealias Answer =
    @Sendable (
      _ w: Tensor, _ g: Tensor, _ u: Tensor, _ learningRate: Float, _ momentum: Float, _ weightDecay: Float
    ) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "A step with momentum"
  public let section = "7.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["momentumStep"]
  public let solution: Answer = { w, g, u, rate, momentum, decay in
    try momentumStep(w, gradient: g, velocity: u, learningRate: rate, momentum: momentum, weightDecay: decay)
  }

  public func answer(of learner: Learner) -> Answer {
    { w, g, u, rate, momentum, decay in try learner.call("momentumStep", w, g, u, rate, momentum, decay) }
  }

  public let hints = [
    "Three lines, in the order of the three formulas. The second needs the result of the first, the third "
      + "that of the second.",
    "The pull is weightDecay * w, with the weights before the step. The new velocity is momentum * u plus "
      + "the gradient with its pull. The weights move by learningRate times the new velocity, downwards. "
      + "All have the shape of w.",
    """
    let d = g + … * w
    let velocity = … * u + …
    return (w - … * velocity, …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "weights and velocity keep their shape", points: 1) { answer, trial in
      for shape in [[3], [2, 3], [4, 2, 3, 3]] {
        var inputs = Inputs(seed: 721)
        let (w, g, u) = (inputs.normal(shape), inputs.normal(shape), inputs.normal(shape))
        let (weights, velocity) = try answer(w, g, u, 0.1, 0.9, 0.01)
        trial.expect(weights, hasShape: shape, "momentumStep(w, gradient: g, velocity: u, …).w")
        trial.expect(velocity, hasShape: shape, "momentumStep(w, gradient: g, velocity: u, …).u")
      }
    },
    Check(.byHand, "a plain step: no velocity yet, no pull", points: 1) { answer, trial in
      try expectStep(Case([1, -2], [0.5, 4], [0, 0], 0.1, 0.9, 0), of: answer, trial)
      try expectStep(Case([1, -2], [0.5, 4], [0, 0], 0.5, 0, 0), of: answer, trial)
    },
    Check(.byHand, "a step that was moving already", points: 1) { answer, trial in
      try expectStep(Case([1, -2], [0.5, 4], [2, -3], 0.1, 0.9, 0), of: answer, trial)
    },
    Check(.byHand, "a step with the pull towards 0", points: 1) { answer, trial in
      try expectStep(Case([1, -2], [0.5, 4], [2, -3], 0.1, 0.9, 0.2), of: answer, trial)
      try expectStep(Case([4, -8], [0, 0], [0, 0], 0.5, 0.9, 0.25), of: answer, trial)
    },
    Check(.property, "as the formulas say, for twelve steps of many weights", points: 1) { answer, trial in
      var inputs = Inputs(seed: 722)
      for _ in 0..<12 {
        let shape = (0..<inputs.integer(1...4)).map { _ in inputs.integer(1...4) }
        let (w, g, u) = (inputs.normal(shape), inputs.normal(shape) * 3, inputs.normal(shape) * 2)
        let numbers = (0..<3).map { _ in Float(inputs.integer(1...19)) / 20 }
        try expectStep(Case(w, g, u, numbers[0], numbers[1], numbers[2]), of: answer, trial)
      }
    },
    Check(.training, "down a narrow valley, which a plain step does not get along", points: 1) {
      answer, trial in
      // L = ½ (a² + 100 b²): the learning rate must be below 2/100 for b, and a needs many such steps.
      var (w, u) = (Tensor([10, 1]), Tensor([0, 0]))
      for _ in 0..<80 {
        let g = w * Tensor([1, 100])
        (w, u) = try answer(w, g, u, 0.015, 0.8, 0)
        if w.shape != [2] || u.shape != [2] { break }
      }
      let loss = w.shape == [2] ? 0.5 * (w[0] * w[0] + 100 * w[1] * w[1]) : .nan
      trial.expect(
        loss < 0.01, "after 80 steps ½(a² + 100 b²) has come from 100 to below 0.01",
        about: [loss] + w.scalars)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the old velocity moves the weights",
      advice: "You move the weights by the velocity as it was. First make the new one, then move."
    ) { w, g, u, rate, momentum, decay in
      let all = step(w, g, u, rate, momentum, decay)
      return (w - rate * u, all.1)
    },
    Mistake(
      "the velocity stays as it was",
      advice: "You give back the old velocity. The next step needs the new one."
    ) { w, g, u, rate, momentum, decay in (step(w, g, u, rate, momentum, decay).0, u) },
    Mistake(
      "the pull is forgotten", advice: "Your step does not use λ. Add λ w to the gradient first."
    ) { w, g, u, rate, momentum, _ in step(w, g, u, rate, momentum, 0) },
    Mistake(
      "the pull is only in the weights",
      advice:
        "You pull the weights beside the velocity. That is decoupled weight decay, as in AdamW; here λ w "
        + "belongs to the gradient, and so to the velocity."
    ) { w, g, u, rate, momentum, decay in
      let plain = step(w, g, u, rate, momentum, 0)
      return (plain.0 - rate * decay * w, plain.1)
    },
    Mistake(
      "the pull pushes",
      advice: "Your weight decay pushes the weights away from 0. In the gradient it is + λ w."
    ) { w, g, u, rate, momentum, decay in step(w, g, u, rate, momentum, -decay) },
    Mistake(
      "the pull is the same for all",
      advice: "You add λ itself to the gradient. The pull is in proportion to the weight: λ w."
    ) { w, g, u, rate, momentum, decay in step(w, g + decay, u, rate, momentum, 0) },
    Mistake(
      "a running mean of the gradient",
      advice:
        "You weigh the new gradient by 1 − μ. That is the running mean of Adam; here the gradient is added "
        + "in full."
    ) { w, g, u, rate, momentum, decay in
      let velocity = momentum * u + (1 - momentum) * (g + decay * w)
      return (w - rate * velocity, velocity)
    },
    Mistake(
      "the learning rate is in the velocity",
      advice:
        "You multiply by η before the velocity keeps the gradient. Many books do, but here the velocity is "
        + "made of gradients, and η comes in the last line."
    ) { w, g, u, rate, momentum, decay in
      let velocity = momentum * u + rate * (g + decay * w)
      return (w - velocity, velocity)
    },
    Mistake(
      "momentum is forgotten",
      advice: "Your velocity is the gradient alone. What it was before stays in it, multiplied by μ."
    ) { w, g, u, rate, _, decay in step(w, g, u, rate, 0, decay) },
    Mistake(
      "the velocity never slows down",
      advice:
        "You add the gradient to the whole old velocity. Multiply that by μ first, or it grows without end."
    ) { w, g, u, rate, _, decay in step(w, g, u, rate, 1, decay) },
    Mistake(
      "momentum looks ahead",
      advice:
        "You use the momentum twice, as Nesterov's variant does: the step is η u with the new velocity, once."
    ) { w, g, u, rate, momentum, decay in
      let all = step(w, g, u, rate, momentum, decay)
      return (w - rate * (g + decay * w + momentum * all.1), all.1)
    },
    Mistake(
      "the momentum weighs the gradient too",
      advice: "You multiply both the velocity and the gradient by μ. Only the old velocity fades."
    ) { w, g, u, rate, momentum, decay in
      let velocity = momentum * (u + g + decay * w)
      return (w - rate * velocity, velocity)
    },
    Mistake("upwards", advice: "Your weights move along the gradient, and the loss grows. Subtract.") {
      w, g, u, rate, momentum, decay in
      let all = step(w, g, u, rate, momentum, decay)
      return (w + rate * all.1, all.1)
    },
    Mistake(
      "the velocity points downwards",
      advice:
        "You subtract the gradient from the velocity and add that to the weights. The weights come out right "
        + "only when all velocities are counted so; here the velocity has the gradient's sign."
    ) { w, g, u, rate, momentum, decay in
      let velocity = momentum * u - (g + decay * w)
      return (w + rate * velocity, velocity)
    },
  ]
}

/// Number by number, in Double.
private func step(
  _ w: Tensor, _ g: Tensor, _ u: Tensor, _ rate: Float, _ momentum: Float, _ decay: Float
) -> (Tensor, Tensor) {
  var (weights, velocity) = (w.scalars, u.scalars)
  for i in weights.indices {
    let before = Double(w.scalars[i])
    let v = Double(momentum) * Double(u.scalars[i]) + Double(g.scalars[i]) + Double(decay) * before
    velocity[i] = Float(v)
    weights[i] = Float(before - Double(rate) * v)
  }
  return (Tensor(weights, shape: w.shape), Tensor(velocity, shape: w.shape))
}

/// What one step is given.
private struct Case {
  let w, g, u: Tensor
  let rate, momentum, decay: Float

  init(_ w: Tensor, _ g: Tensor, _ u: Tensor, _ rate: Float, _ momentum: Float, _ decay: Float) {
    (self.w, self.g, self.u) = (w, g, u)
    (self.rate, self.momentum, self.decay) = (rate, momentum, decay)
  }

  init(_ w: [Float], _ g: [Float], _ u: [Float], _ rate: Float, _ momentum: Float, _ decay: Float) {
    self.init(Tensor(w), Tensor(g), Tensor(u), rate, momentum, decay)
  }
}

private func expectStep(_ given: Case, of answer: MomentumExercise.Answer, _ trial: Trial) throws {
  let (w, g, u) = (given.w, given.g, given.u)
  let (weights, velocity) = try answer(w, g, u, given.rate, given.momentum, given.decay)
  let expected = step(w, g, u, given.rate, given.momentum, given.decay)
  let call = """
    momentumStep(w, gradient: g, velocity: u, learningRate: \(written(given.rate)), \
    momentum: \(written(given.momentum)), weightDecay: \(written(given.decay)))
    """
  func number(_ tensor: Tensor, _ place: [Int]) -> Float {
    tensor.scalars[zip(place, tensor.shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }
  trial.expect(
    velocity, equals: expected.1, "\(call).u", given: ["w": w, "g": g, "u": u],
    by: { place in
      sumOfProducts([
        (given.momentum, number(u, place)), (1, number(g, place)), (given.decay, number(w, place)),
      ])
    })
  trial.expect(
    weights, equals: expected.0, "\(call).w", given: ["w": w, "g": g, "u": u],
    by: { place in
      "with the new velocity \(written(number(expected.1, place))): "
        + sumOfProducts([(1, number(w, place)), (-given.rate, number(expected.1, place))])
    })
}
