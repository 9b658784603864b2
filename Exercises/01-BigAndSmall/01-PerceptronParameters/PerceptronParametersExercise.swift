import ExerciseKit
import Practice

public final class PerceptronParametersExercise: Exercise {
  public typealias Answer = @Sendable (_ sizes: [Int], _ hasBias: Bool) throws -> Int

  public init() {}

  public let title = "Counting the parameters of a perceptron"
  public let section = "1.2"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.nothing
  public let functions = ["perceptronParameters"]
  public let solution: Answer = perceptronParameters

  public func answer(of learner: Learner) -> Answer {
    { sizes, hasBias in try learner.call("perceptronParameters", sizes, hasBias) }
  }

  public let hints = [
    "A layer lies between two sizes that stand side by side in the list. Go through these pairs and add up "
      + "what each layer has.",
    "Layer l has a weight for each pair of an input and an output, D_{l−1}·D_l in all, and a bias for each "
      + "output, D_l. A list of n sizes has n − 1 layers.",
    """
    var count = 0
    for (inputs, outputs) in zip(sizes, …) {
      count += …
    }
    return count
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "one layer, 3 → 2: 6 weights and 2 biases", points: 1) { answer, trial in
      try expectCount([3, 2], true, of: answer, trial)
      try expectCount([3, 2], false, of: answer, trial)
      try expectCount([1, 5], true, of: answer, trial)
    },
    Check(.byHand, "two layers, 3 → 4 → 2: 26 parameters", points: 1) { answer, trial in
      try expectCount([3, 4, 2], true, of: answer, trial)
      try expectCount([3, 4, 2], false, of: answer, trial)
      try expectCount([784, 128, 10], true, of: answer, trial)
    },
    Check(.byHand, "no layer, no parameters", points: 1) { answer, trial in
      try expectCount([7], true, of: answer, trial)
      try expectCount([7], false, of: answer, trial)
    },
    Check(.property, "as one counts them one by one, for twenty perceptrons", points: 1) { answer, trial in
      var inputs = Inputs(seed: 11)
      for index in 0..<20 {
        let sizes = (0..<inputs.integer(2...6)).map { _ in inputs.integer(1...12) }
        try expectCount(sizes, index % 3 != 0, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake("the biases are forgotten", advice: "You count only weights. Each output has a bias as well.") {
      sizes, _ in countOneByOne(sizes, hasBias: false)
    },
    Mistake(
      "the biases are always counted", advice: "You count biases where there are none: look at hasBias."
    ) { sizes, _ in countOneByOne(sizes, hasBias: true) },
    Mistake(
      "a bias for each input", advice: "You count a bias for each input. The bias is added to each output."
    ) { sizes, hasBias in
      zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 + (hasBias ? $1.0 : 0) }
    },
    Mistake(
      "one bias for each layer",
      advice: "You count one bias for a layer. Each of its outputs has one of its own."
    ) { sizes, hasBias in
      countOneByOne(sizes, hasBias: false) + (hasBias ? sizes.count - 1 : 0)
    },
    Mistake(
      "biases for the numbers that go in",
      advice: "You count a bias for every size, also for the first. Nothing is added to what goes in."
    ) { sizes, hasBias in
      countOneByOne(sizes, hasBias: false) + (hasBias ? sizes.reduce(0, +) : 0)
    },
    Mistake(
      "only the first and the last size",
      advice: "You went from the first size to the last at once. Count each layer between them."
    ) { sizes, hasBias in
      sizes.count < 2 ? 0 : countOneByOne([sizes[0], sizes[sizes.count - 1]], hasBias: hasBias)
    },
    Mistake(
      "all sizes multiplied",
      advice: "You multiplied all sizes with each other. Layers follow one another: add up what each has."
    ) { sizes, hasBias in
      sizes.count < 2 ? 0 : sizes.reduce(1, *) + (hasBias ? sizes.dropFirst().reduce(0, +) : 0)
    },
    Mistake(
      "the last layer is left out",
      advice: "Your loop ends one layer too early. A list of n sizes has n − 1 layers; none is left out."
    ) { sizes, hasBias in
      countOneByOne(Array(sizes.count > 2 ? sizes.dropLast() : sizes[...]), hasBias: hasBias)
    },
  ]
}

/// Counts every weight and every bias on its own.
private func countOneByOne(_ sizes: [Int], hasBias: Bool) -> Int {
  var count = 0
  for layer in 1..<max(sizes.count, 1) {
    for _ in 0..<sizes[layer] {
      for _ in 0..<sizes[layer - 1] { count += 1 }
      if hasBias { count += 1 }
    }
  }
  return count
}

private func expectCount(
  _ sizes: [Int], _ hasBias: Bool, of answer: PerceptronParametersExercise.Answer, _ trial: Trial
) throws {
  let expected = countOneByOne(sizes, hasBias: hasBias)
  trial.expect(
    try answer(sizes, hasBias), equals: expected,
    "perceptronParameters(sizes: \(sizes), hasBias: \(hasBias))",
    tolerance: 0,
    by: { _ in
      if sizes.count < 2 { return "there is no layer: 0" }
      let layers = zip(sizes, sizes.dropFirst()).map { hasBias ? "(\($0)·\($1) + \($1))" : "\($0)·\($1)" }
      return "\(layers.joined(separator: " + ")) = \(expected)"
    })
}
