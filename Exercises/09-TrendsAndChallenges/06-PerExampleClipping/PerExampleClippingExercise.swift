import ExerciseChannel
import ExerciseKit
import Practice

public final class PerExampleClippingExercise: Exercise {
  public typealias Answer =
    @Sendable (_ gradients: [Tensor], _ clip: Float, _ sigma: Float, _ noise: [Tensor], _ size: Int) throws ->
    [Tensor]

  public init() {}

  public let title = "One gradient of DP-SGD"
  public let section = "9.7"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.sliced"])
  public let functions = ["privateGradients"]
  public let solution: Answer = {
    try privateGradients($0, clip: $1, noiseMultiplier: $2, noise: $3, batchSize: $4)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("privateGradients", $0, $1, $2, $3, $4) }
  }

  public let hints = [
    "Take one example after the other. For each: collect its part of every parameter, find one norm for all of it, shorten all of it by "
      + "one factor, add it to the sums. The noise comes once, at the end or at the beginning.",
    "gradients[i].row(n) is example n's gradient of parameter i. norm_n sums over all i. Each sum gets its row times min(1, C/norm_n), "
      + "and σ C z once; at the end divide by batchSize, not by the number of examples.",
    """
    var sums = noise.map { $0 * (…) }
    for n in 0..<gradients[0].shape[0] {
      let own = gradients.map { $0.row(n) }
      var squares = 0.0
      for part in own { for g in part.scalars { squares += … } }
      let factor = …
      for i in sums.indices { sums[i] += own[i] * factor }
    }
    return sums.map { $0 / Float(…) }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many gradients as parameters, of their shapes", points: 1) { answer, trial in
      let step = Step([[2, 3], [4], [1, 2, 2]], count: 5, seed: 961)
      let result = try step.result(of: answer)
      for (i, noise) in step.noise.enumerated() {
        trial.expect(
          i < result.count ? result[i] : Tensor.zeros([0]), hasShape: noise.shape, "\(step.call)[\(i)]",
          by: "the gradients of parameter \(i) are \(step.gradients[i].shape), \(step.count) examples")
      }
    },
    Check(.byHand, "two examples, one of which is too long", points: 1) { answer, trial in
      let (gradients, noise) = (
        [Tensor([[3], [0]]), Tensor([[0, 4], [0.5, 0]])], [Tensor([2]), Tensor([-4, 0])]
      )
      for (clip, sigma, size) in [(1, 0.5, 4), (4, 2, 3), (10, 0, 1)] as [(Float, Float, Int)] {
        try Step(gradients, clip, sigma, noise, size).expect(answer, trial)
      }
      try Step(
        [Tensor([[1], [-2]]), Tensor([[2, -2], [0, 1]])], 1, 0.5, [Tensor([-2]), Tensor([2, 6])], 4
      ).expect(answer, trial)
    },
    Check(
      .byHand, "three examples of norms 13, 0 and 3, and one that is just as long as it may be", points: 1
    ) {
      answer, trial in
      let gradients = [
        Tensor([[3, -4], [0, 0], [1, 2]]), Tensor([[-12, 0, 0], [0, 0, 0], [0, -2, 0]]),
      ]
      let noise = [Tensor([1, -2]), Tensor([4, 0, -1])]
      for (clip, sigma, size) in [(6.5, 0.25, 2), (3, 1, 5), (26, 0.5, 4)] as [(Float, Float, Int)] {
        try Step(gradients, clip, sigma, noise, size).expect(answer, trial)
      }
    },
    Check(.property, "as the formulas say, for twelve batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 962)
      for index in 0..<12 {
        let shapes = (0..<inputs.integer(1...3)).map { _ in
          (0..<inputs.integer(1...3)).map { _ in inputs.integer(1...3) }
        }
        try Step(shapes, count: inputs.integer(1...6), seed: 9_630 + UInt64(index)).expect(answer, trial)
      }
    },
    Check(
      .property, "a batch without examples, and gradients whose squares are too large for Float", points: 1
    ) {
      answer, trial in
      try Step(
        [Tensor.zeros([0, 2]), Tensor.zeros([0, 1, 3])], 2, 0.5,
        [Tensor([1, -3]), Tensor([[2, 0, 5]])], 4
      ).expect(answer, trial)
      try Step(
        [Tensor([[3e20, 1], [1, 2]]), Tensor([[-4e20], [2]])], 1.5, 1, [Tensor([1, 2]), Tensor([-1])], 2
      ).expect(answer, trial)
    },
    Check(.property, "whatever takes an example's place, the result moves by at most 2C/B", points: 1) {
      answer, trial in
      let step = Step([[2, 3], [4]], count: 4, seed: 964)
      let before = try step.result(of: answer).flatMap(\.scalars)
      for scale in [-1, 5, -1_000] as [Float] {
        let after = try step.multiplying(example: 1, by: scale).result(of: answer).flatMap(\.scalars)
        let moved = zip(before, after).reduce(0.0) { sum, pair in
          sum + (Double(pair.0) - Double(pair.1)) * (Double(pair.0) - Double(pair.1))
        }.squareRoot()
        trial.expect(
          moved <= 2 * Double(step.clip) / Double(step.size) * 1.0001 && before.count == 10,
          "example 1 multiplied by \(written(scale)): the result moves by at most 2·\(written(step.clip))/\(step.size)",
          about: moved)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "each parameter is clipped by itself",
      advice: "You clip each parameter by its own norm. An example has one norm, over all its parameters."
    ) { $0.result(clipping: .parameters) },
    wrong(
      "the sum is clipped",
      advice:
        "You clip the sum of the examples. Then one of them can still turn it as it likes: clip each, then add."
    ) { $0.result(clipping: .sum) },
    wrong(
      "the mean is clipped",
      advice:
        "You clip the mean of the batch, as training without privacy does. Clip each example, then add."
    ) { $0.result(clipping: .mean) },
    wrong("nothing is clipped", advice: "Nothing bounds an example. Shorten each to the norm C.") {
      $0.result(clipping: .none)
    },
    wrong(
      "short ones are lengthened",
      advice: "You give every example the norm C. Only longer ones are changed: min(1, C/norm)."
    ) { $0.result(clipping: .always) },
    wrong(
      "number by number",
      advice: "You hold each number within ±C. It is the norm that may not be longer than C."
    ) { $0.result(clipping: .numbers) },
    wrong(
      "the norm without the root", advice: "You use the sum of the squares. The norm is its square root."
    ) { $0.result(clipping: .squares) },
    wrong(
      "noise for every example",
      advice: "You add noise to every example. It is added once, to the sum."
    ) { $0.result(noise: $0.sigma * $0.clip * Float($0.count)) },
    wrong("noise of σ alone", advice: "Your noise is σ z. It is σ C z: as large as one example can pull.") {
      $0.result(noise: $0.sigma)
    },
    wrong(
      "noise after dividing",
      advice: "You add the noise to the mean, and so B times too much. Add it to the sum, then divide."
    ) { $0.result(noise: $0.sigma * $0.clip * Float($0.size)) },
    wrong(
      "noise divided twice",
      advice: "Your noise is divided by B twice, so it hides nothing. Add σ C z to the sum, then divide once."
    ) { $0.result(noise: $0.sigma * $0.clip / Float($0.size)) },
    wrong(
      "divided by the examples that came",
      advice: "You divide by the number of examples. It tells how many came: divide by batchSize."
    ) { $0.result(size: max(1, $0.count)) },
    wrong("not divided", advice: "Your result is a sum. Divide it, noise and all, by batchSize.") {
      $0.result(size: 1)
    },
    wrong(
      "squares in Float",
      advice:
        "Your sum of squares overflows for large gradients, and their factor becomes 0. Add up in Double."
    ) { $0.result(clipping: .float) },
  ]
}

private func wrong(_ name: String, advice: String, _ result: @escaping @Sendable (Step) -> [Tensor])
  -> Mistake<PerExampleClippingExercise.Answer>
{
  Mistake(name, advice: advice) { result(Step($0, $1, $2, $3, $4)) }
}

private enum Clipping { case examples, parameters, sum, mean, none, always, numbers, squares, float }

/// One question, and its answers in Double.
private struct Step {
  var gradients: [Tensor]
  let noise: [Tensor]
  let clip, sigma: Float
  let size: Int

  init(_ gradients: [Tensor], _ clip: Float, _ sigma: Float, _ noise: [Tensor], _ size: Int) {
    (self.gradients, self.clip, self.sigma, self.noise, self.size) = (gradients, clip, sigma, noise, size)
  }

  init(_ shapes: [[Int]], count: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    let gradients = shapes.map { inputs.normal([count] + $0) }
    let noise = shapes.map { inputs.normal($0) }
    // About half of the examples are longer than this.
    let numbers = shapes.reduce(0) { $0 + $1.reduce(1, *) }
    self.init(
      gradients, Float(numbers).squareRoot() * 0.9, [0.5, 1.1, 2][inputs.integer(0...2)], noise,
      inputs.integer(2...7))
  }

  var count: Int { gradients[0].shape[0] }

  /// The same with one example's gradients multiplied.
  func multiplying(example n: Int, by scale: Float) -> Step {
    var other = self
    other.gradients = gradients.enumerated().map { i, gradient in
      let own = n * noise[i].count..<(n + 1) * noise[i].count
      return Tensor(
        gradient.scalars.enumerated().map { own.contains($0) ? $1 * scale : $1 }, shape: gradient.shape)
    }
    return other
  }

  /// The numbers of example `n` for parameter `i`.
  private func numbers(_ n: Int, _ i: Int) -> [Double] {
    let width = noise[i].count
    return gradients[i].scalars[n * width..<(n + 1) * width].map(Double.init)
  }

  func norm(_ n: Int) -> Double { Self.norm(noise.indices.map { numbers(n, $0) }) }

  private static func norm(_ parts: [[Double]]) -> Double {
    parts.reduce(0) { $1.reduce($0) { $0 + $1 * $1 } }.squareRoot()
  }

  private func shortened(_ parts: [[Double]], norm: Double) -> [[Double]] {
    let factor = norm > Double(clip) ? Double(clip) / norm : 1
    return parts.map { $0.map { $0 * factor } }
  }

  private func clipped(_ parts: [[Double]], _ clipping: Clipping) -> [[Double]] {
    let (norm, clip) = (Self.norm(parts), Double(clip))
    switch clipping {
    case .examples: return shortened(parts, norm: norm)
    case .parameters: return parts.flatMap { shortened([$0], norm: Self.norm([$0])) }
    case .sum, .mean, .none: return parts
    case .always: return norm == 0 ? parts : parts.map { $0.map { $0 * clip / norm } }
    case .numbers: return parts.map { $0.map { Swift.min(Swift.max($0, -clip), clip) } }
    case .squares: return shortened(parts, norm: norm * norm)
    case .float:
      let squares = parts.joined().reduce(Float(0)) { $0 + Float($1) * Float($1) }
      return shortened(parts, norm: Double(squares.squareRoot()))
    }
  }

  /// - Parameters:
  ///   - scale: What the given noise is multiplied by; σ C if not given.
  ///   - divisor: What the sum is divided by; the expected size if not given.
  func result(
    clipping: Clipping = .examples, noise scale: Float? = nil, size divisor: Int? = nil
  ) -> [Tensor] {
    var sums = noise.map { [Double](repeating: 0, count: $0.count) }
    for n in 0..<count {
      let parts = clipped(noise.indices.map { numbers(n, $0) }, clipping)
      for i in sums.indices { sums[i] = zip(sums[i], parts[i]).map(+) }
    }
    if clipping == .sum { sums = shortened(sums, norm: Self.norm(sums)) }
    if clipping == .mean { sums = shortened(sums, norm: Self.norm(sums) / Double(Swift.max(1, count))) }
    let scale = Double(scale ?? sigma * clip)
    return zip(sums, noise).map { sum, z in
      Tensor(
        zip(sum, z.scalars).map { Float(($0 + scale * Double($1)) / Double(divisor ?? size)) },
        shape: z.shape)
    }
  }

  var call: String {
    "privateGradients(gradients, clip: \(written(clip)), noiseMultiplier: \(written(sigma)), noise: z, "
      + "batchSize: \(size))"
  }

  func result(of answer: PerExampleClippingExercise.Answer) throws -> [Tensor] {
    try answer(gradients, clip, sigma, noise, size)
  }

  func expect(_ answer: PerExampleClippingExercise.Answer, _ trial: Trial) throws {
    let (yours, expected) = (try result(of: answer), result())
    for (i, right) in expected.enumerated() {
      trial.expect(
        i < yours.count ? yours[i] : Tensor.zeros([0]), equals: right, "\(call)[\(i)]",
        given: ["gradients[\(i)]": gradients[i], "z[\(i)]": noise[i]], tolerance: 1e-4,
        by: { _ in
          let factors = (0..<count).map {
            "\(written(Float(norm($0)))): times \(written(Float(Swift.min(1, Double(clip) / norm($0)))))"
          }
          return
            (factors.isEmpty
            ? "no examples" : "the norms of the examples, \(factors.joined(separator: ", "))")
            + "; noise \(written(sigma))·\(written(clip))·z, all divided by \(size)"
        })
    }
  }
}
