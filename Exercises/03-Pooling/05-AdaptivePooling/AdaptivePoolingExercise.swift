import ExerciseKit
import Practice

public final class AdaptivePoolingExercise: Exercise {
  public struct Answer: Sendable {
    let window: @Sendable (_ i: Int, _ m: Int, _ n: Int) throws -> (Int, Int)
    let pool: @Sendable (_ x: Tensor, _ m: [Int]) throws -> Tensor
  }

  public init() {}

  public let title = "Adaptive pooling"
  public let section = "3.3"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["adaptiveWindow", "adaptiveAveragePool"]
  public let solution = Answer(
    window: { i, m, n in try adaptiveWindow(i, of: m, input: n) }, pool: adaptiveAveragePool)

  public func answer(of learner: Learner) -> Answer {
    Answer(
      window: { i, m, n in try learner.call("adaptiveWindow", i, m, n) },
      pool: { x, m in try learner.call("adaptiveAveragePool", x, m) })
  }

  public let hints = [
    "Work out the windows with whole numbers only. / of whole numbers rounds down; how does one round up with it? Then "
      + "the mean of a window is as in 3.3, with the window's own count.",
    "⌊a / m⌋ is a / m in Swift, and ⌈a / m⌉ is (a + m − 1) / m. So first is i · n / m (multiply before you divide) and "
      + "end is ((i + 1) · n + m − 1) / m. Number [c, i, j] is the mean over rows first … end − 1 of i, and columns "
      + "first … end − 1 of j.",
    """
    (i * n / m, ((i + 1) * … + …) / m)

    let rows = try adaptiveWindow(i, of: m[0], input: x.shape[1])
    let columns = try adaptiveWindow(j, of: …, input: …)
    for row in rows.first..<rows.end { for column in … { sum += x[c, row, column] } }
    y[c, i, j] = sum / Float((rows.end - rows.first) * …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 7, 5] to [3, 2] gives [2, 3, 2]", points: 1) { answer, trial in
      for (shape, m) in [([2, 7, 5], [3, 2]), ([3, 4, 6], [1, 6]), ([1, 2, 3], [4, 5])] {
        var inputs = Inputs(seed: 141)
        trial.expect(
          try answer.pool(inputs.integers(shape), m), hasShape: [shape[0]] + m,
          "adaptiveAveragePool(x \(shape), to: \(m))", by: "\(shape[0]) maps, each made \(m[0]) × \(m[1])")
      }
    },
    Check(.byHand, "6 numbers in 3 windows: 0–2, 2–4, 4–6", points: 1) { answer, trial in
      for i in 0..<3 { try expectWindow(i, 3, 6, of: answer, trial) }
      for i in 0..<2 { try expectWindow(i, 2, 8, of: answer, trial) }
    },
    Check(.byHand, "7 numbers in 3 windows, which overlap", points: 1) { answer, trial in
      for i in 0..<3 { try expectWindow(i, 3, 7, of: answer, trial) }
      for i in 0..<4 { try expectWindow(i, 4, 10, of: answer, trial) }
    },
    Check(.byHand, "2 numbers in 3 windows", points: 1) { answer, trial in
      for i in 0..<3 { try expectWindow(i, 3, 2, of: answer, trial) }
    },
    Check(.byHand, "a map of 3×4 made 2×3", points: 1) { answer, trial in
      try expectPooled(
        Tensor([4, 8, 0, 12, 16, -4, 20, 8, 0, 24, 4, 40], shape: [1, 3, 4]), [2, 3], of: answer, trial)
    },
    Check(.property, "every window of all sizes up to 12", points: 1) { answer, trial in
      for n in 1...12 { for m in 1...12 { for i in 0..<m { try expectWindow(i, m, n, of: answer, trial) } } }
      // Here n / m, rounded to a Double or to a Float, comes out on the wrong side of a whole number.
      for (n, m) in [(7, 13), (25, 11), (7, 25), (30, 22), (29, 7), (26, 22), (14, 13)] {
        for i in 0..<m { try expectWindow(i, m, n, of: answer, trial) }
      }
    },
    Check(.property, "as the definition says, for fifteen maps", points: 1) { answer, trial in
      var inputs = Inputs(seed: 143)
      for _ in 0..<15 {
        let x = inputs.integers([inputs.integer(1...3), inputs.integer(1...9), inputs.integer(1...9)])
        try expectPooled(x, [inputs.integer(1...6), inputs.integer(1...6)], of: answer, trial)
      }
      try expectPooled(inputs.quarters([4, 13, 17]), [5, 7], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongWindow(
      "the end is rounded down",
      advice: """
        Your windows end too early, so some overlap is missing: the end is rounded up, ((i + 1) · n + m − \
        1) / m.
        """
    ) { i, m, n in
      (i * n / m, (i + 1) * n / m)
    },
    wrongWindow(
      "the first is rounded up", advice: "Your windows begin too late: the first is rounded down, i · n / m."
    ) { i, m, n in
      ((i * n + m - 1) / m, ((i + 1) * n + m - 1) / m)
    },
    wrongWindow(
      "windows of n / m, and a rest",
      advice: """
        Your windows are all n / m long, and what remains is left out. Multiply before you divide: i · n / \
        m.
        """
    ) { i, m, n in
      (i * (n / m), (i + 1) * (n / m))
    },
    wrongWindow(
      "the last window takes the rest",
      advice: """
        Your windows are n / m long, and the last takes all that remains. Share it out: multiply before \
        you divide.
        """
    ) { i, m, n in
      (i * (n / m), i == m - 1 ? n : (i + 1) * (n / m))
    },
    wrongWindow(
      "the end is the last number",
      advice: "Your end is the window's last number. It should be the one behind it, as in first ..< end."
    ) { i, m, n in
      (i * n / m, ((i + 1) * n + m - 1) / m - 1)
    },
    wrongWindow(
      "always one is added to round up",
      advice: """
        You round up by adding 1 to what was rounded down. Where it comes out even, that is one too many: \
        add m − 1 before dividing.
        """
    ) { i, m, n in
      (i * n / m, min((i + 1) * n / m + 1, n))
    },
    wrongWindow(
      "n / m in floating point",
      advice:
        "You round i times n / m. The quotient is rounded already, and now and then it comes out on the wrong side "
        + "of a whole number: stay with whole numbers, i · n / m."
    ) { i, m, n in
      let ratio = Double(n) / Double(m)
      return (Int((Double(i) * ratio).rounded(.down)), min(n, Int((Double(i + 1) * ratio).rounded(.up))))
    },
    wrongWindow(
      "n / m in floating point, beyond the end",
      advice:
        "You round i times n / m. The quotient is rounded already, and now and then it comes out above a whole "
        + "number, so that a window ends one too late: stay with whole numbers, i · n / m."
    ) { i, m, n in
      let ratio = Double(n) / Double(m)
      return (Int((Double(i) * ratio).rounded(.down)), Int((Double(i + 1) * ratio).rounded(.up)))
    },
    wrongWindow(
      "n / m in Float",
      advice:
        "You round i times n / m in Float. The quotient is rounded already, and now and then it comes out on the "
        + "wrong side of a whole number: stay with whole numbers, i · n / m."
    ) { i, m, n in
      let ratio = Float(n) / Float(m)
      return (Int((Float(i) * ratio).rounded(.down)), min(n, Int((Float(i + 1) * ratio).rounded(.up))))
    },
    Mistake(
      "one count for all windows",
      advice: """
        You divide every sum by the count of the first window. Windows differ in length: divide by each \
        one's own.
        """,
      answer: Answer(
        window: bounds,
        pool: { x, m in
          let rows = bounds(0, m[0], x.shape[1])
          let columns = bounds(0, m[1], x.shape[2])
          let count = Float((rows.1 - rows.0) * (columns.1 - columns.0))
          return pooled(x, m, reduce: { (window: [Float]) -> Float in window.reduce(0, +) / count })
        })),
    Mistake(
      "the sum is not divided",
      advice: "Your windows are right. For the mean, divide their sums by how many numbers they hold.",
      answer: Answer(window: bounds, pool: { x, m in pooled(x, m) { $0.reduce(0, +) } })),
    Mistake(
      "divided by H·W / (m_H·m_W)",
      advice: """
        You divide by what a window holds on the average. Where windows overlap it holds more: count its \
        numbers.
        """,
      answer: Answer(
        window: bounds,
        pool: { x, m in
          let numbers = x.shape[1] * x.shape[2]
          let average = Float(numbers) / Float(m[0] * m[1])
          return pooled(x, m, reduce: { (window: [Float]) -> Float in window.reduce(0, +) / average })
        })),
    Mistake(
      "the maximum instead of the mean",
      advice: "Your windows are right, but you keep their largest number. Here it is the mean.",
      answer: Answer(window: bounds, pool: { x, m in pooled(x, m) { $0.max()! } })),
  ]
}

/// The numbers whose share of the input overlaps the share of result `i`: 1 / n of it each, against 1 / m.
private func bounds(_ i: Int, _ m: Int, _ n: Int) -> (Int, Int) {
  let touched = (0..<n).filter { t in t * m < (i + 1) * n && (t + 1) * m > i * n }
  return (touched.first!, touched.last! + 1)
}

private func pooled(
  _ x: Tensor, _ m: [Int],
  reduce: ([Float]) -> Float = { $0.reduce(0, +) / Float($0.count) },
  bounds window: (_ i: Int, _ m: Int, _ n: Int) -> (Int, Int) = bounds
) -> Tensor {
  var y = Tensor.zeros([x.shape[0], m[0], m[1]])
  for c in 0..<x.shape[0] {
    for i in 0..<m[0] {
      for j in 0..<m[1] {
        let (rows, columns) = (window(i, m[0], x.shape[1]), window(j, m[1], x.shape[2]))
        y[c, i, j] = reduce(
          (rows.0..<rows.1).flatMap { row in (columns.0..<columns.1).map { x[c, row, $0] } })
      }
    }
  }
  return y
}

/// A mistake in the windows, which the pooling takes over.
private func wrongWindow(
  _ name: String, advice: String, _ window: @escaping @Sendable (_ i: Int, _ m: Int, _ n: Int) -> (Int, Int)
) -> Mistake<AdaptivePoolingExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      window: window,
      pool: { x, m in
        pooled(
          x, m,
          bounds: { i, m, n in
            let (first, end) = window(i, m, n)
            return (first, max(first, end))
          })
      }))
}

private func expectWindow(
  _ i: Int, _ m: Int, _ n: Int, of answer: AdaptivePoolingExercise.Answer, _ trial: Trial
) throws {
  let (first, end) = try answer.window(i, m, n)
  let expected = bounds(i, m, n)
  trial.expect(
    [first, end], equals: [expected.0, expected.1],
    "adaptiveWindow(\(i), of: \(m), input: \(n)), first and end",
    by: { at in
      at == [0]
        ? "⌊\(i)·\(n) / \(m)⌋ = \(expected.0)" : "⌈(\(i) + 1)·\(n) / \(m)⌉ = \(expected.1)"
    })
}

private func expectPooled(
  _ x: Tensor, _ m: [Int], of answer: AdaptivePoolingExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.pool(x, m), equals: pooled(x, m), "adaptiveAveragePool(x, to: \(m))", given: ["x": x],
    by: { at in
      let (rows, columns) = (bounds(at[1], m[0], x.shape[1]), bounds(at[2], m[1], x.shape[2]))
      let numbers = (rows.0..<rows.1).flatMap { row in (columns.0..<columns.1).map { x[at[0], row, $0] } }
      return """
        rows \(rows.0) ..< \(rows.1) and columns \(columns.0) ..< \(columns.1) hold \
        \(numbers.map(written).joined(separator: ", ")): \(written(numbers.reduce(0, +))) / \(numbers.count) = \
        \(written(numbers.reduce(0, +) / Float(numbers.count)))
        """
    })
}
