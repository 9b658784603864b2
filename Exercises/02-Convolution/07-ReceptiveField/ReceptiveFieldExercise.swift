import ExerciseKit
import Practice

public final class ReceptiveFieldExercise: Exercise {
  public typealias Answer = @Sendable (_ k: [Int], _ s: [Int], _ d: [Int]) throws -> [Int]

  public init() {}

  public let title = "How much does a number see?"
  public let section = "2.8"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["receptiveFields"]
  public let solution: Answer = receptiveFields

  public func answer(of learner: Learner) -> Answer {
    { k, s, d in try learner.call("receptiveFields", k, s, d) }
  }

  public let hints = [
    "Go through the layers from the input on and carry two numbers along: how much a number sees, and how far apart "
      + "two neighbours look.",
    "Start with r = 1 and j = 1. For each layer first r grows by d (k − 1) · j, with the jump of the layers before it; "
      + "then j is multiplied by s.",
    """
    var (field, jump) = (1, 1)
    var fields: [Int] = []
    for layer in k.indices {
      field += … * jump
      jump *= …
      fields.append(field)
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "one layer sees as much as its kernel spans", points: 1) { answer, trial in
      try expectFields([5], [1], [1], of: answer, trial)
      try expectFields([3], [2], [4], of: answer, trial)
    },
    Check(.byHand, "kernels of 3, and a stride of 2 in the first layer", points: 1) { answer, trial in
      try expectFields([3, 3, 3], [1, 1, 1], [1, 1, 1], of: answer, trial)
      try expectFields([3, 3], [2, 1], [1, 1], of: answer, trial)
      try expectFields([3, 3, 2], [2, 3, 1], [1, 1, 1], of: answer, trial)
    },
    Check(.byHand, "windows 5, 2, 5, 2 with strides 1, 2, 1, 2 see 16", points: 1) { answer, trial in
      try expectFields([5, 2, 5, 2], [1, 2, 1, 2], [1, 1, 1, 1], of: answer, trial)
    },
    Check(.byHand, "dilations of 1, 2, 4 double the field each time", points: 1) { answer, trial in
      try expectFields([2, 2, 2], [1, 1, 1], [1, 2, 4], of: answer, trial)
      try expectFields([3, 3], [2, 1], [1, 3], of: answer, trial)
    },
    Check(.property, "as one finds by going back to the input, for thirty stacks", points: 1) {
      answer, trial in
      var inputs = Inputs(seed: 71)
      for _ in 0..<30 {
        let layers = inputs.integer(1...5)
        func numbers(_ range: ClosedRange<Int>) -> [Int] { (0..<layers).map { _ in inputs.integer(range) } }
        try expectFields(numbers(1...4), numbers(1...3), numbers(1...3), of: answer, trial)
      }
      try expectFields([11, 7, 3, 5, 2, 3], [4, 2, 1, 3, 2, 1], [1, 2, 4, 1, 3, 2], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the layer's own stride spreads it",
      advice: """
        You multiply the jump by the layer's stride before you use it. A layer's stride moves its results apart, not \
        what it looks at: let r grow first.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r + d[l] * (k[l] - 1) * j * s[l], j * s[l]) }
    },
    Mistake(
      "the strides are left out",
      advice: """
        Your fields do not grow with the strides. Behind a stride of 2, one step is two numbers of the \
        input.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r + d[l] * (k[l] - 1), j) }
    },
    Mistake(
      "only the stride just before counts",
      advice: """
        You take the stride of one layer for the jump. The jump is the product of all strides before it: j \
        *= s.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r + d[l] * (k[l] - 1) * j, s[l]) }
    },
    Mistake(
      "the strides are added",
      advice: """
        You add the strides. A stride of 2 behind a stride of 3 makes steps of 6: the jump is their \
        product.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r + d[l] * (k[l] - 1) * j, l == 0 ? s[l] : j + s[l]) }
    },
    Mistake(
      "the dilation is left out",
      advice: """
        Your fields do not grow with d. A dilated kernel spans d (k − 1) + 1 numbers, so r grows by d (k − \
        1) · j.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r + (k[l] - 1) * j, j * s[l]) }
    },
    Mistake(
      "the whole kernel is added",
      advice: "You let r grow by k · j. One of the k numbers was counted already: r grows by d (k − 1) · j."
    ) { k, s, d in
      grown(k) { r, j, l in (r + d[l] * k[l] * j, j * s[l]) }
    },
    Mistake(
      "the fields are multiplied",
      advice: """
        You multiply the kernels. Neighbouring windows overlap: r grows by d (k − 1) · j, it is not \
        multiplied.
        """
    ) { k, s, d in
      grown(k) { r, j, l in (r * (d[l] * (k[l] - 1) + 1), j) }
    },
    Mistake(
      "the field starts at nothing",
      advice: "Your fields are one too small: a number of the input sees itself, so r begins at 1."
    ) { k, s, d in
      try receptiveFields(kernels: k, strides: s, dilations: d).map { $0 - 1 }
    },
  ]
}

/// Receptive fields by a rule that says how field and jump go on at a layer.
private func grown(_ k: [Int], _ rule: (_ r: Int, _ j: Int, _ layer: Int) -> (Int, Int)) -> [Int] {
  var (r, j) = (1, 1)
  return k.indices.map { layer in
    (r, j) = rule(r, j, layer)
    return r
  }
}

/// Compares one answer with what one finds by going back from a number to all that it is made of.
private func expectFields(
  _ k: [Int], _ s: [Int], _ d: [Int], of answer: ReceptiveFieldExercise.Answer, _ trial: Trial
) throws {
  let expected = k.indices.map { last in
    var seen: Set = [0]
    for layer in (0...last).reversed() {
      seen = Set(seen.flatMap { i in (0..<k[layer]).map { i * s[layer] + $0 * d[layer] } })
    }
    return seen.max()! - seen.min()! + 1
  }
  trial.expect(
    try answer(k, s, d), equals: expected, "receptiveFields(kernels: \(k), strides: \(s), dilations: \(d))",
    by: { place in
      let layer = place.first ?? 0
      let before = layer == 0 ? 1 : expected[layer - 1]
      let jump = s[..<layer].reduce(1, *)
      let factors = layer == 0 ? "1" : s[..<layer].map(String.init).joined(separator: "·")
      return """
        the jump before layer \(layer + 1) is \(factors)\(layer > 1 ? " = \(jump)" : ""), and \
        \(before) + \(d[layer])·(\(k[layer]) − 1)·\(jump) = \(expected[layer])
        """
    })
}
