import ExerciseKit
import Practice

public final class MaxPoolingExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ k: Int, _ s: Int) throws -> Tensor

  public init() {}

  public let title = "Max pooling"
  public let section = "3.1"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["maxPool"]
  public let solution: Answer = maxPool

  public func answer(of learner: Learner) -> Answer {
    { x, k, s in try learner.call("maxPool", x, k, s) }
  }

  public let hints = [
    "Six loops, as in the convolution layer, but without filters: four through the result, two through the window. In "
      + "place of the sum there is the largest number so far. With what must it begin?",
    "y is [N, C, (H − k) / s + 1, (W − k) / s + 1]. Its number at [n, c, i, j] is the largest of "
      + "x[n, c, i · s + a, j · s + b]. Begin with −Float.infinity or with the window's first number.",
    """
    for n in … { for c in … { for i in … { for j in … {
      var largest = -Float.infinity
      for a in 0..<k { for b in 0..<k { largest = max(largest, x[n, c, …, …]) } }
      y[n, c, i, j] = largest
    } } } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3, 6, 5], windows of 2, stride 2: [2, 3, 3, 2]", points: 1) { answer, trial in
      for (maps, k, s) in [
        ([2, 3, 6, 5], 2, 2), ([1, 2, 5, 8], 3, 1), ([2, 1, 4, 7], 2, 3), ([1, 1, 3, 3], 3, 2),
      ] {
        var inputs = Inputs(seed: 101)
        let shape = [maps[0], maps[1], (maps[2] - k) / s + 1, (maps[3] - k) / s + 1]
        trial.expect(
          try answer(inputs.integers(maps), k, s), hasShape: shape,
          "maxPool(x \(maps), size: \(k), stride: \(s))",
          by:
            "rows ⌊(\(maps[2]) − \(k)) / \(s)⌋ + 1 = \(shape[2]), columns ⌊(\(maps[3]) − \(k)) / \(s)⌋ + 1 = \(shape[3])"
        )
      }
    },
    Check(.byHand, "windows of 2 side by side", points: 1) { answer, trial in
      try expectPooled(
        Tensor([1, 5, -2, 3, 4, 0, 1, 2, 3, 1, 4, 6, 2, 7, 5, 8], shape: [1, 1, 4, 4]), 2, 2, of: answer,
        trial)
    },
    Check(.byHand, "numbers that are all negative", points: 1) { answer, trial in
      try expectPooled(
        Tensor([-3, -1, -4, -6, -2, -7, -5, -8], shape: [1, 1, 2, 4]), 2, 2, of: answer, trial)
      try expectPooled(Tensor([-3e38, -1e38, -2e38, -3.2e38], shape: [1, 1, 1, 4]), 1, 2, of: answer, trial)
    },
    Check(.byHand, "windows that overlap, and windows with gaps between", points: 1) { answer, trial in
      let x = Tensor([1, 2, 9, 3, 5, 4, 6, 0, 7, 8, -1, 5, 3, 2, 4], shape: [1, 1, 3, 5])
      try expectPooled(x, 2, 1, of: answer, trial)
      try expectPooled(x, 2, 3, of: answer, trial)
      try expectPooled(x, 1, 2, of: answer, trial)
    },
    Check(.property, "as the definition says, for fifteen batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 103)
      for _ in 0..<15 {
        let k = inputs.integer(1...3)
        let shape = [
          inputs.integer(1...3), inputs.integer(1...3), inputs.integer(k...8), inputs.integer(k...8),
        ]
        try expectPooled(inputs.integers(shape), k, inputs.integer(1...4), of: answer, trial)
      }
      try expectPooled(inputs.quarters([4, 5, 13, 17]), 5, 2, of: answer, trial)
    },
    Check(.property, "x + 100 gives y + 100, and 2 x gives 2 y", points: 1) { answer, trial in
      var inputs = Inputs(seed: 107)
      let x = inputs.integers([2, 2, 5, 4])
      let y = pooled(x, 2, 2)
      trial.expect(try answer(x + 100, 2, 2), equals: y + 100, "maxPool(x + 100, size: 2, stride: 2)")
      trial.expect(try answer(x - 100, 2, 2), equals: y - 100, "maxPool(x − 100, size: 2, stride: 2)")
      trial.expect(try answer(x * 2, 2, 2), equals: y * 2, "maxPool(2 x, size: 2, stride: 2)")
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the largest begins at 0",
      advice: """
        Your largest number begins at 0, so a window of negative numbers gives 0. Begin with \
        −Float.infinity. (Float.leastNormalMagnitude is no way out: it is a tiny number above 0.)
        """
    ) { x, k, s in pooled(x, k, s).map { max(0, $0) } },
    Mistake(
      "the largest begins at a number",
      advice: "Your largest number begins at some number below 0. There are numbers below it: begin with "
        + "−Float.infinity, or with the first of the window."
    ) { x, k, s in pooled(x, k, s).map { max(-1e31, $0) } },
    Mistake(
      "the largest magnitude",
      advice: """
        You compare the numbers without their signs: −7 is less than 2. Leave out abs.
        """
    ) { x, k, s in
      pooled(x, k, s) { window in window.reduce(0) { abs($1) > abs($0) ? $1 : $0 } }
    },
    Mistake(
      "the smallest number",
      advice: """
        You keep the smallest number of each window. Keep the largest.
        """
    ) { x, k, s in
      pooled(x, k, s) { $0.min()! }
    },
    Mistake(
      "the mean instead of the maximum",
      advice: """
        You take the mean of each window. That is average pooling, exercise 3.3.
        """
    ) { x, k, s in
      pooled(x, k, s) { $0.reduce(0, +) / Float($0.count) }
    },
    Mistake(
      "the sum instead of the maximum",
      advice: """
        You add up each window, as in a convolution. Keep its largest number.
        """
    ) {
      x, k, s in pooled(x, k, s) { $0.reduce(0, +) }
    },
    Mistake(
      "the last number of the window",
      advice: """
        You keep the number seen last in each window, whatever it is: compare it with the largest so far.
        """
    ) { x, k, s in
      pooled(x, k, s) { $0.last! }
    },
    Mistake(
      "only the diagonal of the window",
      advice: """
        You go through rows and columns of the window together. Each row must meet each column: two loops.
        """
    ) { x, k, s in
      pooled(x, k, s) { window in (0..<k).map { window[$0 * k + $0] }.max()! }
    },
    Mistake(
      "the stride moves nothing",
      advice: """
        There are as many windows as the stride allows, but yours lie side by side: window i starts at row \
        i · s.
        """
    ) { x, k, s in
      pooled(x, k, s, step: 1)
    },
    Mistake(
      "the window moves by its size",
      advice: """
        Your windows move by k, whatever the stride: window i starts at row i · s, and windows may \
        overlap.
        """
    ) { x, k, s in
      pooled(x, k, s, step: k)
    },
    Mistake(
      "the largest goes on from window to window",
      advice: "The largest number of one window goes on into the next: begin each window anew."
    ) { x, k, s in
      var largest = -Float.infinity
      return pooled(x, k, s) { window in
        largest = max(largest, window.max()!)
        return largest
      }
    },
    Mistake(
      "all images are the first",
      advice: """
        Every image of yours is pooled as image 0: read x[n, c, …].
        """
    ) { x, k, s in
      let image = x.scalars.prefix(x.count / x.shape[0])
      return pooled(Tensor((0..<x.shape[0]).flatMap { _ in image }, shape: x.shape), k, s)
    },
    Mistake(
      "the maximum over all channels",
      advice: "You look for the largest number in all channels together. Each channel is pooled by itself."
    ) { x, k, s in
      var y = pooled(x, k, s)
      for n in 0..<y.shape[0] {
        for i in 0..<y.shape[2] {
          for j in 0..<y.shape[3] {
            let largest = (0..<y.shape[1]).map { y[n, $0, i, j] }.max()!
            for c in 0..<y.shape[1] { y[n, c, i, j] = largest }
          }
        }
      }
      return y
    },
  ]
}

/// The numbers of each window, made into one by `reduce`.
///
/// - Parameter step: How far the window moves, where that is not the stride; what leaves the map is left out.
private func pooled(
  _ x: Tensor, _ k: Int, _ s: Int, step: Int? = nil, reduce: ([Float]) -> Float = { $0.max()! }
) -> Tensor {
  let (height, width, step) = (x.shape[2], x.shape[3], step ?? s)
  var y = Tensor.zeros([x.shape[0], x.shape[1], (height - k) / s + 1, (width - k) / s + 1])
  for n in 0..<y.shape[0] {
    for c in 0..<y.shape[1] {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          var window: [Float] = []
          for row in i * step..<i * step + k {
            for column in j * step..<j * step + k where row < height && column < width {
              window.append(x[n, c, row, column])
            }
          }
          y[n, c, i, j] = window.isEmpty ? 0 : reduce(window)
        }
      }
    }
  }
  return y
}

/// Compares one answer with the definition, and shows the window of the place where they differ.
private func expectPooled(
  _ x: Tensor, _ k: Int, _ s: Int, of answer: MaxPoolingExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer(x, k, s), equals: pooled(x, k, s), "maxPool(x, size: \(k), stride: \(s))", given: ["x": x],
    by: { at in
      let window = (0..<k * k).map { x[at[0], at[1], at[2] * s + $0 / k, at[3] * s + $0 % k] }
      return "the largest of \(window.map(written).joined(separator: ", ")) is \(written(window.max()!))"
    })
}
