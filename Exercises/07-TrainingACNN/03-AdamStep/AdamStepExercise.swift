import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class AdamStepExercise: Exercise {
  /// The new weights, mean and square.
  public typealias Answer =
    @Sendable (
      _ w: Tensor, _ g: Tensor, _ m: Tensor, _ v: Tensor, _ t: Int, _ learningRate: Float, _ beta1: Float,
      _ beta2: Float, _ epsilon: Float
    ) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "A step of Adam"
  public let section = "7.4"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.squareRoot"])
  public let functions = ["adamStep"]
  public let solution: Answer = { w, g, m, v, t, rate, beta1, beta2, epsilon in
    try adamStep(
      w, gradient: g, mean: m, square: v, step: t, learningRate: rate, beta1: beta1, beta2: beta2,
      epsilon: epsilon)
  }

  public func answer(of learner: Learner) -> Answer {
    { w, g, m, v, t, rate, beta1, beta2, epsilon in
      try learner.call("adamStep", w, g, m, v, t, rate, beta1, beta2, epsilon)
    }
  }

  public let hints = [
    "Five lines, one for each formula. Keep what is given back, m and v, apart from what only this step "
      + "uses, their corrected forms.",
    "Tensors can be multiplied number by number: g * g. A Float can be taken from or added to a tensor. The "
      + "correction divides by 1 − pow(beta, Float(t)). The root of every number of a tensor: x.map { "
      + "$0.squareRoot() }; ε is added to the root, not under it.",
    """
    let mean = beta1 * m + … * g
    let square = beta2 * v + … * (g * g)
    let meanHat = mean / (1 - pow(…, Float(t)))
    let squareHat = square / (1 - pow(…, Float(t)))
    return (w - learningRate * meanHat / (squareHat.map { … } + …), …, …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "weights and means keep their shape", points: 1) { answer, trial in
      for shape in [[3], [2, 3], [4, 2, 3, 3]] {
        var inputs = Inputs(seed: 731)
        let (w, g) = (inputs.normal(shape), inputs.normal(shape))
        let (weights, mean, square) = try answer(
          w, g, Tensor.zeros(shape), Tensor.zeros(shape), 1, 0.1, 0.9, 0.99, 0.1)
        for (name, tensor) in [("w", weights), ("m", mean), ("v", square)] {
          trial.expect(tensor, hasShape: shape, "adamStep(w, gradient: g, …).\(name)")
        }
      }
    },
    Check(.byHand, "the first step of two weights", points: 1) { answer, trial in
      try expectStep(
        Case(w: [1, -2], g: [2, -0.5], m: [0, 0], v: [0, 0], t: 1, rate: 0.1, epsilon: 0.5), of: answer,
        trial)
    },
    Check(.byHand, "the second step, and the third", points: 1) { answer, trial in
      try expectStep(
        Case(w: [1, -2], g: [1, 3], m: [0.2, -0.05], v: [0.04, 0.0025], t: 2, rate: 0.1, epsilon: 0.5),
        of: answer, trial)
      try expectStep(
        Case(w: [1, -2], g: [-1, 3], m: [0.28, 0.25], v: [0.05, 0.09], t: 3, rate: 0.2, epsilon: 0.1),
        of: answer, trial)
    },
    Check(.byHand, "a weight without gradients stays where it is", points: 1) { answer, trial in
      try expectStep(
        Case(w: [3, 1], g: [0, 1], m: [0, 0], v: [0, 0], t: 1, rate: 0.1, epsilon: 1e-8), of: answer, trial)
    },
    Check(.property, "as the formulas say, for twelve steps of many weights", points: 2) { answer, trial in
      var inputs = Inputs(seed: 732)
      for index in 0..<12 {
        let shape = (0..<inputs.integer(1...4)).map { _ in inputs.integer(1...4) }
        let (w, g, m) = (inputs.normal(shape), inputs.normal(shape) * 3, inputs.normal(shape))
        let v = inputs.normal(shape).map { $0 * $0 + 0.01 }
        try expectStep(
          Case(
            w, g, m, v, t: 1 + index * index, rate: Float(inputs.integer(1...9)) / 10,
            beta1: [0.9, 0.5, 0.8][index % 3], beta2: [0.99, 0.75, 0.95][index % 3],
            epsilon: [0.1, 0.5, 0.01][inputs.integer(0...2)]), of: answer, trial)
      }
    },
    Check(.training, "ten steps in a row, of gradients a thousand times apart", points: 1) { answer, trial in
      // L = ½ (1000 a² + b²): a plain step that suits a leaves b where it is.
      var yours = (Tensor([1, 1]), Tensor([0, 0]), Tensor([0, 0]))
      var ours = yours
      for t in 1...10 {
        yours = try answer(yours.0, yours.0 * Tensor([1000, 1]), yours.1, yours.2, t, 0.1, 0.9, 0.99, 1e-8)
        ours = step(
          Case(ours.0, ours.0 * Tensor([1000, 1]), ours.1, ours.2, t: t, rate: 0.1, epsilon: 1e-8))
        trial.expect(
          yours.0, equals: ours.0, "the weights after step \(t) from [1, 1], with the gradient [1000·w₀, w₁]",
          tolerance: 1e-3)
        if yours.0.shape != [2] { return }
      }
      trial.expect(
        yours.0.scalars.allSatisfy { abs($0) < 0.3 }, "both weights have come below 0.3", about: yours.0)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "not corrected",
      advice: "You use m and v as they are. They began at 0 and are too small at first: divide by 1 − βᵗ."
    ) {
      $0.correctsMean = false; $0.correctsSquare = false
    },
    wrong(
      "the square is not corrected",
      advice: "You correct m only. v began at 0 as well: divide it by 1 − β₂ᵗ."
    ) { $0.correctsSquare = false },
    wrong(
      "the mean is not corrected",
      advice: "You correct v only. m began at 0 as well: divide it by 1 − β₁ᵗ."
    ) { $0.correctsMean = false },
    wrong(
      "one correction for both",
      advice: "You divide both means by 1 − β₁ᵗ. Each has its own β: v̂ = v / (1 − β₂ᵗ)."
    ) { $0.squareCorrection = { beta1, _, t in 1 - pow(beta1, t) } },
    wrong(
      "β times t", advice: "You correct by 1 − β·t. It is a power: 1 − βᵗ."
    ) {
      $0.meanCorrection = { beta1, _, t in 1 - beta1 * t }
      $0.squareCorrection = { _, beta2, t in 1 - beta2 * t }
    },
    wrong(
      "always the first correction",
      advice: "You divide by 1 − β at every step. That is right for t = 1 only: the power is t."
    ) {
      $0.meanCorrection = { beta1, _, _ in 1 - beta1 }
      $0.squareCorrection = { _, beta2, _ in 1 - beta2 }
    },
    wrong(
      "t counts one too few",
      advice: "Your power is t − 1. At the first step t is 1, and 1 − β⁰ would be 0."
    ) {
      $0.meanCorrection = { beta1, _, t in 1 - pow(beta1, t - 1) }
      $0.squareCorrection = { _, beta2, t in 1 - pow(beta2, t - 1) }
    },
    wrong(
      "t counts one too many",
      advice: "Your power is t + 1. The first step already has t = 1."
    ) {
      $0.meanCorrection = { beta1, _, t in 1 - pow(beta1, t + 1) }
      $0.squareCorrection = { _, beta2, t in 1 - pow(beta2, t + 1) }
    },
    wrong(
      "the corrected means are kept",
      advice: "You give back m̂ and v̂. They are for this step only; m and v go on without the correction."
    ) { $0.keepsCorrected = true },
    wrong(
      "ε under the root", advice: "You add ε to v̂ before the root. It belongs behind: √v̂ + ε."
    ) { $0.denominator = { square, epsilon in (square + epsilon).squareRoot() } },
    wrong(
      "ε before the correction",
      advice: "You add ε to √v and correct the sum. v is corrected first, and ε is added as it is: √v̂ + ε."
    ) { $0.addsEpsilonFirst = true },
    wrong(
      "β₁ and β₂ are fixed",
      advice: "You calculate with 0.9 and 0.999, whatever you are given. Use beta1 and beta2."
    ) { $0.betas = (0.9, 0.999) },
    wrong(
      "ε is forgotten",
      advice: "You do not use ε. A weight whose gradients were all 0 would be divided 0 / 0."
    ) { $0.denominator = { square, _ in square.squareRoot() } },
    wrong(
      "no root",
      advice: "You divide by v̂ itself. Take its root: then numerator and denominator have one unit."
    ) { $0.denominator = { square, epsilon in square + epsilon } },
    wrong(
      "the gradient instead of its mean",
      advice: "You step along g. Adam steps along its running mean: m̂."
    ) { $0.stepsAlongGradient = true },
    wrong(
      "the gradient is not squared",
      advice: "Your v is a mean of the gradient, and may be below 0. It is the mean of g²."
    ) { $0.square = { $0 } },
    wrong(
      "the square of the mean",
      advice: "You put m² into v. It is the mean of the squares: g²."
    ) { $0.squaresMean = true },
    wrong(
      "the new gradient counts in full",
      advice: "You add g and g² in full. The means weigh them by 1 − β."
    ) { $0.weighsGradient = false },
    wrong(
      "β and 1 − β exchanged",
      advice: "You weigh the old mean by 1 − β and the gradient by β. The old mean is the larger part."
    ) { $0.exchangesWeights = true },
    wrong("upwards", advice: "Your weights move along the gradient, and the loss grows. Subtract.") {
      $0.sign = 1
    },
  ]
}

/// The rules of a step, right unless said otherwise.
private struct Rules: Sendable {
  var correctsMean = true
  var correctsSquare = true
  var meanCorrection: @Sendable (_ beta1: Double, _ beta2: Double, _ t: Double) -> Double = { beta1, _, t in
    1 - pow(beta1, t)
  }
  var squareCorrection: @Sendable (_ beta1: Double, _ beta2: Double, _ t: Double) -> Double = { _, beta2, t in
    1 - pow(beta2, t)
  }
  var keepsCorrected = false
  var denominator: @Sendable (_ square: Double, _ epsilon: Double) -> Double = { $0.squareRoot() + $1 }
  var stepsAlongGradient = false
  var square: @Sendable (_ g: Double) -> Double = { $0 * $0 }
  var squaresMean = false
  var weighsGradient = true
  var exchangesWeights = false
  var addsEpsilonFirst = false
  var betas: (beta1: Double, beta2: Double)?
  var sign = -1.0
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  AdamStepExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { w, g, m, v, t, rate, beta1, beta2, epsilon in
    step(Case(w, g, m, v, t: t, rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon), by: wrongRules)
  }
}

/// What one step is given.
private struct Case {
  let w, g, m, v: Tensor
  let t: Int
  let rate, beta1, beta2, epsilon: Float

  init(
    _ w: Tensor, _ g: Tensor, _ m: Tensor, _ v: Tensor, t: Int, rate: Float, beta1: Float = 0.9,
    beta2: Float = 0.99, epsilon: Float
  ) {
    (self.w, self.g, self.m, self.v, self.t) = (w, g, m, v, t)
    (self.rate, self.beta1, self.beta2, self.epsilon) = (rate, beta1, beta2, epsilon)
  }

  init(w: [Float], g: [Float], m: [Float], v: [Float], t: Int, rate: Float, epsilon: Float) {
    self.init(Tensor(w), Tensor(g), Tensor(m), Tensor(v), t: t, rate: rate, epsilon: epsilon)
  }
}

/// Number by number, in Double.
private func step(_ given: Case, by rules: Rules = Rules()) -> (Tensor, Tensor, Tensor) {
  var (weights, means, squares) = (given.w.scalars, given.m.scalars, given.v.scalars)
  let t = Double(given.t)
  let (beta1, beta2) = rules.betas ?? (Double(given.beta1), Double(given.beta2))
  for i in weights.indices {
    let g = Double(given.g.scalars[i])
    func mean(_ old: Double, _ new: Double, _ beta: Double) -> Double {
      if rules.exchangesWeights { return (1 - beta) * old + beta * new }
      return beta * old + (rules.weighsGradient ? 1 - beta : 1) * new
    }
    let m = mean(Double(given.m.scalars[i]), g, beta1)
    let v = mean(Double(given.v.scalars[i]), rules.squaresMean ? m * m : rules.square(g), beta2)
    let corrected = rules.correctsMean ? m / rules.meanCorrection(beta1, beta2, t) : m
    let correctedSquare = rules.correctsSquare ? v / rules.squareCorrection(beta1, beta2, t) : v
    let direction = rules.stepsAlongGradient ? g : corrected
    let epsilon = Double(given.epsilon)
    let length =
      direction
      / (rules.addsEpsilonFirst
        ? (v.squareRoot() + epsilon) / rules.squareCorrection(beta1, beta2, t).squareRoot()
        : rules.denominator(correctedSquare, epsilon))
    weights[i] = Float(Double(given.w.scalars[i]) + rules.sign * Double(given.rate) * length)
    means[i] = Float(rules.keepsCorrected ? corrected : m)
    squares[i] = Float(rules.keepsCorrected ? correctedSquare : v)
  }
  func tensor(_ scalars: [Float]) -> Tensor { Tensor(scalars, shape: given.w.shape) }
  return (tensor(weights), tensor(means), tensor(squares))
}

private func expectStep(_ given: Case, of answer: AdamStepExercise.Answer, _ trial: Trial) throws {
  let (weights, mean, square) = try answer(
    given.w, given.g, given.m, given.v, given.t, given.rate, given.beta1, given.beta2, given.epsilon)
  let expected = step(given)
  let call = """
    adamStep(w, gradient: g, mean: m, square: v, step: \(given.t), learningRate: \(written(given.rate)), \
    beta1: \(written(given.beta1)), beta2: \(written(given.beta2)), epsilon: \(written(given.epsilon)))
    """
  func number(_ tensor: Tensor, _ place: [Int]) -> Float {
    tensor.scalars[zip(place, tensor.shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }
  let shown: KeyValuePairs<String, any Passable> = ["w": given.w, "g": given.g, "m": given.m, "v": given.v]
  trial.expect(
    mean, equals: expected.1, "\(call).m", given: shown, tolerance: 1e-4,
    by: { place in
      sumOfProducts([(given.beta1, number(given.m, place)), (1 - given.beta1, number(given.g, place))])
    })
  trial.expect(
    square, equals: expected.2, "\(call).v", given: shown, tolerance: 1e-4,
    by: { place in
      let g = number(given.g, place)
      return sumOfProducts([(given.beta2, number(given.v, place)), (1 - given.beta2, g * g)])
    })
  trial.expect(
    weights, equals: expected.0, "\(call).w", given: shown, tolerance: 1e-4,
    by: { place in
      let meanHat = number(expected.1, place) / (1 - pow(given.beta1, Float(given.t)))
      let squareHat = number(expected.2, place) / (1 - pow(given.beta2, Float(given.t)))
      return """
        m̂ = \(written(meanHat)), v̂ = \(written(squareHat)): \(written(number(given.w, place))) − \
        \(written(given.rate))·\(written(meanHat)) / (\(written(squareHat.squareRoot())) + \
        \(written(given.epsilon))) = \(written(number(expected.0, place)))
        """
    })
}
