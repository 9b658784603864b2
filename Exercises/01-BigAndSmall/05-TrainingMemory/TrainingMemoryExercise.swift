import ExerciseKit
import Practice

public final class TrainingMemoryExercise: Exercise {
  public typealias Answer =
    @Sendable (_ parameters: Int, _ activations: Int, _ batch: Int, _ bytes: Int) throws -> [Int]

  public init() {}

  public let title = "The memory that training needs"
  public let section = "1.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["trainingMemory"]
  public let solution: Answer = trainingMemory

  public func answer(of learner: Learner) -> Answer {
    { p, a, batch, bytes in try learner.call("trainingMemory", p, a, batch, bytes) }
  }

  public let hints = [
    "Take the four parts one by one. For each, ask how many numbers there are and how many bytes one of "
      + "them has.",
    "The list has four numbers: bP, bP, 4·2P (with b < 4: 4·3P), bAB. Only the activations grow with the "
      + "batch.",
    """
    let weights = parameters * …
    let numbersOfOptimiser = bytesPerNumber < 4 ? … : 2
    return [weights, …, 4 * numbersOfOptimiser * …, activationsPerExample * …]
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "four numbers", points: 1) { answer, trial in
      let bytes = try answer(10, 7, 3, 4)
      trial.expect(
        bytes.count, equals: 4, "the length of trainingMemory(…)", tolerance: 0,
        by: { _ in "weights, gradients, optimiser and activations are 4" })
    },
    Check(.byHand, "10 parameters in numbers of 4 bytes", points: 1) { answer, trial in
      try expectBytes(10, 7, 1, 4, of: answer, trial)
      try expectBytes(10, 7, 3, 4, of: answer, trial)
    },
    Check(.byHand, "10 parameters in numbers of 2 bytes", points: 1) { answer, trial in
      try expectBytes(10, 7, 3, 2, of: answer, trial)
    },
    Check(.property, "as one adds up number by number, for twelve trainings", points: 1) { answer, trial in
      var inputs = Inputs(seed: 15)
      for index in 0..<12 {
        try expectBytes(
          inputs.integer(1...400), inputs.integer(1...900), inputs.integer(1...64),
          [4, 2, 1, 8, 3][index % 5],
          of: answer, trial)
      }
    },
    Check(.property, "a model of 7 billion parameters: 112 billion bytes and more", points: 1) {
      answer, trial in
      // 16 bytes a parameter, as in the ZeRO paper (Rajbhandari et al. 2020, section 3.1).
      for bytes in [2, 4] {
        let memory = try answer(7_000_000_000, 1_000_000, 1, bytes)
        trial.expect(
          saturatingSum(memory.prefix(3)), equals: 112_000_000_000,
          "weights + gradients + optimiser of 7000000000 parameters, \(bytes) bytes a number", tolerance: 0,
          by: { _ in "16·7000000000 = 112000000000" })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "Adam keeps one number",
      advice: "You give the optimiser one number for each weight. Adam has two: the mean of the gradient "
        + "and that of its square."
    ) { memory($0, $1, $2, $3, moments: 1) },
    Mistake(
      "the optimiser's numbers are small too",
      advice: "The optimiser keeps its numbers in 4 bytes, whatever the others have."
    ) { p, a, batch, b in
      var bytes = memory(p, a, batch, b)
      bytes[2] = bytes[2] / 4 * b
      return bytes
    },
    Mistake(
      "the copy of the weights is forgotten",
      advice: "With fewer than 4 bytes a number, the optimiser also keeps a copy of the weights in 4 bytes."
    ) { p, a, batch, b in
      var bytes = memory(p, a, batch, b)
      bytes[2] = 8 * p
      return bytes
    },
    Mistake(
      "there is always a copy of the weights",
      advice: "With 4 bytes a number there is no second copy of the weights: the weights are exact enough."
    ) { p, a, batch, b in
      var bytes = memory(p, a, batch, b)
      bytes[2] = 12 * p
      return bytes
    },
    Mistake(
      "the activations of one example",
      advice: "You count the activations of one example. All B of a batch are kept until the way back."
    ) { p, a, _, b in memory(p, a, 1, b) },
    Mistake(
      "gradients for each example",
      advice: "Your gradients grow with the batch. They are added up: one for each weight, however many "
        + "examples."
    ) { p, a, batch, b in
      var bytes = memory(p, a, batch, b)
      bytes[1] *= batch
      return bytes
    },
    Mistake(
      "numbers instead of bytes",
      advice: "You count numbers. Multiply each by its bytes: b for most, 4 for the optimiser's."
    ) { p, a, batch, b in [p, p, (b < 4 ? 3 : 2) * p, a * batch] },
    Mistake(
      "all in 4 bytes",
      advice: "You take 4 bytes for every number. Weights, gradients and activations have bytesPerNumber."
    ) { p, a, batch, b in
      [4 * p, 4 * p, memory(p, a, batch, b)[2], 4 * a * batch]
    },
  ]
}

/// The definition, with the numbers Adam keeps for each weight beside a copy.
private func memory(_ p: Int, _ a: Int, _ batch: Int, _ b: Int, moments: Int = 2) -> [Int] {
  [b * p, b * p, 4 * moments * p + (b < 4 ? 4 * p : 0), b * a * batch]
}

private func expectBytes(
  _ p: Int, _ a: Int, _ batch: Int, _ b: Int, of answer: TrainingMemoryExercise.Answer, _ trial: Trial
) throws {
  // Number by number: what each parameter brings, and what each example does.
  var expected = [0, 0, 0, 0]
  for _ in 0..<p {
    expected[0] += b
    expected[1] += b
    expected[2] += 4 + 4
    if b < 4 { expected[2] += 4 }
  }
  for _ in 0..<batch { for _ in 0..<a { expected[3] += b } }
  trial.expect(
    try answer(p, a, batch, b), equals: expected,
    "trainingMemory(parameters: \(p), activationsPerExample: \(a), batch: \(batch), bytesPerNumber: \(b))",
    tolerance: 0,
    by: { place in
      switch place.first {
      case 0: "weights: \(b)·\(p) = \(expected[0])"
      case 1: "gradients: \(b)·\(p) = \(expected[1])"
      case 2: "optimiser: 4·\(b < 4 ? 3 : 2)·\(p) = \(expected[2])"
      default: "activations: \(b)·\(a)·\(batch) = \(expected[3])"
      }
    })
}
