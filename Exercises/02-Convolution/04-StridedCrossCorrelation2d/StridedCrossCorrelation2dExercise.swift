import ExerciseKit
import Practice

public final class StridedCrossCorrelation2dExercise: Exercise {
  public typealias Answer =
    @Sendable (_ x: Tensor, _ w: Tensor, _ s: [Int], _ p: [Int], _ d: [Int]) throws
    -> Tensor

  public init() {}

  public let title = "Stride, padding and dilation"
  public let section = "2.4"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["crossCorrelate2d"]
  public let solution: Answer = crossCorrelate2d

  public func answer(of learner: Learner) -> Answer {
    { x, w, s, p, d in try learner.call("crossCorrelate2d", x, w, s, p, d) }
  }

  public let hints = [
    "Take your four loops of 2.3. Only two things change: the size of the map, which is 2.2 for rows and for columns, "
      + "and the place in the image that a weight meets. You need not build the padded image.",
    "Weight w[a, b] of place [i, j] meets row i · s[0] + a · d[0] − p[0] and column j · s[1] + b · d[1] − p[1]. "
      + "Where the row is not in 0 ..< x.shape[0], or the column not in 0 ..< x.shape[1], add nothing.",
    """
    for a in 0..<w.shape[0] {
      let r = i * s[0] + …
      guard r >= 0, … else { continue }
      for b in 0..<w.shape[1] {
        let c = …
        guard … else { continue }
        sum += w[a, b] * x[r, c]
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a [7, 5] image and a [3, 2] kernel, three ways", points: 1) { answer, trial in
      var inputs = Inputs(seed: 41)
      let (x, w) = (inputs.integers([7, 5]), inputs.integers([3, 2]))
      for (s, p, d) in [
        ([2, 1], [0, 0], [1, 1]), ([1, 3], [1, 2], [1, 1]), ([2, 2], [1, 0], [2, 3]),
      ] {
        let shape = mapShape(x, w, s, p, d)
        trial.expect(
          try answer(x, w, s, p, d), hasShape: shape,
          "crossCorrelate2d(x, w, stride: \(s), padding: \(p), dilation: \(d))", given: ["x": x, "w": w],
          by: """
            rows ⌊(7 + 2·\(p[0]) − \(d[0])·2 − 1) / \(s[0])⌋ + 1 = \(shape[0]), \
            columns ⌊(5 + 2·\(p[1]) − \(d[1])·1 − 1) / \(s[1])⌋ + 1 = \(shape[1])
            """)
      }
    },
    Check(.byHand, "stride 2 down, 1 to the right", points: 1) { answer, trial in
      try expectMap(
        Tensor([[1, 2, 0, 1], [3, 1, 4, 2], [0, 2, 1, 5]]), Tensor([[1, -2]]), [2, 1], [0, 0], [1, 1],
        of: answer,
        trial)
      try expectMap(
        Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 8]]), Tensor([[2, 0, 1], [0, -1, 0]]), [1, 2], [0, 0], [1, 1],
        of: answer, trial)
    },
    Check(.byHand, "a border of zeros", points: 1) { answer, trial in
      let x = Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
      try expectMap(x, Tensor([[1, 2], [0, 1]]), [1, 1], [0, 1], [1, 1], of: answer, trial)
      try expectMap(x, Tensor([[1, 2], [0, 3]]), [2, 2], [1, 1], [1, 1], of: answer, trial)
    },
    Check(.byHand, "weights that lie apart", points: 1) { answer, trial in
      try expectMap(
        Tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 8, 7, 5]]), Tensor([[1, 2], [-1, 3]]), [1, 1], [0, 0],
        [2, 1],
        of: answer, trial)
      try expectMap(
        Tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), Tensor([[1, -2]]), [1, 1], [0, 0], [1, 3], of: answer, trial)
    },
    Check(.property, "as the definition says, for thirty settings", points: 2) { answer, trial in
      var inputs = Inputs(seed: 43)
      for _ in 0..<30 {
        func two(_ range: ClosedRange<Int>) -> [Int] { [inputs.integer(range), inputs.integer(range)] }
        let (kernel, s, p, d) = (two(1...3), two(1...3), two(0...2), two(1...3))
        let image = (0..<2).map { axis in
          inputs.integer(max(1, d[axis] * (kernel[axis] - 1) + 1 - 2 * p[axis])...10)
        }
        try expectMap(inputs.integers(image), inputs.integers(kernel), s, p, d, of: answer, trial)
      }
      try expectMap(
        inputs.quarters([17, 14]), inputs.quarters([5, 4]), [3, 2], [4, 3], [2, 3], of: answer, trial)
    },
    Check(.property, "stride 2 gives every second number of stride 1", points: 1) { answer, trial in
      var inputs = Inputs(seed: 47)
      let (x, w) = (inputs.integers([8, 7]), inputs.integers([3, 2]))
      let all = try answer(x, w, [1, 1], [1, 1], [1, 1])
      let some = try answer(x, w, [2, 3], [1, 1], [1, 1])
      guard all.shape == [8, 8], some.shape == [4, 3] else {
        return trial.expect(
          some, hasShape: [4, 3], "crossCorrelate2d(x, w, stride: [2, 3], padding: [1, 1], …)")
      }
      trial.expect(
        some, equals: Tensor((0..<4).map { i in (0..<3).map { j in all[2 * i, 3 * j] } }),
        "crossCorrelate2d(x, w, stride: [2, 3], …), beside rows 0, 2, 4, 6 and columns 0, 3, 6 of stride [1, 1]",
        given: ["x": x, "w": w])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the padding is only behind",
      advice: """
        Your map has the right size, but your kernel starts on the image itself, not on the zeros before it: \
        subtract p from the place.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in i * s[axis] + a * d[axis] }
    },
    Mistake(
      "the padding is multiplied by the stride",
      advice: """
        You subtract p from i before you multiply by s. The stride counts steps; subtract p afterwards.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in (i - p[axis]) * s[axis] + a * d[axis] }
    },
    Mistake(
      "the stride moves nothing",
      advice: """
        Your map has the size for the stride, but the kernel moves by 1: place i starts at row i · s − p.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in i + a * d[axis] - p[axis] }
    },
    Mistake(
      "the stride spreads the kernel",
      advice: """
        You multiply the place in the kernel by the stride. Only i and j are multiplied by s; a and b by \
        d.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in (i + a * d[axis]) * s[axis] - p[axis] }
    },
    Mistake(
      "the dilation spreads nothing",
      advice: """
        Your map has the size for the dilation, but the weights still lie side by side: weight a is a · d \
        away.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in i * s[axis] + a - p[axis] }
    },
    Mistake(
      "stride and dilation are exchanged",
      advice: """
        You took d for s: the stride s belongs to the place i in the map, the dilation d to the weight a.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in i * d[axis] + a * s[axis] - p[axis] }
    },
    Mistake(
      "the columns are treated as the rows",
      advice: """
        You use the first number of stride, padding and dilation for the columns too. Theirs is the \
        second.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, _ in i * s[0] + a * d[0] - p[0] }
    },
    Mistake(
      "the border repeats the edge",
      advice: """
        Outside the image you take the nearest number of its edge. The padding is made of zeros: add \
        nothing.
        """
    ) { x, w, s, p, d in
      slide(x, w, mapShape(x, w, s, p, d)) { i, a, axis in
        min(max(i * s[axis] + a * d[axis] - p[axis], 0), x.shape[axis] - 1)
      }
    },
    Mistake(
      "a row goes on in the next",
      advice: """
        Where the kernel leaves the image at the side, you read from the row before or behind: test row and column \
        apart, not the place r · W + c.
        """
    ) { x, w, s, p, d in
      let shape = mapShape(x, w, s, p, d)
      var y = Tensor.zeros(shape)
      let scalars = x.scalars
      forEachPlace(shape, w.shape) { i, j, a, b in
        let (r, c) = (i * s[0] + a * d[0] - p[0], j * s[1] + b * d[1] - p[1])
        let place = r * x.shape[1] + c
        if scalars.indices.contains(place) { y[i, j] += w[a, b] * scalars[place] }
      }
      return y
    },
    Mistake(
      "the kernel is flipped",
      advice: """
        You flipped the kernel. Padding and stride do not change that: w[0, 0] meets the top left number.
        """
    ) { x, w, s, p, d in
      let flipped = Tensor(w.scalars.reversed(), shape: w.shape)
      return slide(x, flipped, mapShape(x, w, s, p, d)) { i, a, axis in i * s[axis] + a * d[axis] - p[axis] }
    },
  ]
}

private func mapShape(_ x: Tensor, _ w: Tensor, _ s: [Int], _ p: [Int], _ d: [Int]) -> [Int] {
  (0..<2).map { axis in (x.shape[axis] + 2 * p[axis] - d[axis] * (w.shape[axis] - 1) - 1) / s[axis] + 1 }
}

private func forEachPlace(
  _ map: [Int], _ kernel: [Int], _ body: (_ i: Int, _ j: Int, _ a: Int, _ b: Int) -> Void
) {
  for i in 0..<map[0] {
    for j in 0..<map[1] {
      for a in 0..<kernel[0] {
        for b in 0..<kernel[1] { body(i, j, a, b) }
      }
    }
  }
}

/// The number of the image at a place, and 0 outside.
private func number(_ x: Tensor, _ r: Int, _ c: Int) -> Float {
  r >= 0 && r < x.shape[0] && c >= 0 && c < x.shape[1] ? x[r, c] : 0
}

/// The definition, with the place in the image that weight `a` of place `i` meets, for axis 0 and 1.
private func slide(
  _ x: Tensor, _ w: Tensor, _ shape: [Int], place: (_ i: Int, _ a: Int, _ axis: Int) -> Int
) -> Tensor {
  var y = Tensor.zeros(shape)
  forEachPlace(shape, w.shape) { i, j, a, b in y[i, j] += w[a, b] * number(x, place(i, a, 0), place(j, b, 1))
  }
  return y
}

/// Compares one answer with the definition on the image with its border of zeros, and shows the sum for the place
/// where they differ.
private func expectMap(
  _ x: Tensor, _ w: Tensor, _ s: [Int], _ p: [Int], _ d: [Int],
  of answer: StridedCrossCorrelation2dExercise.Answer, _ trial: Trial
) throws {
  var padded = Tensor.zeros([x.shape[0] + 2 * p[0], x.shape[1] + 2 * p[1]])
  for i in 0..<x.shape[0] {
    for j in 0..<x.shape[1] { padded[i + p[0], j + p[1]] = x[i, j] }
  }
  trial.expect(
    try answer(x, w, s, p, d),
    equals: slide(padded, w, mapShape(x, w, s, p, d)) { i, a, axis in i * s[axis] + a * d[axis] },
    "crossCorrelate2d(x, w, stride: \(s), padding: \(p), dilation: \(d))", given: ["x": x, "w": w],
    by: { place in
      sumOfProducts(
        (0..<w.shape[0]).flatMap { a in
          (0..<w.shape[1]).map { b in
            (padded[place[0] * s[0] + a * d[0], place[1] * s[1] + b * d[1]], w[a, b])
          }
        })
    })
}
