import ExerciseKit
import Practice

public final class MaxPoolingGradientExercise: Exercise {
  public typealias Answer = @Sendable (_ dy: Tensor, _ x: Tensor, _ k: Int, _ s: Int) throws -> Tensor

  public init() {}

  public let title = "Max pooling, backward"
  public let section = "4.7"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["maxPoolGradient"]
  public let solution: Answer = { dy, x, k, s in try maxPoolGradient(dy, input: x, size: k, stride: s) }

  public func answer(of learner: Learner) -> Answer {
    { dy, x, k, s in try learner.call("maxPoolGradient", dy, x, k, s) }
  }

  public let hints = [
    "Go through the windows and find where the maximum stood, as in 3.2. Then give that place the window's dy, on top of "
      + "what it may have from other windows.",
    "dx has x's shape and begins as zeros. For window [i, j] look through rows i · s … i · s + k − 1 and columns "
      + "j · s … j · s + k − 1 for the first largest number of x, and add dy[n, c, i, j] to dx there.",
    """
    var (bestRow, bestColumn) = (i * s, j * s)
    for row in … {
      for column in … where x[n, c, row, column] > x[n, c, …, …] { (bestRow, bestColumn) = (…) }
    }
    dx[n, c, bestRow, bestColumn] += …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as the maps that were pooled", points: 1) { answer, trial in
      for (maps, k, s) in [([2, 3, 6, 4], 2, 2), ([1, 2, 5, 7], 3, 2)] {
        var inputs = Inputs(seed: 221)
        let x = inputs.integers(maps)
        let dy = inputs.integers(pooledShape(x, k, s))
        trial.expect(
          try answer(dy, x, k, s), hasShape: maps,
          "maxPoolGradient(dy \(dy.shape), input: x \(maps), size: \(k), stride: \(s))",
          by: "a gradient for each number of x")
      }
    },
    Check(.byHand, "windows side by side", points: 1) { answer, trial in
      try expectGradient(
        Tensor([10, 20], shape: [1, 1, 1, 2]), Tensor([1, 5, -2, 3, 4, 0, 1, 8], shape: [1, 1, 2, 4]), 2, 2,
        of: answer,
        trial)
      try expectGradient(
        Tensor([-7, 4], shape: [1, 2, 1, 1]), Tensor([-3, -1, -4, -6, -8, -9, -2, -5], shape: [1, 2, 2, 2]),
        2, 2,
        of: answer, trial)
    },
    Check(.byHand, "windows that overlap: their shares are added", points: 1) { answer, trial in
      try expectGradient(
        Tensor([10, 20, 30], shape: [1, 1, 1, 3]), Tensor([1, 9, 2, 5, 3, 4, 7, 8], shape: [1, 1, 2, 4]), 2,
        1,
        of: answer, trial)
    },
    Check(.byHand, "equal numbers: the first gets all", points: 1) { answer, trial in
      try expectGradient(
        Tensor([10, 20], shape: [1, 1, 1, 2]), Tensor([2, 7, 0, 0, 7, 7, 0, 0], shape: [1, 1, 2, 4]), 2, 2,
        of: answer,
        trial)
    },
    Check(.property, "as the rule says, for fifteen batches with ties", points: 1) { answer, trial in
      var inputs = Inputs(seed: 223)
      for _ in 0..<15 {
        let (k, s) = (inputs.integer(1...3), inputs.integer(1...3))
        let shape = [
          inputs.integer(1...3), inputs.integer(1...3), inputs.integer(k...6), inputs.integer(k...6),
        ]
        let x = Tensor((0..<shape.reduce(1, *)).map { _ in Float(inputs.integer(-3...1)) }, shape: shape)
        try expectGradient(inputs.integers(pooledShape(x, k, s)), x, k, s, of: answer, trial)
      }
      let x = inputs.quarters([4, 5, 13, 17])
      try expectGradient(inputs.quarters(pooledShape(x, 5, 3)), x, 5, 3, of: answer, trial)
      try expectGradient(
        inputs.quarters(pooledShape(x, 3, 1)), x.map { -1e30 * abs($0) }, 3, 1, of: answer, trial)
    },
    Check(.property, "nothing is lost: dx adds up to what dy does", points: 1) { answer, trial in
      var inputs = Inputs(seed: 225)
      for (k, s) in [(2, 2), (3, 1), (2, 3)] {
        let x = inputs.integers([2, 2, 6, 5])
        let dy = inputs.integers(pooledShape(x, k, s))
        let sum = dy.scalars.reduce(0, +)
        trial.expect(
          try answer(dy, x, k, s).scalars.reduce(0, +), equals: sum,
          "the sum of maxPoolGradient(dy, input: x, size: \(k), stride: \(s))",
          by: { _ in "all numbers of dy make \(written(sum))" })
      }
    },
    Check(.gradients, "as the loss changes when a number of x changes a little", points: 2) { answer, trial in
      // All numbers differ by 1 at least, and the step is smaller: no maximum changes its place.
      var inputs = Inputs(seed: 227)
      for (shape, k, s) in [([2, 2, 4, 5], 2, 2), ([1, 2, 5, 4], 3, 1), ([2, 1, 3, 6], 2, 1)] {
        var order = Array(0..<shape.reduce(1, *))
        for index in order.indices.dropFirst() { order.swapAt(index, inputs.integer(0...index)) }
        let start = order.map { Float($0 - order.count / 2) }
        let x = Tensor(start, shape: shape)
        let dy = inputs.integers(pooledShape(x, k, s))
        func loss(_ scalars: [Float]) -> Float {
          let y = pooled(Tensor(scalars, shape: shape), k, s)
          return zip(y, dy.scalars).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let changes = Tensor(
          start.indices.map { index in
            var grown = start
            grown[index] += 0.5
            return (loss(grown) - loss(start)) / 0.5
          }, shape: shape)
        trial.expect(
          try answer(dy, x, k, s), equals: changes,
          "maxPoolGradient(dy, input: x, size: \(k), stride: \(s)), beside how fast Σ dy·y grows with each number of x",
          given: ["x": x, "dy": dy],
          by: { at in
            """
            when x\(at) grows by 0.5, the loss grows by 0.5 times \
            \(written(changes[at[0], at[1], at[2], at[3]]))
            """
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "all equal numbers get the gradient",
      advice: """
        Where several numbers are largest you give the gradient to all of them. Only the first gets it.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in
        let largest = window.max()!
        return window.map { $0 == largest ? 1 : 0 }
      }
    },
    Mistake(
      "equal numbers share the gradient",
      advice: """
        Where several numbers are largest you share the gradient among them. Here the first gets all of \
        it.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in
        let largest = window.max()!
        let count = Float(window.filter { $0 == largest }.count)
        return window.map { $0 == largest ? 1 / count : 0 }
      }
    },
    Mistake(
      "the last of equal numbers",
      advice: """
        Of equal numbers you take the last. Take a new place only where the number is greater: > in place \
        of ≥.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in
        let last = window.lastIndex(of: window.max()!)!
        return window.indices.map { $0 == last ? 1 : 0 }
      }
    },
    Mistake(
      "all of the window get the gradient",
      advice: "You give the gradient to all numbers of the window. Only the largest had a say in the result."
    ) { dy, x, k, s in
      routed(dy, x, k, s) { $0.map { _ in 1 } }
    },
    Mistake(
      "the gradient is spread evenly",
      advice: """
        You share the gradient among all numbers of the window. That is average pooling, exercise 4.12.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in window.map { _ in 1 / Float(window.count) } }
    },
    Mistake(
      "the windows replace each other",
      advice: "A number that is largest in several windows keeps only the last one's gradient: add with +=."
    ) { dy, x, k, s in
      routed(dy, x, k, s, addsUp: false, shares: onlyFirst)
    },
    Mistake(
      "the gradient is multiplied by the number",
      advice: """
        You multiply dy by the largest number. y is that number itself, so ∂y/∂x is 1: hand back dy alone.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in zip(onlyFirst(window), window).map { $0 * $1 } }
    },
    Mistake(
      "only positive maxima",
      advice: """
        A window without a positive number hands back nothing: your largest number begins at 0. Begin with \
        the window's first number.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in window.max()! > 0 ? onlyFirst(window) : window.map { _ in 0 } }
    },
    Mistake(
      "the smallest gets the gradient",
      advice: """
        You give the gradient to the smallest number. The largest made the result.
        """
    ) { dy, x, k, s in
      routed(dy, x, k, s) { window in onlyFirst(window.map { -$0 }) }
    },
  ]
}

private func pooledShape(_ x: Tensor, _ k: Int, _ s: Int) -> [Int] {
  [x.shape[0], x.shape[1], (x.shape[2] - k) / s + 1, (x.shape[3] - k) / s + 1]
}

/// 1 for the first of the largest numbers, 0 for all others.
@Sendable private func onlyFirst(_ window: [Float]) -> [Float] {
  let first = window.firstIndex(of: window.max()!)!
  return window.indices.map { $0 == first ? 1 : 0 }
}

private func window(_ x: Tensor, _ n: Int, _ c: Int, _ i: Int, _ j: Int, _ k: Int, _ s: Int) -> [Float] {
  (0..<k * k).map { x[n, c, i * s + $0 / k, j * s + $0 % k] }
}

private func pooled(_ x: Tensor, _ k: Int, _ s: Int) -> [Float] {
  let shape = pooledShape(x, k, s)
  return (0..<shape.reduce(1, *)).map { index in
    let (map, place) = (index / (shape[2] * shape[3]), index % (shape[2] * shape[3]))
    return window(x, map / shape[1], map % shape[1], place / shape[3], place % shape[3], k, s).max()!
  }
}

/// Hands each window's gradient back by the shares that a rule gives its numbers.
private func routed(
  _ dy: Tensor, _ x: Tensor, _ k: Int, _ s: Int, addsUp: Bool = true, shares: ([Float]) -> [Float]
) -> Tensor {
  var dx = Tensor.zeros(x.shape)
  for n in 0..<dy.shape[0] {
    for c in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          for (index, share) in shares(window(x, n, c, i, j, k, s)).enumerated() where share != 0 {
            let (row, column) = (i * s + index / k, j * s + index % k)
            dx[n, c, row, column] = (addsUp ? dx[n, c, row, column] : 0) + share * dy[n, c, i, j]
          }
        }
      }
    }
  }
  return dx
}

/// Compares the gradient with the rule, and shows the windows whose maximum stood at the place where they differ.
private func expectGradient(
  _ dy: Tensor, _ x: Tensor, _ k: Int, _ s: Int, of answer: MaxPoolingGradientExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer(dy, x, k, s), equals: routed(dy, x, k, s, shares: onlyFirst),
    "maxPoolGradient(dy, input: x, size: \(k), stride: \(s))", given: ["x": x, "dy": dy],
    by: { at in
      var shares: [Float] = []
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          let (a, b) = (at[2] - i * s, at[3] - j * s)
          guard (0..<k).contains(a), (0..<k).contains(b) else { continue }
          if onlyFirst(window(x, at[0], at[1], i, j, k, s))[a * k + b] == 1 {
            shares.append(dy[at[0], at[1], i, j])
          }
        }
      }
      let number = written(x[at[0], at[1], at[2], at[3]])
      return shares.isEmpty
        ? "\(number) is the first largest number of no window: 0"
        : "\(number) is the first largest number of \(shares.count == 1 ? "one window" : "\(shares.count) windows"): "
          + "\(shares.map(written).joined(separator: " + ")) = \(written(shares.reduce(0, +)))"
    })
}
