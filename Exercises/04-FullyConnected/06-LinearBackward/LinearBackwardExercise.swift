import ExerciseKit
import Practice

public final class LinearBackwardExercise: Exercise {
  /// dx, dW and db.
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ x: Tensor, _ w: Tensor) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "The backward pass of a linear layer"
  public let section = "4.4"
  public let difficulty = 2
  public let minutes = 20
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["linearBackward"]
  public let solution: Answer = { dy, x, w in try linearBackward(dy, input: x, weight: w) }

  public func answer(of learner: Learner) -> Answer {
    { dy, x, w in try learner.call("linearBackward", dy, x, w) }
  }

  public let hints = [
    "Begin with the shapes: dx is as large as x, dW as W, and db has one number for each output. There is "
      + "only one way to multiply two of the three matrices so that these come out.",
    "dx = dy W: [N, D_out] times [D_out, D_in]. dW = dyᵀ x: [D_out, N] times [N, D_in]. db adds up the N "
      + "rows of dy.",
    """
    let dx = matmul(dy, …)
    let dw = matmul(dy.transposed(), …)
    let db = dy.sum(axis: …)
    return (dx, dw, db)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "each gradient is as large as what it belongs to", points: 1) { answer, trial in
      for (n, inputs, outputs) in [(4, 3, 2), (1, 2, 5), (3, 6, 1), (2, 1, 4)] {
        var numbers = Inputs(seed: 461)
        let (dy, x, w) = (
          numbers.integers([n, outputs]), numbers.integers([n, inputs]), numbers.integers([outputs, inputs])
        )
        let (dx, dw, db) = try answer(dy, x, w)
        let given: KeyValuePairs<String, Tensor> = ["dy": dy, "x": x, "W": w]
        for (name, gradient, shape) in [("dx", dx, x.shape), ("dw", dw, w.shape), ("db", db, [outputs])] {
          trial.expect(
            gradient, hasShape: shape, "linearBackward(dy, input: x, weight: W).\(name)",
            by: given.map { "\($0.key) is \($0.value.shape)" }.joined(separator: ", "))
        }
      }
    },
    Check(.byHand, "one number out of two, two examples", points: 1) { answer, trial in
      try expectGradients(
        Tensor([[1], [2]]), Tensor([[3, 4], [0, 1]]), Tensor([[5, 6]]), of: answer, trial)
    },
    Check(.byHand, "two out of three, and squares", points: 1) { answer, trial in
      try expectGradients(
        Tensor([[1, -2], [0, 3]]), Tensor([[1, 2, 3], [-1, 0, 4]]), Tensor([[2, 0, -1], [1, 5, 3]]),
        of: answer, trial)
      // In squares every transposed matrix would fit as well.
      try expectGradients(
        Tensor([[1, 2], [3, 5]]), Tensor([[2, -1], [4, 7]]), Tensor([[0, 1], [3, -2]]), of: answer, trial)
    },
    Check(.property, "as the sums say, for twelve sizes", points: 1) { answer, trial in
      var numbers = Inputs(seed: 462)
      for _ in 0..<12 {
        let (n, inputs, outputs) = (numbers.integer(1...6), numbers.integer(1...7), numbers.integer(1...5))
        try expectGradients(
          numbers.integers([n, outputs]), numbers.integers([n, inputs]), numbers.integers([outputs, inputs]),
          of: answer, trial)
      }
    },
    Check(.gradients, "the sum of dy·y changes as the gradients say", points: 2) { answer, trial in
      var numbers = Inputs(seed: 463)
      for (n, inputs, outputs) in [(3, 4, 2), (5, 2, 3)] {
        let (x, w) = (numbers.normal([n, inputs]), numbers.normal([outputs, inputs]))
        let (b, dy) = (numbers.normal([outputs]), numbers.normal([n, outputs]))
        let (dx, dw, db) = try answer(dy, x, w)
        let call = "linearBackward(dy, input: x, weight: W)"
        let step = 1e-3
        let parts: [(String, Tensor, Tensor)] = [("dx", dx, x), ("dw", dw, w), ("db", db, b)]
        for (index, (name, yours, subject)) in parts.enumerated() {
          let slopes = subject.scalars.indices.map { place in
            let above = projection(x, w, b, on: dy, adding: step, to: index, at: place)
            let below = projection(x, w, b, on: dy, adding: -step, to: index, at: place)
            return Float((above - below) / (2 * step))
          }
          trial.expect(
            yours, equals: Tensor(slopes, shape: subject.shape), "\(call).\(name)",
            given: ["dy": dy, "x": x, "W": w])
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the mean over the batch for the weights and biases",
      advice: "You divide dW and db by the number of examples. If the loss is a mean, dy is divided "
        + "already: only add."
    ) { dy, x, w in
      let n = Float(dy.shape[0])
      return (products(dy, x, w).dx, products(dy, x, w).dw / n, products(dy, x, w).db / n)
    },
    Mistake(
      "the mean over the batch for the biases",
      advice: "Your db is the mean of the rows of dy. The bias is added to every example, so it is their sum."
    ) { dy, x, w in
      var all = products(dy, x, w)
      all.db = all.db / Float(dy.shape[0])
      return all
    },
    Mistake(
      "the first example only for the biases",
      advice: "Your db is one row of dy. The bias is added to every example: add up the rows."
    ) { dy, x, w in
      var all = products(dy, x, w)
      for o in 0..<dy.shape[1] { all.db[o] = dy[0, o] }
      return all
    },
    Mistake(
      "the last example only for the weights",
      advice: "Only the last example is left in your dW: add with += over the examples."
    ) { dy, x, w in
      let last = dy.shape[0] - 1
      var all = products(dy, x, w)
      for o in 0..<w.shape[0] { for i in 0..<w.shape[1] { all.dw[o, i] = dy[last, o] * x[last, i] } }
      return all
    },
    Mistake(
      "the biases get the sum over the outputs",
      advice: "You add up dy along its rows. Each output has its own bias: add over the examples instead, "
        + "axis 0."
    ) { dy, x, w in
      var all = products(dy, x, w)
      for o in 0..<dy.shape[1] {
        let row = o % dy.shape[0]
        all.db[o] = (0..<dy.shape[1]).reduce(0) { $0 + dy[row, $1] }
      }
      return all
    },
    Mistake(
      "the biases get ones",
      advice: "Your db is 1 everywhere. That is how y changes with b; multiply by dy, and add over the "
        + "examples."
    ) { dy, x, w in
      var all = products(dy, x, w)
      all.db = Tensor.ones(all.db.shape)
      return all
    },
    Mistake(
      "the weights are read transposed",
      advice:
        "You read W transposed in dx. It was transposed on the way forward; on the way back it is not: dy W."
    ) { dy, x, w in
      var all = products(dy, x, w)
      let transposed = Tensor(w.scalars, shape: [w.shape[1], w.shape[0]]).transposed()
      all.dx = matmul(dy, transposed)
      return all
    },
    Mistake(
      "reshaped instead of transposed",
      advice: "You gave dW its shape with reshaped. That leaves the numbers in their order: use dyᵀ x, not "
        + "(xᵀ dy) in another shape."
    ) { dy, x, w in
      var all = products(dy, x, w)
      all.dw = matmul(x.transposed(), dy).reshaped(w.shape)
      return all
    },
    Mistake(
      "the sign",
      advice: "All your gradients point down. The step against the gradient is the optimiser's work."
    ) { dy, x, w in
      let all = products(dy, x, w)
      return (all.dx * -1, all.dw * -1, all.db * -1)
    },
    Mistake(
      "the upstream gradient is forgotten",
      advice: "You do not use dy: your gradients are those of the sum of y. By the chain rule, each is "
        + "multiplied by dy."
    ) { dy, x, w in products(Tensor.ones(dy.shape), x, w) },
  ]
}

/// The three sums, loop by loop.
private func products(_ dy: Tensor, _ x: Tensor, _ w: Tensor) -> (dx: Tensor, dw: Tensor, db: Tensor) {
  var (dx, dw, db) = (Tensor.zeros(x.shape), Tensor.zeros(w.shape), Tensor.zeros([w.shape[0]]))
  for n in 0..<x.shape[0] {
    for o in 0..<w.shape[0] {
      db[o] += dy[n, o]
      for i in 0..<w.shape[1] {
        dx[n, i] += dy[n, o] * w[o, i]
        dw[o, i] += dy[n, o] * x[n, i]
      }
    }
  }
  return (dx, dw, db)
}

/// Σ dy·y with y = x Wᵀ + b in Double, with one number of x, W or b changed.
private func projection(
  _ x: Tensor, _ w: Tensor, _ b: Tensor, on dy: Tensor, adding step: Double, to index: Int, at place: Int
) -> Double {
  var parts = [x, w, b].map { $0.scalars.map(Double.init) }
  parts[index][place] += step
  let (inputs, outputs) = (x.shape[1], w.shape[0])
  var sum = 0.0
  for n in 0..<x.shape[0] {
    for o in 0..<outputs {
      var y = parts[2][o]
      for i in 0..<inputs { y += parts[0][n * inputs + i] * parts[1][o * inputs + i] }
      sum += Double(dy[n, o]) * y
    }
  }
  return sum
}

/// Compares the three gradients with their sums, and shows the sum for the place where they differ.
private func expectGradients(
  _ dy: Tensor, _ x: Tensor, _ w: Tensor, of answer: LinearBackwardExercise.Answer, _ trial: Trial
) throws {
  let (dx, dw, db) = try answer(dy, x, w)
  let expected = products(dy, x, w)
  let call = "linearBackward(dy, input: x, weight: W)"
  trial.expect(
    dx, equals: expected.dx, "\(call).dx", given: ["dy": dy, "x": x, "W": w],
    by: { place in sumOfProducts((0..<w.shape[0]).map { (dy[place[0], $0], w[$0, place[1]]) }) })
  trial.expect(
    dw, equals: expected.dw, "\(call).dw", given: ["dy": dy, "x": x, "W": w],
    by: { place in sumOfProducts((0..<x.shape[0]).map { (dy[$0, place[0]], x[$0, place[1]]) }) })
  trial.expect(
    db, equals: expected.db, "\(call).db", given: ["dy": dy, "x": x, "W": w],
    by: { place in
      let column = (0..<x.shape[0]).map { Double(dy[$0, place[0]]) }
      let terms = column.enumerated().map { $0 > 0 && $1 < 0 ? "(\($1.shortText))" : $1.shortText }
      return "\(terms.joined(separator: " + ")) = \(column.reduce(0, +).shortText)"
    })
}
