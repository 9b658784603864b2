import ExerciseKit
import Practice

public final class PlaneStepExercise: Exercise {
  /// Weights and bias after the step.
  public typealias Answer =
    @Sendable (_ x: Tensor, _ t: Tensor, _ w: Tensor, _ b: Float, _ learningRate: Float) throws -> (
      Tensor, Float
    )

  public init() {}

  public let title = "A step with several inputs"
  public let section = "0.5"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["planeStep"]
  public let solution: Answer = { x, t, w, b, rate in try planeStep(x, t, w: w, b: b, learningRate: rate) }

  public func answer(of learner: Learner) -> Answer {
    { x, t, w, b, rate in try learner.call("planeStep", x, t, w, b, rate) }
  }

  public let hints = [
    "For every example: what is predicted, and by how much is it wrong? That error goes into every slope. Collect all "
      + "slopes first, and move at the end.",
    "With eₙ = yₙ − tₙ: dw_d = 2/N Σₙ eₙ xₙ_d, and db = 2/N Σₙ eₙ. dw has the shape [D].",
    """
    var dw = Tensor.zeros([D])
    var db: Float = 0
    for n in 0..<N {
      var y = b
      for d in 0..<D { y += … }
      let slope = 2 * (…) / Float(N)
      for d in 0..<D { dw[d] += slope * … }
      db += …
    }
    return (w - learningRate * dw, …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many weights as before", points: 1) { answer, trial in
      for (n, d) in [(1, 1), (2, 3), (5, 2)] {
        var inputs = Inputs(seed: 31)
        let (w, _) = try answer(inputs.normal([n, d]), inputs.normal([n]), inputs.normal([d]), 0.5, 0.1)
        trial.expect(w, hasShape: [d], "planeStep(x, t, w: w, …).w")
      }
    },
    Check(.byHand, "two examples with three inputs", points: 2) { answer, trial in
      let x = Tensor([[1, 0, 2], [3, 1, -1]])
      try expectStep(x, Tensor([0, 4]), Tensor([1, 2, -1]), 0.5, 0.1, of: answer, trial)
      try expectStep(x, Tensor([3, -2]), Tensor([1, -1, 4]), -2, 0.05, of: answer, trial)
    },
    Check(.byHand, "four examples with one input: the seedling", points: 1) { answer, trial in
      let x = Tensor([[0], [1], [2], [3]])
      try expectStep(x, Tensor([1, 2, 4, 5]), Tensor([0]), 0, 0.1, of: answer, trial)
    },
    Check(.property, "as the formulas say, for twelve sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 32)
      for _ in 0..<12 {
        let (n, d) = (inputs.integer(1...6), inputs.integer(1...5))
        try expectStep(
          inputs.normal([n, d]), inputs.normal([n]), inputs.normal([d]), Float(inputs.integer(-2...2)),
          Float(inputs.integer(1...5)) / 20, of: answer, trial)
      }
    },
    Check(.training, "200 steps find the plane that the targets lie on", points: 1) { answer, trial in
      var inputs = Inputs(seed: 33)
      let x = inputs.normal([12, 2])
      let t = Tensor((0..<12).map { 3 * x[$0, 0] - 2 * x[$0, 1] + 1 })
      var (w, b) = (Tensor([0, 0]), Float(0))
      for _ in 0..<200 {
        (w, b) = try answer(x, t, w, b, 0.1)
        if w.shape != [2] { break }
      }
      let found = w.scalars + [b]
      let isThere = found.count == 3 && zip(found, [3, -2, 1]).allSatisfy { abs($0 - $1) < 0.01 }
      trial.expect(isThere, "w is near [3, −2], and b near 1", about: found)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("a sum for a mean", advice: "You sum the slopes over the examples. L is a mean: divide by N.") {
      $0.share = 1
    },
    wrong(
      "divided by the inputs",
      advice: "You divide by D, the number of inputs. The mean is over the N examples."
    ) {
      $0.share = 1 / Float($0.x.shape[1])
    },
    wrong("the 2 is forgotten", advice: "The slope of a square has a factor 2: 2 (yₙ − tₙ) xₙ_d.") {
      $0.factor = 1
    },
    wrong("uphill", advice: "Your step goes along the slopes, and the loss grows. Subtract.") {
      $0.factor = -2
    },
    wrong(
      "the bias does not move", advice: "You leave b as it was. It has a slope too: the mean of 2 (yₙ − tₙ)."
    ) {
      $0.movesBias = false
    },
    wrong(
      "the bias is left out of y",
      advice: "Your yₙ has no b in it: yₙ = w₀ xₙ₀ + w₁ xₙ₁ + … + b."
    ) { $0.usesBias = false },
    wrong(
      "one example after the other",
      advice:
        "You move after every example, so that the next one sees other weights. Sum up the slopes of all examples first."
    ) { $0.isOneByOne = true },
    wrong(
      "the weights move first",
      advice:
        "You move w, and take the slope along b at the new place. All slopes belong to the place before the step."
    ) { $0.biasComesLater = true },
    wrong(
      "one slope for all weights",
      advice:
        "All your weights move by the same. Each has the slope of its own input: eₙ xₙ_d with its own d."
    ) { $0.mixesInputs = true },
  ]
}

/// A step in Double, with what can go wrong in it.
private struct Step {
  let x, t, w: Tensor
  let b, rate: Float
  var share: Float
  var factor: Float = 2
  var movesBias = true
  var usesBias = true
  var isOneByOne = false
  var biasComesLater = false
  var mixesInputs = false

  init(_ x: Tensor, _ t: Tensor, _ w: Tensor, _ b: Float, _ rate: Float) {
    (self.x, self.t, self.w, self.b, self.rate) = (x, t, w, b, rate)
    share = 1 / Float(x.shape[0])
  }

  func error(_ n: Int, _ w: [Double], _ b: Double) -> Double {
    w.indices.reduce(usesBias ? b : 0) { $0 + w[$1] * Double(x[n, $1]) } - Double(t[n])
  }

  var result: (Tensor, Float) {
    var (w, b) = (w.scalars.map(Double.init), Double(b))
    let scale = Double(factor) * Double(share) * Double(rate)
    let groups = isOneByOne ? (0..<x.shape[0]).map { [$0] } : [Array(0..<x.shape[0])]
    for group in groups {
      let errors = group.map { error($0, w, b) }
      var slopes = w.indices.map { d in zip(group, errors).reduce(0) { $0 + $1.1 * Double(x[$1.0, d]) } }
      if mixesInputs { slopes = slopes.map { _ in slopes.reduce(0, +) / Double(slopes.count) } }
      let before = w
      for d in w.indices { w[d] -= scale * slopes[d] }
      let later = biasComesLater ? w : before
      if movesBias { b -= scale * group.reduce(0) { $0 + error($1, later, b) } }
    }
    return (Tensor(w.map { Float($0) }, shape: [w.count]), Float(b))
  }
}

private func wrong(
  _ name: String, advice: String, _ change: @escaping @Sendable (inout Step) -> Void
) -> Mistake<PlaneStepExercise.Answer> {
  Mistake(name, advice: advice) { x, t, w, b, rate in
    var step = Step(x, t, w, b, rate)
    change(&step)
    return step.result
  }
}

private func expectStep(
  _ x: Tensor, _ t: Tensor, _ w: Tensor, _ b: Float, _ rate: Float, of answer: PlaneStepExercise.Answer,
  _ trial: Trial
) throws {
  let yours = try answer(x, t, w, b, rate)
  let step = Step(x, t, w, b, rate)
  let expected = step.result
  let (weights, bias) = (w.scalars.map(Double.init), Double(b))
  let errors = (0..<x.shape[0]).map { Float(step.error($0, weights, bias)) }
  let shown = errors.count <= 4 ? " (errors yₙ − tₙ: \(errors.map(written).joined(separator: ", ")))" : ""
  trial.expect(
    yours.0, equals: expected.0, "planeStep(x, t, w: w, b: \(written(b)), learningRate: \(written(rate))).w",
    given: ["x": x, "t": t, "w": w],
    by: { place in
      let slope = (w[place[0]] - expected.0[place[0]]) / rate
      return
        "\(written(w[place[0]])) − \(written(rate))·(\(written(slope))) = \(written(expected.0[place[0]]))\(shown)"
    })
  trial.expect(
    yours.1, equals: expected.1, "planeStep(x, t, w: w, b: \(written(b)), learningRate: \(written(rate))).b",
    given: ["x": x, "t": t, "w": w],
    by: { _ in
      "\(written(b)) − \(written(rate))·(\(written((b - expected.1) / rate))) = \(written(expected.1))\(shown)"
    })
}
