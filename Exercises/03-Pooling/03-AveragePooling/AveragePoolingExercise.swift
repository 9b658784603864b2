import ExerciseKit
import Practice

public final class AveragePoolingExercise: Exercise {
  public typealias Answer =
    @Sendable (_ x: Tensor, _ k: Int, _ s: Int, _ p: Int, _ countsPadding: Bool) throws
    -> Tensor

  public init() {}

  public let title = "Average pooling"
  public let section = "3.2"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["averagePool"]
  public let solution: Answer = averagePool

  public func answer(of learner: Learner) -> Answer {
    { x, k, s, p, counts in try learner.call("averagePool", x, k, s, p, counts) }
  }

  public let hints = [
    "As in 3.1, with a sum in place of the largest number. Count the numbers that you add: then both ways to divide are "
      + "one line.",
    "Number [n, c, i, j] is the sum of x[n, c, i · s + a − p, j · s + b − p] over those a and b for which the place is "
      + "inside the map, divided by k · k or by how many they were.",
    """
    var sum: Float = 0
    var inside = 0
    for a in 0..<k { for b in 0..<k {
      let (row, column) = (i * s + a - p, …)
      guard row >= 0, … else { continue }
      sum += …
      inside += 1
    } }
    y[n, c, i, j] = sum / Float(countsPadding ? … : …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3, 6, 5], k = 3, s = 2, p = 1: [2, 3, 3, 3]", points: 1) { answer, trial in
      for (maps, k, s, p) in [([2, 3, 6, 5], 3, 2, 1), ([1, 2, 4, 7], 2, 2, 0), ([1, 1, 5, 3], 3, 1, 1)] {
        var inputs = Inputs(seed: 121)
        let shape = [maps[0], maps[1], (maps[2] + 2 * p - k) / s + 1, (maps[3] + 2 * p - k) / s + 1]
        trial.expect(
          try answer(inputs.integers(maps), k, s, p, true), hasShape: shape,
          "averagePool(x \(maps), size: \(k), stride: \(s), padding: \(p), countsPadding: true)",
          by: """
            rows ⌊(\(maps[2]) + 2·\(p) − \(k)) / \(s)⌋ + 1 = \(shape[2]), \
            columns ⌊(\(maps[3]) + 2·\(p) − \(k)) / \(s)⌋ + 1 = \(shape[3])
            """)
      }
    },
    Check(.byHand, "windows of 2 side by side", points: 1) { answer, trial in
      try expectPooled(
        Tensor([1, 5, -2, 4, 3, -1, 6, 0], shape: [1, 1, 2, 4]), 2, 2, 0, true, of: answer, trial)
      try expectPooled(
        Tensor([2, 4, 6, 8, 1, 3, 5, 7, 0, 2, 4, 9], shape: [1, 1, 3, 4]), 2, 1, 0, false, of: answer, trial)
    },
    Check(.byHand, "the padding counts", points: 1) { answer, trial in
      try expectPooled(Tensor([4, 8, 12, 16], shape: [1, 1, 2, 2]), 2, 2, 1, true, of: answer, trial)
      try expectPooled(
        Tensor([9, 18, 27, -9, 36, 45], shape: [1, 1, 2, 3]), 3, 1, 1, true, of: answer, trial)
    },
    Check(.byHand, "the padding does not count", points: 1) { answer, trial in
      try expectPooled(Tensor([4, 8, 12, 16], shape: [1, 1, 2, 2]), 2, 2, 1, false, of: answer, trial)
      try expectPooled(
        Tensor([12, 24, 36, -12, 48, 60], shape: [1, 1, 2, 3]), 3, 1, 1, false, of: answer, trial)
    },
    Check(.property, "as the definition says, for twenty batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 123)
      for index in 0..<20 {
        let k = inputs.integer(1...4)
        let p = inputs.integer(0...k / 2)
        let shape = [
          inputs.integer(1...3), inputs.integer(1...3), inputs.integer(k...7), inputs.integer(k...7),
        ]
        try expectPooled(
          inputs.integers(shape), k, inputs.integer(1...3), p, index.isMultiple(of: 2), of: answer, trial)
      }
      let x = inputs.quarters([3, 4, 12, 9])
      for countsPadding in [true, false] { try expectPooled(x, 5, 2, 1, countsPadding, of: answer, trial) }
    },
    Check(.property, "a map of sevens stays one, when the padding does not count", points: 1) {
      answer, trial in
      let y = try answer(Tensor(repeating: 7, shape: [2, 2, 5, 4]), 3, 2, 1, false)
      trial.expect(
        y, equals: Tensor(repeating: 7, shape: [2, 2, 3, 2]),
        "averagePool(sevens [2, 2, 5, 4], size: 3, stride: 2, padding: 1, countsPadding: false)",
        by: { _ in "the mean of sevens alone is 7" })
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the padding always counts",
      advice: "You always divide by k². Without countsPadding, divide by the number of places inside the map."
    ) { x, k, s, p, _ in
      pooled(x, k, s, p) { sum, _ in sum / Float(k * k) }
    },
    Mistake(
      "the padding never counts",
      advice: "You always divide by the number of places inside the map. With countsPadding, divide by k²."
    ) { x, k, s, p, _ in
      pooled(x, k, s, p) { sum, inside in sum / Float(inside) }
    },
    Mistake(
      "the two ways are exchanged",
      advice: """
        You took the two ways for each other: when the padding counts, m is k².
        """
    ) { x, k, s, p, counts in
      pooled(x, k, s, p) { sum, inside in sum / Float(counts ? inside : k * k) }
    },
    Mistake("the sum is not divided", advice: "You add up each window. For the mean, divide the sum by m.") {
      x, k, s, p, _ in pooled(x, k, s, p) { sum, _ in sum }
    },
    Mistake(
      "divided by the side of the window",
      advice: """
        You divide by k. A window has k rows of k numbers: k².
        """
    ) {
      x, k, s, p, counts in
      pooled(x, k, s, p) { sum, inside in sum / (counts ? Float(k) : Float(inside).squareRoot()) }
    },
    Mistake(
      "the padding is only behind",
      advice: """
        Your first window starts on the map, not on the padding before it: subtract p from row and column.
        """
    ) { x, k, s, p, counts in
      pooled(x, k, s, p, first: { $0 * s }) { sum, inside in sum / Float(counts ? k * k : max(inside, 1)) }
    },
    Mistake(
      "the padding is multiplied by the stride",
      advice: "You subtract p before you multiply by s: window i starts at row i · s − p."
    ) { x, k, s, p, counts in
      pooled(x, k, s, p, first: { ($0 - p) * s }) { sum, inside in
        sum / Float(counts ? k * k : max(inside, 1))
      }
    },
    Mistake(
      "the window moves by its size",
      advice: "Your windows move by k, whatever the stride: window i starts at row i · s − p."
    ) { x, k, s, p, counts in
      pooled(x, k, s, p, first: { $0 * k - p }) { sum, inside in
        sum / Float(counts ? k * k : max(inside, 1))
      }
    },
    Mistake(
      "zeros are taken for padding",
      advice: """
        You count the numbers that are not 0. A 0 inside the map is a number like any other: count by its \
        place.
        """
    ) { x, k, s, p, counts in
      let marks = pooled(x.map { $0 == 0 ? 0 : 1 }, k, s, p) { sum, _ in sum }
      let sums = pooled(x, k, s, p) { sum, _ in sum }
      return Tensor(
        zip(sums.scalars, marks.scalars).map { $0 / (counts ? Float(k * k) : max($1, 1)) }, shape: sums.shape)
    },
    Mistake(
      "all images are the first",
      advice: """
        Every image of yours is pooled as image 0: read x[n, c, …].
        """
    ) {
      x, k, s, p, counts in
      let image = x.scalars.prefix(x.count / x.shape[0])
      return pooled(Tensor((0..<x.shape[0]).flatMap { _ in image }, shape: x.shape), k, s, p) { sum, inside in
        sum / Float(counts ? k * k : inside)
      }
    },
  ]
}

/// The sum of each window and the number of its places inside the map, made into one number.
private func pooled(
  _ x: Tensor, _ k: Int, _ s: Int, _ p: Int, first: ((Int) -> Int)? = nil,
  finish: (_ sum: Float, _ inside: Int) -> Float
) -> Tensor {
  let first = first ?? { $0 * s - p }
  var y = Tensor.zeros([
    x.shape[0], x.shape[1], (x.shape[2] + 2 * p - k) / s + 1, (x.shape[3] + 2 * p - k) / s + 1,
  ])
  for n in 0..<y.shape[0] {
    for c in 0..<y.shape[1] {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          let numbers = window(x, n, c, first(i), first(j), k)
          y[n, c, i, j] = finish(numbers.reduce(0, +), numbers.count)
        }
      }
    }
  }
  return y
}

/// The numbers of a window that lie inside the map.
private func window(_ x: Tensor, _ n: Int, _ c: Int, _ row: Int, _ column: Int, _ k: Int) -> [Float] {
  (row..<row + k).filter { (0..<x.shape[2]).contains($0) }.flatMap { row in
    (column..<column + k).filter { (0..<x.shape[3]).contains($0) }.map { x[n, c, row, $0] }
  }
}

/// Compares one answer with the definition, and shows the mean of the place where they differ.
private func expectPooled(
  _ x: Tensor, _ k: Int, _ s: Int, _ p: Int, _ counts: Bool, of answer: AveragePoolingExercise.Answer,
  _ trial: Trial
) throws {
  trial.expect(
    try answer(x, k, s, p, counts),
    equals: pooled(x, k, s, p) { sum, inside in sum / Float(counts ? k * k : inside) },
    "averagePool(x, size: \(k), stride: \(s), padding: \(p), countsPadding: \(counts))", given: ["x": x],
    by: { at in
      let numbers = window(x, at[0], at[1], at[2] * s - p, at[3] * s - p, k)
      let m = counts ? k * k : numbers.count
      let sum = numbers.map { $0 < 0 ? "(\(written($0)))" : written($0) }.joined(separator: " + ")
      return "(\(sum)) / \(m) = \(written(numbers.reduce(0, +) / Float(m)))"
    })
}
