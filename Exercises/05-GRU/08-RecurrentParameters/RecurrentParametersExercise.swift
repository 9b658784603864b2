import ExerciseKit
import Practice

public final class RecurrentParametersExercise: Exercise {
  public typealias Answer =
    @Sendable (_ sums: Int, _ inputSize: Int, _ hiddenSize: Int, _ layers: Int, _ isBidirectional: Bool)
    throws ->
    Int

  public init() {}

  public let title = "The parameters of recurrent layers"
  public let section = "5.5"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.nothing
  public let functions = ["recurrentParameters"]
  public let solution: Answer = { sums, inputSize, hiddenSize, layers, isBidirectional in
    try recurrentParameters(
      sums: sums, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers,
      isBidirectional: isBidirectional)
  }

  public func answer(of learner: Learner) -> Answer {
    { sums, inputSize, hiddenSize, layers, isBidirectional in
      try learner.call("recurrentParameters", sums, inputSize, hiddenSize, layers, isBidirectional)
    }
  }

  public let hints = [
    "Go through the layers one by one. What changes from the first to the others is how many numbers come in.",
    "One direction of one layer has sums·H·(D' + H + 2) parameters. D' is D in the first layer, and H times the number of "
      + "directions in the others. Each layer has as many directions as the first.",
    """
    let directions = isBidirectional ? 2 : 1
    for layer in 0..<layers {
      let width = layer == 0 ? inputSize : …
      total += directions * sums * hiddenSize * (width + … + 2)
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "one layer", points: 1) { answer, trial in
      for (sums, d, h) in [(1, 2, 3), (3, 2, 3), (3, 10, 4), (1, 1, 1)] {
        try expect(sums, d, h, 1, false, answer, trial)
      }
    },
    Check(.byHand, "two layers, and two directions", points: 1) { answer, trial in
      try expect(3, 2, 3, 2, false, answer, trial)
      try expect(1, 5, 2, 1, true, answer, trial)
      try expect(3, 2, 3, 2, true, answer, trial)
    },
    Check(.property, "as the formula says, for twenty sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 571)
      for index in 0..<20 {
        try expect(
          index % 2 == 0 ? 1 : 3, inputs.integer(1...300), inputs.integer(1...200), inputs.integer(1...5),
          index % 3 == 0, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "one bias for each sum",
      advice: "You count one bias. PyTorch and the engine have two: one beside the "
        + "input and one beside the state."
    ) { s, d, h, l, two in
      count(s, d, h, l, two, biases: 1)
    },
    Mistake(
      "without the biases", advice: "You count the weights alone. Each sum has two biases for each unit, too."
    ) {
      s, d, h, l, two in count(s, d, h, l, two, biases: 0)
    },
    Mistake(
      "the input's size in every layer",
      advice:
        "Every layer of yours reads D numbers. From the second on they read the states of the layer before."
    ) { s, d, h, l, two in l * count(s, d, h, 1, two) },
    Mistake(
      "one direction's states for the next layer",
      advice: "With two directions the next layer reads the states of both side by side: 2H numbers, not H."
    ) { s, d, h, l, two in
      two ? 2 * count(s, d, h, l, false) : count(s, d, h, l, false)
    },
    Mistake(
      "the weights of one direction",
      advice: "You count one direction. The other has weights of its own, as many."
    ) { s, d, h, l, two in two ? count(s, d, h, l, true) / 2 : count(s, d, h, l, false) },
    Mistake(
      "both directions count in one layer's weights for the state",
      advice: "Your state's weights are for 2H numbers. Each direction reads its own state alone: H·H."
    ) { s, d, h, l, two in count(s, d, h, l, two) + (two ? 2 * s * h * h * l : 0) },
    Mistake("without the sums", advice: "You count one sum. A GRU has three: two gates and the candidate.") {
      s, d, h, l, two in count(1, d, h, l, two)
    },
    Mistake("one layer", advice: "You count one layer. There are as many as `layers` says.") {
      s, d, h, l, two in
      count(s, d, h, 1, two)
    },
  ]
}

private func count(_ sums: Int, _ d: Int, _ h: Int, _ layers: Int, _ isBidirectional: Bool, biases: Int = 2)
  -> Int
{
  let directions = isBidirectional ? 2 : 1
  return (0..<layers).reduce(0) { $0 + directions * sums * h * (($1 == 0 ? d : directions * h) + h + biases) }
}

private func expect(
  _ sums: Int, _ d: Int, _ h: Int, _ layers: Int, _ two: Bool, _ answer: RecurrentParametersExercise.Answer,
  _ trial: Trial
) throws {
  trial.expect(
    try answer(sums, d, h, layers, two), equals: count(sums, d, h, layers, two),
    "recurrentParameters(sums: \(sums), inputSize: \(d), hiddenSize: \(h), layers: \(layers), isBidirectional: \(two))",
    by: { _ in
      let directions = two ? 2 : 1
      let parts = (0..<layers).map { layer in
        "\(directions * sums)·\(h)·(\(layer == 0 ? d : directions * h) + \(h) + 2)"
      }
      return "\(parts.joined(separator: " + ")) = \(count(sums, d, h, layers, two))"
    })
}
