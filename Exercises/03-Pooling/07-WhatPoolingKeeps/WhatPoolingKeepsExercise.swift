import ExerciseKit
import Practice

public final class WhatPoolingKeepsExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ k: Int, _ t: Int) throws -> [Float]

  public init() {}

  public let title = "What pooling keeps"
  public let section = "3.4"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["sharesKept"]
  public let solution: Answer = sharesKept

  public func answer(of learner: Learner) -> Answer {
    { x, k, t in try learner.call("sharesKept", x, k, t) }
  }

  public let hints = [
    "Write it in small steps: one function that moves an image, one that pools it in one of the three ways, and one that "
      + "counts the places where two maps agree.",
    "The moved image has 0 at [i, j] for j < t and x[i, j − t] elsewhere. Each pooled map is [H / k, W / k]. Compare the "
      + "pooled map of the moved image with the pooled map of x at the same place; divide by (H / k) · (W / k).",
    """
    func pool(_ x: Tensor, _ reduce: ([Float]) -> Float) -> [Float] { … }      // windows as arrays, row by row
    var moved = Tensor.zeros(x.shape)
    for i in … { for j in t..<… { moved[i, j] = x[i, …] } }
    let ways: [([Float]) -> Float] = [{ $0.max()! }, { $0.reduce(0, +) / Float($0.count) }, { $0[…] }]
    return ways.map { way in
      let (before, after) = (pool(x, way), pool(moved, way))
      …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "two windows, moved by 1", points: 1) { answer, trial in
      try expectShares(Tensor([[5, 0, 0, 1], [0, 0, 0, 0]]), 2, 1, of: answer, trial)
      try expectShares(Tensor([[0, 4, 0, 0], [2, 0, 0, 0]]), 2, 1, of: answer, trial)
    },
    Check(.byHand, "an image that does not move keeps all", points: 1) { answer, trial in
      try expectShares(
        Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 1], [2, 3, 4, 5, 6]]), 2, 0, of: answer, trial)
    },
    Check(.byHand, "negative numbers, and zeros that come in", points: 1) { answer, trial in
      try expectShares(
        Tensor([[-1, -2, -3, -2, -2, -1], [-3, -1, -2, -5, -1, -1]]), 2, 1, of: answer, trial)
      let million = Float(1 << 20)  // a power of 2, so that sums stay exact
      try expectShares(
        Tensor([[-1, -2, -3, -2, -2, -1], [-3, -1, -2, -5, -1, -1]]) * million, 2, 2, of: answer, trial)
      try expectShares(Tensor([[-1, 2, -3, 4], [3, -1, 2, 5], [1, 0, 2, 0]]), 3, 4, of: answer, trial)
    },
    Check(.byHand, "windows of 3 × 3, and means that differ by less than 0.00001", points: 1) {
      answer, trial in
      try expectShares(
        Tensor([
          [1, 2, 4, 0, 3, 1, 5], [0, 3, 1, 2, 2, 0, 1], [5, 1, 2, 4, 1, 1, 0], [7, 2, 6, 1, 9, 3, 8],
        ]), 3, 1,
        of: answer, trial)
      // The sums of its two windows change by 0.00007 and by 0.00014, their means by a ninth of that: by less than
      // 0.00001 and by more.
      try expectShares(
        Tensor([[0, 0, 0.00007, 0, 0, 0.00021], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]), 3, 1, of: answer,
        trial)
      // And here even the sums change by less.
      try expectShares(Tensor([[0, 0.000008, 0, 0], [0, 0, 0, 0]]), 2, 1, of: answer, trial)
    },
    Check(.property, "as the definition says, for twenty images of few points", points: 2) { answer, trial in
      var inputs = Inputs(seed: 171)
      for _ in 0..<20 {
        let k = inputs.integer(1...3)
        let (height, width) = (inputs.integer(k...8), inputs.integer(k...10))
        let numbers = (0..<height * width).map { _ in
          inputs.integer(0...3) > 0 ? Float(0) : Float(inputs.integer(-4...4))
        }
        try expectShares(
          Tensor(numbers, shape: [height, width]), k, inputs.integer(0...min(4, width)), of: answer, trial)
      }
      let few = inputs.quarters([14, 23]).map { abs($0) > 8 ? $0 : 0 }
      for t in [1, 3, 7] { try expectShares(few, 5, t, of: answer, trial) }
    },
    Check(.property, "one bright point: kept until it leaves its window", points: 1) { answer, trial in
      // It stands in the first column of a window of 4, so that it may move by 3.
      var x = Tensor.zeros([8, 12])
      x[2, 4] = 9
      for t in 1...5 {
        let shares = try answer(x, 4, t)
        // The corner of its window is another row, so for the corner nothing ever changes.
        let share: Float = t <= 3 ? 1 : 4.0 / 6
        trial.expect(
          shares, equals: [share, share, 1], "sharesKept(one bright point at [2, 4], size: 4, movedBy: \(t))",
          by: { _ in
            t <= 3
              ? "column 4 + \(t) lies in the same window 4 … 7: all 6 of 6 windows stay"
              : "column 4 + \(t) lies in the next window: for max and mean 2 of 6 change"
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the pooled map is moved",
      advice: "You pool first and move the pooled map. It is the image that moves: move it, then pool."
    ) { x, k, t in
      shares(x, k) { window, way in
        pooled(x, k, movedBy: 0)[way][window]
      } after: { window, way in
        let columns = x.shape[1] / k
        return window % columns < t ? 0 : pooled(x, k, movedBy: 0)[way][window - t]
      }
    },
    Mistake(
      "what leaves comes back",
      advice: "What leaves the image on the right comes back on the left. Here it is lost, and zeros come in."
    ) { x, k, t in
      compared(x, k) { row, column in x[row, (column - t + x.shape[1]) % x.shape[1]] }
    },
    Mistake(
      "moved to the left",
      advice: """
        You moved the image to the left. To the right means that column 0 is found at t.
        """
    ) {
      x, k, t in
      compared(x, k) { row, column in column + t < x.shape[1] ? x[row, column + t] : 0 }
    },
    Mistake(
      "moved downwards",
      advice: """
        You moved the rows. To the right, it is the columns that move: x[i, j − t].
        """
    ) {
      x, k, t in
      compared(x, k) { row, column in row < t ? 0 : x[row - t, column] }
    },
    Mistake(
      "the edge is repeated",
      advice: "Where the image has moved away you repeat its first column. Zeros come in there."
    ) { x, k, t in
      compared(x, k) { row, column in x[row, max(column - t, 0)] }
    },
    Mistake(
      "the shares that change", advice: "You count the numbers that change. The share is of those that stay."
    ) { x, k, t in
      compared(x, k) { row, column in column < t ? 0 : x[row, column - t] }.map { 1 - $0 }
    },
    Mistake(
      "the numbers that stay are not divided",
      advice: "You count the numbers that stay. For their share, divide by the number of windows."
    ) { x, k, t in
      compared(x, k) { row, column in column < t ? 0 : x[row, column - t] }
        .map { $0 * Float((x.shape[0] / k) * (x.shape[1] / k)) }
    },
    Mistake(
      "divided by the size of the image",
      advice: """
        You divide by the number of all pixels. Only the pooled numbers are compared: divide by the number \
        of windows.
        """
    ) { x, k, t in
      compared(x, k) { row, column in column < t ? 0 : x[row, column - t] }
        .map { $0 * Float((x.shape[0] / k) * (x.shape[1] / k)) / Float(x.count) }
    },
    Mistake(
      "sums instead of means",
      advice: """
        You compare the sums of the windows. Divide them by k · k: a sum changes by more than 0.00001 before its \
        mean does.
        """
    ) { x, k, t in
      let (before, after) = (pooled(x, k, movedBy: 0), pooled(x, k, movedBy: t))
      return shares(x, k) { window, way in
        before[way][window] * (way == 1 ? Float(k * k) : 1)
      } after: { window, way in
        after[way][window] * (way == 1 ? Float(k * k) : 1)
      }
    },
    Mistake(
      "moved by one whatever t is",
      advice: "Your image moves by one column. It moves by t: x′[i, j] = x[i, j − t]."
    ) { x, k, t in
      compared(x, k) { row, column in column < min(t, 1) ? 0 : x[row, column - min(t, 1)] }
    },
    Mistake(
      "the windows overlap",
      advice:
        "Your windows begin at every row and column. They stand side by side: they begin at multiples of k."
    ) { x, k, t in
      func windows(_ number: (_ row: Int, _ column: Int) -> Float) -> [[Float]] {
        let columns = x.shape[1] - k + 1
        let windows = (0..<(x.shape[0] - k + 1) * columns).map { window in
          (0..<k * k).map { number(window / columns + $0 / k, window % columns + $0 % k) }
        }
        return [
          windows.map { $0.max()! }, windows.map { $0.reduce(0, +) / Float(k * k) }, windows.map { $0[0] },
        ]
      }
      let (before, after) = (
        windows { x[$0, $1] }, windows { row, column in column < t ? 0 : x[row, column - t] }
      )
      return zip(before, after).map { before, after in
        Float(zip(before, after).count { abs($1 - $0) <= 0.00001 }) / Float(before.count)
      }
    },
    Mistake(
      "mean and max exchanged",
      advice: "Your shares are in the order mean, max, corner. Asked for are max, mean, corner."
    ) { x, k, t in
      let shares = compared(x, k) { row, column in column < t ? 0 : x[row, column - t] }
      return [shares[1], shares[0], shares[2]]
    },
    Mistake(
      "the corner is the last of the window",
      advice:
        "Your corner is the lower right one. Keep the upper left: the number at row i · k and column j · k."
    ) { x, k, t in
      let right = compared(x, k) { row, column in column < t ? 0 : x[row, column - t] }
      func last(_ i: Int, _ j: Int, _ t: Int) -> Float {
        let column = j * k + k - 1
        return column < t ? 0 : x[i * k + k - 1, column - t]
      }
      let (rows, columns) = (x.shape[0] / k, x.shape[1] / k)
      let kept = (0..<rows * columns).count {
        abs(last($0 / columns, $0 % columns, t) - last($0 / columns, $0 % columns, 0)) <= 0.00001
      }
      return [right[0], right[1], Float(kept) / Float(rows * columns)]
    },
    Mistake(
      "only numbers that are equal to the last bit",
      advice:
        "You count with ==. A mean may differ in its last bits: count where the difference is at most 0.00001."
    ) { x, k, t in
      let (before, after) = (pooled(x, k, movedBy: 0), pooled(x, k, movedBy: t))
      return zip(before, after).map { before, after in
        Float(zip(before, after).count { $0 == $1 }) / Float(before.count)
      }
    },
    Mistake(
      "the largest begins at 0",
      advice: """
        Your largest number begins at 0, so windows of negative numbers all look alike. Begin with \
        −Float.infinity.
        """
    ) { x, k, t in
      let (before, after) = (pooled(x, k, movedBy: 0), pooled(x, k, movedBy: t))
      return shares(x, k) { window, way in
        way == 0 ? max(0, before[way][window]) : before[way][window]
      } after: {
        window, way in
        way == 0 ? max(0, after[way][window]) : after[way][window]
      }
    },
  ]
}

/// The pooled numbers of all windows, by max, mean and corner.
private func pooled(_ x: Tensor, _ k: Int, _ number: (_ row: Int, _ column: Int) -> Float) -> [[Float]] {
  let columns = x.shape[1] / k
  let windows = (0..<x.shape[0] / k * columns).map { window in
    (0..<k * k).map { number(window / columns * k + $0 / k, window % columns * k + $0 % k) }
  }
  return [windows.map { $0.max()! }, windows.map { $0.reduce(0, +) / Float(k * k) }, windows.map { $0[0] }]
}

private func pooled(_ x: Tensor, _ k: Int, movedBy t: Int) -> [[Float]] {
  pooled(x, k) { row, column in column < t ? 0 : x[row, column - t] }
}

private func shares(
  _ x: Tensor, _ k: Int, before: (_ window: Int, _ way: Int) -> Float,
  after: (_ window: Int, _ way: Int) -> Float
) -> [Float] {
  let count = x.shape[0] / k * (x.shape[1] / k)
  return (0..<3).map { way in
    Float((0..<count).filter { abs(after($0, way) - before($0, way)) <= 0.00001 }.count) / Float(count)
  }
}

/// The shares for an image whose moved form is given number by number.
private func compared(_ x: Tensor, _ k: Int, moved: (_ row: Int, _ column: Int) -> Float) -> [Float] {
  let (a, b) = (pooled(x, k, movedBy: 0), pooled(x, k, moved))
  return shares(x, k) {
    a[$1][$0]
  } after: {
    b[$1][$0]
  }
}

private func expectShares(
  _ x: Tensor, _ k: Int, _ t: Int, of answer: WhatPoolingKeepsExercise.Answer, _ trial: Trial
) throws {
  let (before, after) = (pooled(x, k, movedBy: 0), pooled(x, k, movedBy: t))
  let expected = shares(x, k) {
    before[$1][$0]
  } after: {
    after[$1][$0]
  }
  func list(_ numbers: [Float]) -> String {
    numbers.count <= 8 ? numbers.map(written).joined(separator: " ") : "\(numbers.count) numbers"
  }
  trial.expect(
    try answer(x, k, t), equals: expected, "sharesKept(x, size: \(k), movedBy: \(t)): max, mean, corner",
    given: ["x": x],
    by: { at in
      guard let way = at.first, way < 3 else { return "there are three shares: max, mean, corner" }
      let count = before[way].count
      return """
        \(["max", "mean", "corner"][way]) before: \(list(before[way])), after: \(list(after[way])): \
        \(Int((expected[way] * Float(count)).rounded())) of \(count) stay, \(written(expected[way]))
        """
    })
}
