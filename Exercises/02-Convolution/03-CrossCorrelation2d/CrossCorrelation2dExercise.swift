import ExerciseKit
import Practice

public final class CrossCorrelation2dExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ w: Tensor) throws -> Tensor

  public init() {}

  public let title = "Cross-correlation in two dimensions"
  public let section = "2.2"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["crossCorrelate2d"]
  public let solution: Answer = crossCorrelate2d

  public func answer(of learner: Learner) -> Answer {
    { x, w in try learner.call("crossCorrelate2d", x, w) }
  }

  public let hints = [
    "Four loops: two go through the places of the feature map, two through the kernel. The two inner ones make one sum.",
    "The feature map is [H − K_H + 1, W − K_W + 1] with H = x.shape[0] and W = x.shape[1]. Its number at [i, j] is "
      + "the sum of w[a, b] * x[i + a, j + b] over all a and b.",
    """
    var y = Tensor.zeros([…, …])
    for i in 0..<y.shape[0] {
      for j in 0..<y.shape[1] {
        var sum: Float = 0
        for a in … { for b in … { sum += w[a, b] * … } }
        y[i, j] = sum
      }
    }
    return y
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[3, 3] with a [2, 2] kernel gives [2, 2]", points: 1) { answer, trial in
      for (image, kernel) in [([3, 3], [2, 2]), ([5, 4], [2, 2]), ([4, 7], [3, 2]), ([6, 5], [1, 4])] {
        var inputs = Inputs(seed: 1)
        let (x, w) = (inputs.integers(image), inputs.integers(kernel))
        let shape = [image[0] - kernel[0] + 1, image[1] - kernel[1] + 1]
        trial.expect(
          try answer(x, w), hasShape: shape, "crossCorrelate2d(image, kernel)",
          given: ["image": x, "kernel": w],
          by: """
            height \(image[0]) − \(kernel[0]) + 1 = \(shape[0]), \
            width \(image[1]) − \(kernel[1]) + 1 = \(shape[1])
            """)
      }
    },
    Check(.byHand, "a 3×3 image and a 2×2 kernel", points: 1) { answer, trial in
      try expectMap(
        Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), Tensor([[1, 0], [0, -1]]), of: answer, trial)
      try expectMap(
        Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), Tensor([[1, 2], [0, 3]]), of: answer, trial)
    },
    Check(.byHand, "a kernel that is not square", points: 1) { answer, trial in
      try expectMap(
        Tensor([[1, 0, 2, 1], [3, 1, 0, 2], [0, 4, 1, 1]]), Tensor([[2, 0, -1]]), of: answer, trial)
      try expectMap(
        Tensor([[1, 0, 2], [3, 1, 0], [0, 4, 1]]), Tensor([[1, 2], [0, 1], [-1, 3]]), of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve pairs of sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 23)
      for _ in 0..<12 {
        let kernel = [inputs.integer(1...4), inputs.integer(1...4)]
        let image = [inputs.integer(kernel[0]...9), inputs.integer(kernel[1]...9)]
        try expectMap(inputs.integers(image), inputs.integers(kernel), of: answer, trial)
      }
      try expectMap(inputs.quarters([13, 17]), inputs.quarters([5, 6]), of: answer, trial)
    },
    Check(.property, "an image that is moved gives a map that is moved", points: 1) { answer, trial in
      var inputs = Inputs(seed: 29)
      let (wide, w) = (inputs.integers([6, 8]), inputs.integers([3, 2]))
      func part(from column: Int) -> Tensor {
        Tensor((0..<6).map { i in (0..<7).map { j in wide[i, column + j] } })
      }
      let (y, moved) = (try answer(part(from: 0), w), try answer(part(from: 1), w))
      let kept = { (map: Tensor, first: Int) in
        Tensor((0..<4).map { i in (0..<5).map { map[i, first + $0] } })
      }
      guard y.shape == [4, 6], moved.shape == [4, 6] else {
        return trial.expect(y, hasShape: [4, 6], "crossCorrelate2d(image, kernel)")
      }
      trial.expect(
        kept(moved, 0), equals: kept(y, 1), "crossCorrelate2d(image moved left by 1, kernel)",
        given: ["image": part(from: 0), "kernel": w])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the kernel is flipped",
      advice: """
        You flipped the kernel. That is the mathematician's convolution; the layer that is called convolution does \
        not flip.
        """
    ) { x, w in
      slide(x, w) { a, b in w[w.shape[0] - 1 - a, w.shape[1] - 1 - b] }
    },
    Mistake(
      "the kernel is transposed",
      advice: "You took rows for columns in the kernel: the first index of w is its row, as in x."
    ) { x, w in
      slide(x, w) { a, b in w.scalars[b * w.shape[0] + a] }
    },
    Mistake(
      "the rows of the kernel are flipped",
      advice:
        "Your kernel stands upside down: w[a, b] belongs to x[i + a, j + b], with a counted from the top."
    ) { x, w in
      slide(x, w) { a, b in w[w.shape[0] - 1 - a, b] }
    },
    Mistake(
      "the columns of the kernel are flipped",
      advice: "Your kernel is mirrored: w[a, b] belongs to x[i + a, j + b], with b counted from the left."
    ) { x, w in
      slide(x, w) { a, b in w[a, w.shape[1] - 1 - b] }
    },
    Mistake(
      "the products replace each other",
      advice: "Only the last product of each place is left: add to the sum with += instead of setting it."
    ) { x, w in
      let (h, k) = (w.shape[0] - 1, w.shape[1] - 1)
      return slide(x, w) { a, b in a == h && b == k ? w[a, b] : 0 }
    },
    Mistake(
      "only the diagonal of the kernel counts",
      advice:
        "You go through rows and columns of the kernel together. Each row must meet each column: two loops."
    ) { x, w in
      slide(x, w) { a, b in a == b ? w[a, b] : 0 }
    },
    Mistake(
      "the mean instead of the sum",
      advice:
        "You divided by the size of the kernel. The weights already say how much each number counts: only add."
    ) { x, w in
      slide(x, w) { a, b in w[a, b] / Float(w.count) }
    },
    Mistake(
      "the kernel is centred",
      advice:
        "Your kernel has its middle at [i, j]. Here its corner is at [i, j]: multiply w[a, b] by x[i + a, j + b]."
    ) { x, w in
      var y = slide(x, w) { _, _ in 0 }
      for i in 0..<y.shape[0] {
        for j in 0..<y.shape[1] {
          for a in 0..<w.shape[0] {
            for b in 0..<w.shape[1] {
              let (row, column) = (i + a - w.shape[0] / 2, j + b - w.shape[1] / 2)
              if row >= 0 && column >= 0 { y[i, j] += w[a, b] * x[row, column] }
            }
          }
        }
      }
      return y
    },
  ]
}

/// The definition, with the kernel's weights given by their place.
private func slide(_ x: Tensor, _ w: Tensor, weight: (_ a: Int, _ b: Int) -> Float) -> Tensor {
  var y = Tensor.zeros([x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1])
  for i in 0..<y.shape[0] {
    for j in 0..<y.shape[1] {
      for a in 0..<w.shape[0] {
        for b in 0..<w.shape[1] { y[i, j] += weight(a, b) * x[i + a, j + b] }
      }
    }
  }
  return y
}

/// Compares one answer with the definition, and shows the sum for the place where they differ.
private func expectMap(
  _ x: Tensor, _ w: Tensor, of answer: CrossCorrelation2dExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer(x, w), equals: slide(x, w) { w[$0, $1] }, "crossCorrelate2d(image, kernel)",
    given: ["image": x, "kernel": w],
    by: { place in
      sumOfProducts(
        (0..<w.shape[0]).flatMap { a in
          (0..<w.shape[1]).map { b in (x[place[0] + a, place[1] + b], w[a, b]) }
        })
    })
}
