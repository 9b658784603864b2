import ExerciseKit
import Practice

public final class GlobalAveragePoolingExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor) throws -> Tensor

  public init() {}

  public let title = "Global average pooling"
  public let section = "3.3"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["globalAveragePool"]
  public let solution: Answer = globalAveragePool

  public func answer(of learner: Learner) -> Answer {
    { x in try learner.call("globalAveragePool", x) }
  }

  public let hints = [
    "Two loops for the result, two for the sum. Or see that all numbers of a channel lie one behind the other: as "
      + "[N · C, H · W], each row is one channel.",
    "y is [N, C]. y[n, c] is the sum of x[n, c, i, j] over all i and j, divided by H · W = x.shape[2] * x.shape[3].",
    """
    var y = Tensor.zeros([…, …])
    for n in … { for c in … {
      var sum: Float = 0
      for i in … { for j in … { sum += … } }
      y[n, c] = sum / Float(…)
    } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3, 4, 5] gives [2, 3]", points: 1) { answer, trial in
      for shape in [[2, 3, 4, 5], [1, 4, 2, 2], [3, 1, 1, 6]] {
        var inputs = Inputs(seed: 131)
        trial.expect(
          try answer(inputs.integers(shape)), hasShape: [shape[0], shape[1]], "globalAveragePool(x \(shape))",
          by: "\(shape[0]) images, and one number for each of \(shape[1]) channels")
      }
    },
    Check(.byHand, "two channels of 2×3", points: 1) { answer, trial in
      try expectMeans(Tensor([1, 2, 3, 4, 5, 9, 0, -6, 0, 0, 0, 3], shape: [1, 2, 2, 3]), of: answer, trial)
    },
    Check(.byHand, "three images of one channel", points: 1) { answer, trial in
      try expectMeans(Tensor([1, 3, 5, 9, -2, -8], shape: [3, 1, 1, 2]), of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve batches", points: 1) { answer, trial in
      var inputs = Inputs(seed: 133)
      for _ in 0..<12 {
        try expectMeans(inputs.integers((0..<4).map { _ in inputs.integer(1...6) }), of: answer, trial)
      }
      try expectMeans(inputs.quarters([5, 7, 13, 9]) * 100, of: answer, trial)
    },
    Check(.property, "it does not matter where in the map a number stands", points: 1) { answer, trial in
      var inputs = Inputs(seed: 137)
      let x = inputs.integers([2, 3, 4, 5])
      var turned: [Float] = []
      for map in 0..<6 { turned += x.scalars[map * 20..<(map + 1) * 20].reversed() }
      trial.expect(
        try answer(Tensor(turned, shape: x.shape)), equals: means(x),
        "globalAveragePool(x with every map turned around), beside that of x")
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the sum is not divided",
      advice: """
        You add up each map. For the mean, divide by how many numbers it has: H · W.
        """
    ) {
      x in means(x) * Float(x.shape[2] * x.shape[3])
    },
    Mistake(
      "divided by the height twice",
      advice: """
        You divide by H · H. A map need not be square: divide by H · W.
        """
    ) { x in
      means(x) * Float(x.shape[3]) / Float(x.shape[2])
    },
    Mistake(
      "divided by all numbers",
      advice: "You divide by the count of all numbers in x. Each channel has only H · W numbers of its own."
    ) { x in
      means(x) / Float(x.shape[0] * x.shape[1])
    },
    Mistake(
      "the maximum instead of the mean",
      advice: """
        You keep the largest number of each map. Take the mean.
        """
    ) { x in
      let size = x.shape[2] * x.shape[3]
      return Tensor(
        (0..<x.shape[0] * x.shape[1]).map { x.scalars[$0 * size..<($0 + 1) * size].max()! },
        shape: [x.shape[0], x.shape[1]])
    },
    Mistake(
      "the channels are taken from the last axis",
      advice: """
        You read x as if its channels came last. The order is [N, C, H, W]: reshape to [N, C, H · W] and \
        average the last axis.
        """
    ) { x in
      let (images, channels, size) = (x.shape[0], x.shape[1], x.shape[2] * x.shape[3])
      let scalars = x.scalars
      return Tensor(
        (0..<images * channels).map { index in
          let (n, c) = (index / channels, index % channels)
          return (0..<size).reduce(Float(0)) { $0 + scalars[(n * size + $1) * channels + c] } / Float(size)
        }, shape: [images, channels])
    },
    Mistake(
      "the mean over the images too",
      advice: """
        All your images have the same means: you average over the batch as well. Each image keeps its own.
        """
    ) { x in
      let right = means(x)
      return Tensor(
        (0..<x.shape[0]).map { _ in
          (0..<x.shape[1]).map { c in
            (0..<x.shape[0]).reduce(Float(0)) { $0 + right[$1, c] } / Float(x.shape[0])
          }
        })
    },
    Mistake(
      "the sum is not set back",
      advice: """
        The sum of one map goes on into the next: begin each map with a sum of 0.
        """
    ) { x in
      var sum: Float = 0
      return means(x).map { mean in
        sum += mean
        return sum
      }
    },
  ]
}

private func means(_ x: Tensor) -> Tensor {
  let size = x.shape[2] * x.shape[3]
  return Tensor(
    (0..<x.shape[0] * x.shape[1]).map { x.scalars[$0 * size..<($0 + 1) * size].reduce(0, +) / Float(size) },
    shape: [x.shape[0], x.shape[1]])
}

private func expectMeans(_ x: Tensor, of answer: GlobalAveragePoolingExercise.Answer, _ trial: Trial) throws {
  trial.expect(
    try answer(x), equals: means(x), "globalAveragePool(x)", given: ["x": x],
    by: { at in
      let size = x.shape[2] * x.shape[3]
      let first = (at[0] * x.shape[1] + at[1]) * size
      let numbers = x.scalars[first..<first + size]
      let sum = numbers.reduce(0, +)
      return """
        the \(size) numbers of image \(at[0]), channel \(at[1]) make \(written(sum)), \
        and \(written(sum)) / \(size) = \(written(sum / Float(size)))
        """
    })
}
