import ExerciseKit
import Practice

public final class CrossCorrelation1dExercise: Exercise {
  public typealias Answer = @Sendable (_ x: [Float], _ w: [Float]) throws -> [Float]

  public init() {}

  public let title = "Cross-correlation in one dimension"
  public let section = "2.1"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["crossCorrelate1d"]
  public let solution: Answer = crossCorrelate1d

  public func answer(of learner: Learner) -> Answer {
    { x, w in try learner.call("crossCorrelate1d", x, w) }
  }

  public let hints = [
    "Two loops, one in the other: the outer one goes through the places of the result, the inner one through the "
      + "kernel. At each place start from 0 and add.",
    "The result has x.count − w.count + 1 numbers. Number i is the sum of w[a] * x[i + a] over all a in w.indices.",
    """
    var y = [Float](repeating: 0, count: …)
    for i in y.indices {
      for a in w.indices { y[i] += … }
    }
    return y
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "5 numbers and a kernel of 2 give 4", points: 1) { answer, trial in
      for (n, k) in [(5, 2), (7, 3), (4, 4), (6, 1)] {
        var inputs = Inputs(seed: UInt64(n * 10 + k))
        let (x, w) = (inputs.integers(n), inputs.integers(k))
        trial.expect(
          Tensor(try answer(x, w)), hasShape: [n - k + 1], "crossCorrelate1d(x, w)", given: ["x": x, "w": w],
          by: "\(n) − \(k) + 1 = \(n - k + 1) places where all of the kernel lies on the input")
      }
    },
    Check(.byHand, "[1, 2, 4, 7] and [−1, 2] give [3, 6, 10]", points: 1) { answer, trial in
      try expectSlide([1, 2, 4, 7], [-1, 2], of: answer, trial)
      try expectSlide([3, 1, 4, 1, 5], [2, 0, -1], of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 21)
      for _ in 0..<12 {
        let k = inputs.integer(1...6)
        let n = inputs.integer(k...20)
        try expectSlide(inputs.integers(n), inputs.integers(k), of: answer, trial)
      }
      try expectSlide(inputs.quarters(40), inputs.quarters(9), of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the kernel is flipped",
      advice: """
        You flipped the kernel: its last weight meets the first number. That is the mathematician's convolution; \
        the layer that is called convolution does not flip.
        """
    ) { x, w in
      try crossCorrelate1d(x, w.reversed())
    },
    Mistake(
      "the products replace each other",
      advice:
        "Only the last product of each place is left: add each one to y[i] with += instead of setting it."
    ) { x, w in
      (0...x.count - w.count).map { i in w[w.count - 1] * x[i + w.count - 1] }
    },
    Mistake(
      "the sum is not set back",
      advice: "The sum of one place goes on into the next: begin every place with a sum of 0."
    ) { x, w in
      var sum: Float = 0
      return (0...x.count - w.count).map { i in
        for a in w.indices { sum += w[a] * x[i + a] }
        return sum
      }
    },
    Mistake(
      "the mean instead of the sum",
      advice:
        "You divided by the length of the kernel. The weights already say how much each number counts: only add."
    ) { x, w in
      try crossCorrelate1d(x, w).map { $0 / Float(w.count) }
    },
    Mistake(
      "the kernel is centred",
      advice:
        "Your kernel has its middle at place i. Here its first weight is at place i: multiply w[a] by x[i + a]."
    ) { x, w in
      (0...x.count - w.count).map { i in
        w.indices.reduce(Float(0)) { sum, a in
          let j = i + a - w.count / 2
          return x.indices.contains(j) ? sum + w[a] * x[j] : sum
        }
      }
    },
  ]
}

/// Compares one answer with the definition, and shows the sum for the place where they differ.
private func expectSlide(
  _ x: [Float], _ w: [Float], of answer: CrossCorrelation1dExercise.Answer, _ trial: Trial
) throws {
  let expected = (0...x.count - w.count).map { i in zip(w, x[i...]).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
  trial.expect(
    try answer(x, w), equals: expected, "crossCorrelate1d(x, w)", given: ["x": x, "w": w],
    by: { place in sumOfProducts(Array(zip(w, x[place[0]...]))) })
}
