import ExerciseKit
import Practice

public final class WindowsAsColumnsExercise: Exercise {
  public struct Answer: Sendable {
    let columns: @Sendable (_ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int) throws -> Tensor
    let convolve: @Sendable (_ x: Tensor, _ w: Tensor, _ s: Int, _ p: Int) throws -> Tensor
  }

  public init() {}

  public let title = "Windows as columns of a matrix"
  public let section = "2.6"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed"])
  public let functions = ["windowColumns", "convolveByProduct"]
  public let solution = Answer(columns: windowColumns, convolve: convolveByProduct)

  public func answer(of learner: Learner) -> Answer {
    Answer(
      columns: { x, kernel, s, p in try learner.call("windowColumns", x, kernel, s, p) },
      convolve: { x, w, s, p in try learner.call("convolveByProduct", x, w, s, p) })
  }

  public let hints = [
    "Go through all five indices c, a, b, i, j. Three of them say which row of X, two which column; all five say which "
      + "number of the image. A row of W must list its weights in the same order as a column of X lists its numbers.",
    "X has C·K_H·K_W rows; row (c, a, b) has number (c · K_H + a) · K_W + b. It has M_H·M_W columns; column (i, j) has "
      + "number i · M_W + j. Then W is w as [O, C·K_H·K_W], and Y = matmul(W, X) is [O, M_H·M_W]: give it three axes.",
    """
    X[(c * kernel[0] + a) * kernel[1] + b, i * mapWidth + j] = x[c, i * s + a - p, …]     // only inside the image

    let X = try windowColumns(x, kernel: [w.shape[2], w.shape[3]], stride: s, padding: p)
    return matmul(w.reshaped([w.shape[0], -1]), X).reshaped([…, …, …])
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 4, 5] and a kernel of [3, 2] give [12, 8]", points: 1) { answer, trial in
      var inputs = Inputs(seed: 61)
      for (image, kernel, s, p) in [
        ([2, 4, 5], [3, 2], 1, 0), ([3, 6, 5], [2, 3], 2, 1), ([1, 5, 3], [5, 1], 1, 0),
      ] {
        let x = inputs.integers(image)
        let map = mapSize(x, kernel, s, p)
        trial.expect(
          try answer.columns(x, kernel, s, p), hasShape: [image[0] * kernel[0] * kernel[1], map[0] * map[1]],
          "windowColumns(x \(image), kernel: \(kernel), stride: \(s), padding: \(p))",
          by: """
            \(image[0]) channels · \(kernel[0]) · \(kernel[1]) numbers in a window; \(map[0]) · \(map[1]) windows
            """)
      }
    },
    Check(.shape, "four filters on [2, 4, 5] give [4, 2, 4]", points: 1) { answer, trial in
      var inputs = Inputs(seed: 62)
      let (x, w) = (inputs.integers([2, 4, 5]), inputs.integers([4, 2, 3, 2]))
      trial.expect(
        try answer.convolve(x, w, 1, 0), hasShape: [4, 2, 4],
        "convolveByProduct(x [2, 4, 5], weight: [4, 2, 3, 2], stride: 1, padding: 0)",
        by: "4 filters, and a place for each window: 4 − 3 + 1 = 2 rows, 5 − 2 + 1 = 4 columns")
    },
    Check(.byHand, "one channel, windows of [2, 2]", points: 1) { answer, trial in
      try expectColumns(Tensor([1, 2, 3, 4, 5, 6], shape: [1, 2, 3]), [2, 2], 1, 0, of: answer, trial)
      try expectColumns(
        Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3], shape: [1, 3, 4]), [2, 1], 2, 0, of: answer, trial)
    },
    Check(.byHand, "two channels: the second below the first", points: 1) { answer, trial in
      try expectColumns(
        Tensor([1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6], shape: [2, 2, 3]), [1, 2], 1, 0, of: answer, trial)
    },
    Check(.byHand, "zeros around the image", points: 1) { answer, trial in
      try expectColumns(Tensor([1, 2, 3, 4], shape: [1, 2, 2]), [2, 2], 1, 1, of: answer, trial)
    },
    Check(.byHand, "two filters on two channels", points: 1) { answer, trial in
      try expectMaps(
        Tensor([1, 2, 3, 4, 5, 6, 1, 0, 2, 3, 1, 4], shape: [2, 2, 3]),
        Tensor([1, 0, 2, 0, -1, 3, 1, 1], shape: [2, 2, 1, 2]), 1, 0, of: answer, trial)
    },
    Check(.property, "every number of every window, for twelve settings", points: 1) { answer, trial in
      var inputs = Inputs(seed: 63)
      for _ in 0..<12 {
        let (x, kernel, s, p) = setting(&inputs)
        try expectColumns(x, kernel, s, p, of: answer, trial)
      }
      try expectColumns(inputs.quarters([5, 9, 12]), [4, 3], 2, 3, of: answer, trial)
      try expectColumns(inputs.quarters([2, 7, 11]), [3, 5], 3, 2, of: answer, trial)
    },
    Check(.property, "the product is the convolution, for twelve settings", points: 1) { answer, trial in
      var inputs = Inputs(seed: 67)
      for _ in 0..<12 {
        let (x, kernel, s, p) = setting(&inputs)
        let w = inputs.integers([inputs.integer(1...4), x.shape[0], kernel[0], kernel[1]])
        try expectMaps(x, w, s, p, of: answer, trial)
      }
      try expectMaps(inputs.quarters([5, 9, 12]), inputs.quarters([6, 5, 4, 3]), 2, 3, of: answer, trial)
      try expectMaps(inputs.quarters([2, 7, 11]), inputs.quarters([3, 2, 3, 5]), 3, 2, of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongColumns(
      "reshaped instead of transposed",
      advice: """
        You wrote each window as a row and then reshaped the matrix. reshaped keeps the numbers in their order; to \
        exchange rows and columns, use transposed() or write the windows as columns from the start.
        """
    ) { x, kernel, s, p in
      let right = columns(x, kernel, s, p)
      return right.transposed().reshaped(right.shape)
    },
    wrongColumns(
      "the channels come last",
      advice: """
        Within a window you list the channels of each pixel together. The order is c, then a, then b, as in \
        w[o, c, a, b]: all of one channel before the next.
        """
    ) { x, kernel, s, p in
      reordered(columns(x, kernel, s, p)) { row in
        let (place, c) = (row / x.shape[0], row % x.shape[0])
        return c * kernel[0] * kernel[1] + place
      }
    },
    wrongColumns(
      "the window is read column by column",
      advice: "Within a window you go down before you go right. The order is a, then b: row by row."
    ) { x, kernel, s, p in
      reordered(columns(x, kernel, s, p)) { row in
        let size = kernel[0] * kernel[1]
        let (c, b, a) = (row / size, row % size / kernel[0], row % kernel[0])
        return c * size + a * kernel[1] + b
      }
    },
    wrongColumns(
      "the windows go down first",
      advice: """
        Your columns go through the image from top to bottom first. The order is i, then j: row by row.
        """
    ) { x, kernel, s, p in
      let map = mapSize(x, kernel, s, p)
      let right = columns(x, kernel, s, p).transposed()
      return reordered(right) { $0 % map[0] * map[1] + $0 / map[0] }.transposed()
    },
    wrongColumns(
      "the stride moves nothing",
      advice: """
        There are as many windows as the stride allows, but yours lie side by side: window i starts at row \
        i · s.
        """
    ) { x, kernel, s, p in
      columns(x, kernel, s, p, row: { i, a in i + a - p })
    },
    wrongColumns(
      "the padding is only behind",
      advice: """
        Your first window starts on the image, not on the zeros before it: subtract p from row and column.
        """
    ) { x, kernel, s, p in
      columns(x, kernel, s, p, row: { i, a in i * s + a })
    },
    wrongColumns(
      "the padding is multiplied by the stride",
      advice: "You subtract p before you multiply by s: a window starts at row i · s − p."
    ) { x, kernel, s, p in
      columns(x, kernel, s, p, row: { i, a in (i - p) * s + a })
    },
    Mistake(
      "the filters are laid in columns",
      advice: """
        Your X is right; W is not. Reshaping w to [C·K_H·K_W, O] tears the filters apart. Each filter must be a row: \
        w as [O, C·K_H·K_W].
        """,
      answer: Answer(
        columns: { columns($0, $1, $2, $3) },
        convolve: { x, w, s, p in
          product(w.reshaped([-1, w.shape[0]]).transposed(), x, w, s, p)
        })),
    Mistake(
      "the filters are flipped",
      advice: """
        Your X is right, but you turned the filters around. The layer that is called convolution does not \
        flip.
        """,
      answer: Answer(
        columns: { columns($0, $1, $2, $3) },
        convolve: { x, w, s, p in
          let (window, scalars) = (w.shape[2] * w.shape[3], w.scalars)
          let turned = (0..<w.shape[0] * w.shape[1]).flatMap { i -> [Float] in
            scalars[i * window..<(i + 1) * window].reversed()
          }
          let flipped = Tensor(turned, shape: [w.shape[0], w.count / w.shape[0]])
          return product(flipped, x, w, s, p)
        })),
    Mistake(
      "the result is torn",
      advice: """
        Your product is right, but you laid out its numbers as if each place listed all filters. Row o of Y is the map \
        of filter o: only reshape it to [O, M_H, M_W].
        """,
      answer: Answer(
        columns: { columns($0, $1, $2, $3) },
        convolve: { x, w, s, p in
          let right = product(w.reshaped([w.shape[0], -1]), x, w, s, p)
          return right.reshaped([w.shape[0], -1]).transposed().reshaped(right.shape)
        })),
  ]
}

/// A mistake in the windows, which the product takes over.
private func wrongColumns(
  _ name: String, advice: String,
  _ wrong: @escaping @Sendable (_ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int) -> Tensor
) -> Mistake<WindowsAsColumnsExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      columns: wrong,
      convolve: { x, w, s, p in
        let map = mapSize(x, [w.shape[2], w.shape[3]], s, p)
        return matmul(w.reshaped([w.shape[0], -1]), wrong(x, [w.shape[2], w.shape[3]], s, p))
          .reshaped([w.shape[0], map[0], map[1]])
      }))
}

private func product(_ filters: Tensor, _ x: Tensor, _ w: Tensor, _ s: Int, _ p: Int) -> Tensor {
  let map = mapSize(x, [w.shape[2], w.shape[3]], s, p)
  return matmul(filters, columns(x, [w.shape[2], w.shape[3]], s, p)).reshaped([w.shape[0], map[0], map[1]])
}

private func mapSize(_ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int) -> [Int] {
  [(x.shape[1] + 2 * p - kernel[0]) / s + 1, (x.shape[2] + 2 * p - kernel[1]) / s + 1]
}

/// The rows of a matrix in another order.
private func reordered(_ matrix: Tensor, _ source: (Int) -> Int) -> Tensor {
  Tensor((0..<matrix.shape[0]).map { row in (0..<matrix.shape[1]).map { matrix[source(row), $0] } })
}

/// The number of the image at a place, and 0 outside.
private func number(_ x: Tensor, _ c: Int, _ row: Int, _ column: Int) -> Float {
  row >= 0 && row < x.shape[1] && column >= 0 && column < x.shape[2] ? x[c, row, column] : 0
}

/// The windows, window by window.
private func columns(
  _ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int, row place: ((_ i: Int, _ a: Int) -> Int)? = nil
) -> Tensor {
  let place = place ?? { i, a in i * s + a - p }
  let map = mapSize(x, kernel, s, p)
  let windows = (0..<map[0] * map[1]).map { index in
    (0..<x.shape[0]).flatMap { c in
      (0..<kernel[0]).flatMap { a in
        (0..<kernel[1]).map { b in number(x, c, place(index / map[1], a), place(index % map[1], b)) }
      }
    }
  }
  return Tensor(windows).transposed()
}

private func setting(_ inputs: inout Inputs) -> (x: Tensor, kernel: [Int], s: Int, p: Int) {
  let (kernel, p) = ([inputs.integer(1...3), inputs.integer(1...3)], inputs.integer(0...1))
  let size = kernel.map { inputs.integer(max(1, $0 - 2 * p)...6) }
  return (inputs.integers([inputs.integer(1...3)] + size), kernel, inputs.integer(1...2), p)
}

private func expectColumns(
  _ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int, of answer: WindowsAsColumnsExercise.Answer, _ trial: Trial
) throws {
  let map = mapSize(x, kernel, s, p)
  trial.expect(
    try answer.columns(x, kernel, s, p), equals: columns(x, kernel, s, p),
    "windowColumns(x, kernel: \(kernel), stride: \(s), padding: \(p))", given: ["x": x],
    by: { at in
      let (c, a, b) = (at[0] / (kernel[0] * kernel[1]), at[0] / kernel[1] % kernel[0], at[0] % kernel[1])
      let (i, j) = (at[1] / map[1], at[1] % map[1])
      let (row, column) = (i * s + a - p, j * s + b - p)
      return """
        row \(at[0]) is c = \(c), a = \(a), b = \(b) and column \(at[1]) is i = \(i), j = \(j): \
        x[\(c), \(i * s) + \(a) − \(p), \(j * s) + \(b) − \(p)] = \(written(number(x, c, row, column)))
        """
    })
}

private func expectMaps(
  _ x: Tensor, _ w: Tensor, _ s: Int, _ p: Int, of answer: WindowsAsColumnsExercise.Answer, _ trial: Trial
) throws {
  let X = columns(x, [w.shape[2], w.shape[3]], s, p)
  let map = mapSize(x, [w.shape[2], w.shape[3]], s, p)
  func products(_ o: Int, _ place: Int) -> [(Float, Float)] {
    (0..<X.shape[0]).map { row in (X[row, place], w.scalars[o * X.shape[0] + row]) }
  }
  let expected = (0..<w.shape[0]).flatMap { o in
    (0..<X.shape[1]).map { place in products(o, place).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
  }
  trial.expect(
    try answer.convolve(x, w, s, p), equals: Tensor(expected, shape: [w.shape[0], map[0], map[1]]),
    "convolveByProduct(x, weight: w, stride: \(s), padding: \(p))", given: ["x": x, "w": w],
    by: { at in
      "window [\(at[1]), \(at[2])] with filter \(at[0]): \(sumOfProducts(products(at[0], at[1] * map[1] + at[2])))"
    })
}
