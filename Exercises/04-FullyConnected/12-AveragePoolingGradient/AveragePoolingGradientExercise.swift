import ExerciseKit
import Practice

public final class AveragePoolingGradientExercise: Exercise {
  public typealias Answer = @Sendable (_ dy: Tensor, _ size: [Int], _ k: Int, _ s: Int) throws -> Tensor

  public init() {}

  public let title = "Average pooling, backward"
  public let section = "4.7"
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["averagePoolGradient"]
  public let solution: Answer = { dy, size, k, s in
    try averagePoolGradient(dy, size: size, window: k, stride: s)
  }

  public func answer(of learner: Learner) -> Answer {
    { dy, size, k, s in try learner.call("averagePoolGradient", dy, size, k, s) }
  }

  public let hints = [
    "Go through the numbers of dy, and give each number of its window the same share, on top of what it may have from "
      + "other windows.",
    "dx is [N, C, H, W] and begins as zeros. Add dy[n, c, i, j] / k² to dx[n, c, i · s + a, j · s + b] for all a and b "
      + "from 0 to k − 1.",
    """
    let share = dy[n, c, i, j] / Float(…)
    for row in i * s..<i * s + k {
      for column in … { dx[n, c, row, column] += … }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as the maps that were pooled", points: 1) { answer, trial in
      for (maps, k, s) in [([2, 3, 6, 4], 2, 2), ([1, 2, 5, 7], 3, 2)] {
        var inputs = Inputs(seed: 231)
        let dy = inputs.integers(pooledShape(maps, k, s))
        trial.expect(
          try answer(dy, [maps[2], maps[3]], k, s), hasShape: maps,
          "averagePoolGradient(dy \(dy.shape), size: [\(maps[2]), \(maps[3])], window: \(k), stride: \(s))",
          by: "\(maps[0]) images of \(maps[1]) channels of \(maps[2])×\(maps[3])")
      }
    },
    Check(.byHand, "windows side by side", points: 1) { answer, trial in
      try expectGradient(Tensor([4, -8], shape: [1, 1, 1, 2]), [2, 4], 2, 2, of: answer, trial)
      try expectGradient(Tensor([4, 8, 12, 20], shape: [1, 2, 2, 1]), [4, 2], 2, 2, of: answer, trial)
    },
    Check(.byHand, "windows that overlap: their shares are added", points: 1) { answer, trial in
      try expectGradient(Tensor([4, 8, 12], shape: [1, 1, 1, 3]), [2, 4], 2, 1, of: answer, trial)
    },
    Check(.byHand, "numbers in no window get 0", points: 1) { answer, trial in
      try expectGradient(Tensor([4, 8], shape: [1, 1, 1, 2]), [3, 5], 2, 3, of: answer, trial)
    },
    Check(.property, "as the rule says, for fifteen batches", points: 1) { answer, trial in
      var inputs = Inputs(seed: 233)
      for _ in 0..<15 {
        let (k, s) = (inputs.integer(1...3), inputs.integer(1...3))
        let maps = [
          inputs.integer(1...3), inputs.integer(1...3), inputs.integer(k...6), inputs.integer(k...6),
        ]
        try expectGradient(
          inputs.integers(pooledShape(maps, k, s)), [maps[2], maps[3]], k, s, of: answer, trial)
      }
      try expectGradient(
        inputs.quarters(pooledShape([4, 5, 13, 17], 5, 3)), [13, 17], 5, 3, of: answer, trial)
    },
    Check(.gradients, "as the loss changes when a number of x changes by 1", points: 2) { answer, trial in
      // y depends on each number in a straight line, so a step of 1 gives the gradient, but for rounding.
      var inputs = Inputs(seed: 237)
      for (maps, k, s) in [([2, 2, 4, 5], 2, 2), ([1, 2, 5, 4], 3, 1), ([2, 1, 3, 6], 2, 1)] {
        let x = inputs.integers(maps)
        let dy = inputs.integers(pooledShape(maps, k, s))
        func loss(_ scalars: [Float]) -> Double {
          zip(pooled(Tensor(scalars, shape: maps), k, s), dy.scalars).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        let start = x.scalars
        let changes = Tensor(
          start.indices.map { index in
            var grown = start
            grown[index] += 1
            return Float(loss(grown) - loss(start))
          }, shape: maps)
        trial.expect(
          try answer(dy, [maps[2], maps[3]], k, s), equals: changes,
          """
          averagePoolGradient(dy, size: [\(maps[2]), \(maps[3])], window: \(k), stride: \(s)), beside the change of \
          Σ dy·y when one number of x grows by 1
          """, given: ["dy": dy],
          by: { at in
            "when x\(at) grows by 1, the loss changes by \(written(changes[at[0], at[1], at[2], at[3]]))"
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the gradient is not shared out",
      advice: """
        You give all of dy to each number of the window. Each had a share of 1/k² in the mean: divide by k \
        · k.
        """
    ) { dy, size, k, s in
      spread(dy, size, k, s) { $0 }
    },
    Mistake(
      "divided by the side of the window",
      advice: """
        You divide by k. A window has k rows of k numbers: k².
        """
    ) {
      dy, size, k, s in spread(dy, size, k, s) { $0 / Float(k) }
    },
    Mistake(
      "the windows replace each other",
      advice: "A number in several windows keeps only the last one's share: add with +=."
    ) { dy, size, k, s in
      spread(dy, size, k, s, addsUp: false) { $0 / Float(k * k) }
    },
    Mistake(
      "only the corner gets its share",
      advice: "Only the upper left number of each window gets a share. All k² of them do: two loops, a and b."
    ) { dy, size, k, s in
      spread(dy, size, k, s, reaches: { a, b in a == 0 && b == 0 }) { $0 / Float(k * k) }
    },
    Mistake(
      "only the diagonal gets its share",
      advice: """
        You go through rows and columns of the window together. Each row must meet each column: two loops.
        """
    ) { dy, size, k, s in
      spread(dy, size, k, s, reaches: { $0 == $1 }) { $0 / Float(k * k) }
    },
    Mistake(
      "the stride moves nothing",
      advice: "Your windows lie side by side as with stride 1. Window i starts at row i · s."
    ) { dy, size, k, s in
      spread(dy, size, k, s, step: 1) { $0 / Float(k * k) }
    },
    Mistake(
      "the window moves by its size",
      advice: """
        Your windows move by k, whatever the stride. Window i starts at row i · s, and windows may \
        overlap.
        """
    ) { dy, size, k, s in
      spread(dy, size, k, s, step: k) { $0 / Float(k * k) }
    },
    Mistake(
      "divided by the number of windows as well",
      advice:
        "You take the mean over the windows that a number lies in. Their shares are added up: divide by k² alone."
    ) { dy, size, k, s in
      let sums = spread(dy, size, k, s) { $0 / Float(k * k) }
      let counts = spread(dy.map { _ in 1 }, size, k, s) { $0 }
      return Tensor(zip(sums.scalars, counts.scalars).map { $0 / max(1, $1) }, shape: sums.shape)
    },
    Mistake(
      "divided by the size of the map",
      advice: """
        You divide by the number of places in dy. How many there are does not matter; a window has k² \
        numbers.
        """
    ) { dy, size, k, s in
      spread(dy, size, k, s) { $0 / Float(dy.shape[2] * dy.shape[3]) }
    },
  ]
}

private func pooledShape(_ maps: [Int], _ k: Int, _ s: Int) -> [Int] {
  [maps[0], maps[1], (maps[2] - k) / s + 1, (maps[3] - k) / s + 1]
}

/// Average pooling itself.
private func pooled(_ x: Tensor, _ k: Int, _ s: Int) -> [Double] {
  let shape = pooledShape(x.shape, k, s)
  return (0..<shape.reduce(1, *)).map { index in
    let (map, place) = (index / (shape[2] * shape[3]), index % (shape[2] * shape[3]))
    let sum = (0..<k * k).reduce(0.0) { sum, at in
      sum
        + Double(
          x[map / shape[1], map % shape[1], place / shape[3] * s + at / k, place % shape[3] * s + at % k])
    }
    return sum / Double(k * k)
  }
}

/// Hands each window's gradient back to its numbers, by rules that may be wrong; what leaves the map is left out.
private func spread(
  _ dy: Tensor, _ size: [Int], _ k: Int, _ s: Int, step: Int? = nil, addsUp: Bool = true,
  reaches: (_ a: Int, _ b: Int) -> Bool = { _, _ in true }, share: (Float) -> Float
) -> Tensor {
  let step = step ?? s
  var dx = Tensor.zeros([dy.shape[0], dy.shape[1], size[0], size[1]])
  for n in 0..<dy.shape[0] {
    for c in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          for index in 0..<k * k where reaches(index / k, index % k) {
            let (row, column) = (i * step + index / k, j * step + index % k)
            guard row < size[0], column < size[1] else { continue }
            dx[n, c, row, column] = (addsUp ? dx[n, c, row, column] : 0) + share(dy[n, c, i, j])
          }
        }
      }
    }
  }
  return dx
}

/// Compares the gradient with its formula, which looks for the windows in which a number lies, and shows their shares.
private func expectGradient(
  _ dy: Tensor, _ size: [Int], _ k: Int, _ s: Int, of answer: AveragePoolingGradientExercise.Answer,
  _ trial: Trial
) throws {
  func containing(_ r: Int, _ places: Int) -> [Int] { (0..<places).filter { (0..<k).contains(r - $0 * s) } }
  func gradients(_ at: [Int]) -> [Float] {
    containing(at[2], dy.shape[2]).flatMap { i in
      containing(at[3], dy.shape[3]).map { j in dy[at[0], at[1], i, j] }
    }
  }
  let shape = [dy.shape[0], dy.shape[1], size[0], size[1]]
  var expected = Tensor.zeros(shape)
  for n in 0..<shape[0] {
    for c in 0..<shape[1] {
      for r in 0..<shape[2] {
        for t in 0..<shape[3] { expected[n, c, r, t] = gradients([n, c, r, t]).reduce(0, +) / Float(k * k) }
      }
    }
  }
  trial.expect(
    try answer(dy, size, k, s), equals: expected,
    "averagePoolGradient(dy, size: \(size), window: \(k), stride: \(s))", given: ["dy": dy],
    by: { at in
      let all = gradients(at)
      let sum = all.map { $0 < 0 ? "(\(written($0)))" : written($0) }.joined(separator: " + ")
      return all.isEmpty
        ? "it lies in no window: 0"
        : "it lies in \(all.count == 1 ? "one window" : "\(all.count) windows"): (\(sum)) / \(k * k) = "
          + written(all.reduce(0, +) / Float(k * k))
    })
}
