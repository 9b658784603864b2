import ExerciseKit
import Practice

public final class GradientNoiseExercise: Exercise {
  public typealias Answer = @Sendable (_ gradients: Tensor, _ n: Int) throws -> (Double, Double)

  public init() {}

  public let title = "How noisy gradients are"
  public let section = "11.2"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["gradientNoise"]
  public let solution: Answer = { try gradientNoise($0, group: $1) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("gradientNoise", $0, $1) } }

  public let hints = [
    "Write one function that gives the squared length of the mean gradient of a range of examples; small and large batches are both "
      + "ranges.",
    "Sum the squared lengths over everything, divide once by how many there were, and put the two means into the formulas: "
      + "|G|² = (N b − n a) / (N − n), tr Σ = (a − b) / (1/n − 1/N).",
    """
    for batch in 0..<batches {
      b += square(batch, 0..<count)
      for start in stride(from: 0, to: count, by: n) { a += square(batch, …) }
    }
    a /= Double(…)
    b /= Double(batches)
    return ((large * b - small * a) / …, (a - b) / …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "four gradients of one number, two ways", points: 1) { answer, trial in
      try expectNoise(Tensor([1, 5, 3, -1], shape: [1, 4, 1]), 2, of: answer, trial)
      try expectNoise(Tensor([1, 3, 5, -1], shape: [1, 4, 1]), 2, of: answer, trial)
    },
    Check(.byHand, "two batches of six, groups of two and of three, two numbers each", points: 2) {
      answer, trial in
      let x = Tensor(
        [6, 1, 0, 3, -2, 5, 4, -1, 1, 2, 3, 2, 9, 0, 7, -4, 2, 2, 8, 1, 0, 5, 4, -4], shape: [2, 6, 2])
      try expectNoise(x, 2, of: answer, trial)
      try expectNoise(x, 3, of: answer, trial)
    },
    Check(.property, "as the definition says, for eight shapes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1103)
      for (k, groups, n, d) in [
        (1, 2, 1, 3), (2, 3, 1, 1), (3, 2, 4, 2), (1, 5, 2, 4), (4, 2, 3, 1), (2, 4, 2, 5), (5, 3, 2, 2),
        (3, 6, 1, 3),
      ] {
        try expectNoise(inputs.quarters([k, groups * n, d]), n, of: answer, trial)
      }
    },
    Check(.property, "of known noise: |G|² = 5.25 and tr Σ = 14, within a tenth", points: 1) {
      answer, trial in
      var inputs = Inputs(seed: 1104)
      // Means 1, −2 and 0.5; deviations 1, 2 and 3.
      let noise = inputs.normal([500, 16, 3])
      let x = Tensor(
        noise.scalars.enumerated().map { i, z in [1, -2, 0.5][i % 3] + Float(i % 3 + 1) * z },
        shape: [500, 16, 3])
      let (square, trace) = try answer(x, 2)
      trial.expect(
        abs(square / 5.25 - 1) < 0.1 && abs(trace / 14 - 1) < 0.1,
        "|G|² lies within a tenth of 5.25, and tr Σ of 14", about: [square, trace])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("the lengths are not squared", advice: "You take the mean of |g|. The formulas hold for |g|².") {
      $0.power = 1
    },
    wrong(
      "sums instead of means",
      advice: "Your gradient of a group is the sum of its examples' gradients: it should be their mean."
    ) { $0.sums = true },
    wrong(
      "single examples for small batches",
      advice:
        "Your a is over single examples. A small batch has n of them: take the mean gradient of each group first."
    ) { $0.single = true },
    wrong(
      "groups across the batch",
      advice: "Your groups take every (N/n)-th example. A group is n examples one after the other."
    ) { $0.strided = true },
    wrong(
      "N and n exchanged in |G|²",
      advice:
        "In |G|² the large batch's mean is multiplied with N, and the small one's with n: (N b − n a) / (N − n)."
    ) { $0.exchanged = true },
    wrong(
      "the large batch is taken for the truth",
      advice: "You give b for |G|². A large batch has noise too: (N b − n a) / (N − n) takes it out."
    ) { $0.biased = true },
    wrong(
      "not divided by 1/n − 1/N",
      advice:
        "You give a − b for tr Σ. That is the noise of a small batch over a large one: divide by 1/n − 1/N."
    ) { $0.undivided = true },
    wrong(
      "the first batch only", advice: "You use one batch. Take the means over all K of them."
    ) { $0.first = true },
  ]
}

/// What an answer does.
private struct Program: Sendable {
  var power = 2
  var sums = false
  var single = false
  var strided = false
  var exchanged = false
  var biased = false
  var undivided = false
  var first = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  GradientNoiseExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { noise($0, $1, changed) }
}

private func noise(_ x: Tensor, _ n: Int, _ program: Program = Program()) -> (Double, Double) {
  let (a, b) = means(x, n, program)
  let (small, large) = (Double(n), Double(x.shape[1]))
  var square = (large * b - small * a) / (large - small)
  if program.exchanged { square = (small * b - large * a) / (small - large) }
  if program.biased { square = b }
  return (square, program.undivided ? a - b : (a - b) / (1 / small - 1 / large))
}

private func means(_ x: Tensor, _ n: Int, _ program: Program) -> (Double, Double) {
  let (batches, count, length) = (program.first ? 1 : x.shape[0], x.shape[1], x.shape[2])
  func square(_ batch: Int, _ examples: [Int]) -> Double {
    let sum = (0..<length).reduce(0.0) { total, d in
      var mean = examples.reduce(0.0) { $0 + Double(x[batch, $1, d]) }
      if !program.sums { mean /= Double(examples.count) }
      return total + mean * mean
    }
    return program.power == 1 ? sum.squareRoot() : sum
  }
  let width = program.single ? 1 : n
  let groups = count / width
  let small = (0..<batches).flatMap { batch in
    (0..<groups).map { group in
      square(
        batch, (0..<width).map { program.strided ? group + $0 * groups : group * width + $0 })
    }
  }
  let large = (0..<batches).map { square($0, Array(0..<count)) }
  return (small.reduce(0, +) / Double(small.count), large.reduce(0, +) / Double(large.count))
}

private func expectNoise(
  _ x: Tensor, _ n: Int, of answer: GradientNoiseExercise.Answer, _ trial: Trial
) throws {
  let (square, trace) = try answer(x, n)
  let expected = noise(x, n)
  let (a, b) = means(x, n, Program())
  trial.expect(
    [square, trace], equals: [expected.0, expected.1],
    "gradientNoise(gradients, group: \(n)), as [|G|², tr Σ]",
    given: ["gradients": x],
    by: { place in
      let count = x.shape[1]
      let means = "a = \(a.shortText), b = \(b.shortText): "
      return place == [0]
        ? means + "(\(count)·\(b.shortText) − \(n)·\(a.shortText)) / \(count - n) = \(expected.0.shortText)"
        : means + "(\(a.shortText) − \(b.shortText)) / (1/\(n) − 1/\(count)) = \(expected.1.shortText)"
    })
}
