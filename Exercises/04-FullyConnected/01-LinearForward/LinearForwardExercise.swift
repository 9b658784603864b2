import ExerciseChannel
import ExerciseKit
import Practice

public final class LinearForwardExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ w: Tensor, _ b: Tensor?) throws -> Tensor

  public init() {}

  public let title = "The linear layer"
  public let section = "4.1"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["linearForward"]
  public let solution: Answer = linearForward

  public func answer(of learner: Learner) -> Answer {
    { x, w, b in try learner.call("linearForward", x, w, b) }
  }

  public let hints = [
    "Three loops: one through the examples, one through what comes out, and one, the innermost, through "
      + "what goes in. The innermost makes one sum.",
    "The result is [N, D_out]. Its number at [n, o] is b[o], or 0 without biases, plus the sum of x[n, i] * "
      + "w[o, i] over all i. Row o of the weights belongs to output o.",
    """
    var y = Tensor.zeros([x.shape[0], …])
    for n in 0..<x.shape[0] {
      for o in … {
        var sum = b?[o] ?? 0
        for i in … { sum += … }
        y[n, o] = sum
      }
    }
    return y
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[4, 3] through weights [2, 3] gives [4, 2]", points: 1) { answer, trial in
      for (n, inputs, outputs) in [(4, 3, 2), (1, 5, 4), (3, 1, 6), (6, 4, 1)] {
        var numbers = Inputs(seed: 411)
        let (x, w) = (numbers.integers([n, inputs]), numbers.integers([outputs, inputs]))
        trial.expect(
          try answer(x, w, numbers.integers([outputs])), hasShape: [n, outputs],
          "linearForward(x, weight: W, bias: b)", given: ["x": x, "W": w],
          by: "a row for each of the \(n) examples, a column for each of the \(outputs) rows of W")
      }
    },
    Check(.byHand, "one example, three numbers in, two out", points: 1) { answer, trial in
      let w = Tensor([[1, 0, -1], [2, 1, 0]])
      try expectLinear(Tensor([[1, 2, 3]]), w, Tensor([10, 20]), of: answer, trial)
    },
    Check(.byHand, "two examples, and no bias", points: 1) { answer, trial in
      let (x, w) = (Tensor([[1, 2, 3], [-2, 1, 0]]), Tensor([[1, 0, -1], [2, 1, 3]]))
      try expectLinear(x, w, Tensor([5, -7]), of: answer, trial)
      try expectLinear(x, w, nil, of: answer, trial)
      // A square matrix shows whether rows and columns of W are told apart.
      try expectLinear(Tensor([[1, 2], [3, 5]]), Tensor([[1, 4], [-2, 3]]), nil, of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve sizes", points: 1) { answer, trial in
      var numbers = Inputs(seed: 412)
      for index in 0..<12 {
        let (n, inputs, outputs) = (numbers.integer(1...5), numbers.integer(1...9), numbers.integer(1...7))
        try expectLinear(
          numbers.integers([n, inputs]), numbers.integers([outputs, inputs]),
          index % 3 == 2 ? nil : numbers.integers([outputs]), of: answer, trial)
      }
      try expectLinear(
        numbers.quarters([9, 21]), numbers.quarters([11, 21]), numbers.quarters([11]), of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake("the bias is forgotten", advice: "You add no bias. Each output begins with its own, b[o].") {
      x, w, _ in linear(x, w, nil)
    },
    Mistake(
      "the bias is subtracted", advice: "You subtract the bias. It is added, and may itself be negative."
    ) { x, w, b in
      linear(x, w, b?.map { -$0 })
    },
    Mistake(
      "one bias for all outputs", advice: "You add the first bias everywhere. Output o has its own: b[o]."
    ) { x, w, b in
      linear(x, w, b.map { Tensor(repeating: $0[0], shape: $0.shape) })
    },
    Mistake(
      "the bias is added for every input",
      advice: "You add the bias inside the innermost loop, once for every input. Add it once for each output."
    ) { x, w, b in
      linear(x, w, b?.map { $0 * Float(x.shape[1]) })
    },
    Mistake(
      "the weights are read transposed",
      advice: """
        You read the weights as [D_in, D_out]. They are [D_out, D_in]: the first index is the output, as in \
        y = x Wᵀ + b.
        """
    ) { x, w, b in
      let flat = w.scalars
      return linear(x, w.shape[0], b) { o, i in flat[i * w.shape[0] + o] }
    },
    Mistake(
      "the mean instead of the sum",
      advice: "You divided by the number of inputs. The weights already say how much each counts: only add."
    ) { x, w, b in
      linear(x, w.shape[0], b) { o, i in w[o, i] / Float(x.shape[1]) }
    },
    Mistake(
      "the products replace each other",
      advice: "Only the last product is left of each sum: add with += instead of setting it."
    ) { x, w, _ in
      linear(x, w.shape[0], nil) { o, i in i == x.shape[1] - 1 ? w[o, i] : 0 }
    },
    Mistake(
      "the sum is not set back",
      advice: "The sum of one output goes on into the next: begin every output with its bias, or with 0."
    ) { x, w, b in
      var y = linear(x, w, b)
      for n in 0..<y.shape[0] { for o in 1..<max(1, y.shape[1]) { y[n, o] += y[n, o - 1] } }
      return y
    },
    Mistake(
      "every example gives what the first gives",
      advice: "All your rows are the same: the first index of x is the example, x[n, i]."
    ) { x, w, b in
      let first = linear(x, w, b)
      return Tensor((0..<x.shape[0]).map { _ in (0..<w.shape[0]).map { first[0, $0] } })
    },
  ]
}

/// The definition, with the weights given by their place.
private func linear(
  _ x: Tensor, _ outputs: Int, _ b: Tensor?, weight: (_ o: Int, _ i: Int) -> Float
) -> Tensor {
  var y = Tensor.zeros([x.shape[0], outputs])
  for n in 0..<x.shape[0] {
    for o in 0..<outputs {
      y[n, o] = (0..<x.shape[1]).reduce(b?[o] ?? 0) { $0 + x[n, $1] * weight(o, $1) }
    }
  }
  return y
}

private func linear(_ x: Tensor, _ w: Tensor, _ b: Tensor?) -> Tensor {
  linear(x, w.shape[0], b) { w[$0, $1] }
}

/// Compares one answer with the definition, and shows the sum for the place where they differ.
private func expectLinear(
  _ x: Tensor, _ w: Tensor, _ b: Tensor?, of answer: LinearForwardExercise.Answer, _ trial: Trial
) throws {
  let given: KeyValuePairs<String, any Passable> =
    if let b { ["x": x, "W": w, "b": b] } else { ["x": x, "W": w] }
  trial.expect(
    try answer(x, w, b), equals: linear(x, w, b),
    "linearForward(x, weight: W, bias: \(b == nil ? "nil" : "b"))",
    given: given,
    by: { place in
      var products = (0..<x.shape[1]).map { (x[place[0], $0], w[place[1], $0]) }
      // The bias as one product more.
      if let b { products.append((b[place[1]], 1)) }
      return sumOfProducts(products)
    })
}
