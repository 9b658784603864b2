import ExerciseKit
import Practice

public final class ConvolutionMatrixExercise: Exercise {
  public typealias Answer = @Sendable (_ w: [Float], _ n: Int, _ s: Int, _ p: Int) throws -> Tensor

  public init() {}

  public let title = "One matrix, few weights"
  public let section = "2.9"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["convolutionMatrix"]
  public let solution: Answer = convolutionMatrix

  public func answer(of learner: Learner) -> Answer {
    { w, n, s, p in try learner.call("convolutionMatrix", w, n, s, p) }
  }

  public let hints = [
    "Begin with a matrix of zeros and write the kernel into each row. Where does it start in row 0, and how much farther "
      + "to the right in the next row?",
    "The matrix is [M, N]. In row i, weight a stands in column t = i · s + a − p; where t is not in 0 ..< N, the weight "
      + "is left out.",
    """
    var T = Tensor.zeros([…, n])
    for i in … {
      for a in w.indices {
        let t = …
        if t >= 0 && … { T[i, t] = … }
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "3 weights on 7 numbers: [5, 7]; with stride 2: [3, 7]", points: 1) { answer, trial in
      for (n, k, s, p) in [(7, 3, 1, 0), (7, 3, 2, 0), (6, 4, 1, 2), (5, 2, 3, 1)] {
        var inputs = Inputs(seed: 81)
        let rows = (n + 2 * p - k) / s + 1
        trial.expect(
          try answer(inputs.integers(k), n, s, p), hasShape: [rows, n],
          "convolutionMatrix(w, input: \(n), stride: \(s), padding: \(p)) with \(k) weights",
          by:
            "a row for each result: ⌊(\(n) + 2·\(p) − \(k)) / \(s)⌋ + 1 = \(rows); a column for each of \(n) numbers"
        )
      }
    },
    Check(.byHand, "each row one farther to the right", points: 1) { answer, trial in
      try expectMatrix([1, 2, 3], 5, 1, 0, of: answer, trial)
      try expectMatrix([4, -1], 4, 1, 0, of: answer, trial)
    },
    Check(.byHand, "stride 2: each row two farther", points: 1) { answer, trial in
      try expectMatrix([1, 2, 3], 7, 2, 0, of: answer, trial)
    },
    Check(.byHand, "padding cuts the first and the last rows", points: 1) { answer, trial in
      try expectMatrix([1, 2, 3], 4, 1, 1, of: answer, trial)
      try expectMatrix([1, 2, 3, 4, 5], 4, 2, 2, of: answer, trial)
    },
    Check(.property, "times x it is the cross-correlation, for fifteen settings", points: 1) {
      answer, trial in
      var inputs = Inputs(seed: 83)
      for _ in 0..<15 {
        let (k, p, s) = (inputs.integer(1...5), inputs.integer(0...2), inputs.integer(1...3))
        let n = inputs.integer(max(1, k - 2 * p)...9)
        let w = inputs.integers(k)
        let matrix = try answer(w, n, s, p)
        let rows = (n + 2 * p - k) / s + 1
        let call = "convolutionMatrix(w, input: \(n), stride: \(s), padding: \(p))"
        guard matrix.shape == [rows, n] else {
          return trial.expect(matrix, hasShape: [rows, n], call, given: ["w": w])
        }
        let x = inputs.integers(n)
        let product = (0..<rows).map { i in (0..<n).reduce(Float(0)) { $0 + matrix[i, $1] * x[$1] } }
        let padded = [Float](repeating: 0, count: p) + x + [Float](repeating: 0, count: p)
        trial.expect(
          product,
          equals: (0..<rows).map { i in (0..<k).reduce(Float(0)) { $0 + w[$1] * padded[i * s + $1] } },
          "\(call) times x", given: ["w": w, "x": x],
          by: { at in sumOfProducts((0..<k).map { (padded[at[0] * s + $0], w[$0]) }) })
      }
    },
    Check(.property, "every number of the matrix, for fifteen settings", points: 1) { answer, trial in
      var inputs = Inputs(seed: 87)
      for _ in 0..<15 {
        let (k, p, s) = (inputs.integer(1...5), inputs.integer(0...2), inputs.integer(1...3))
        try expectMatrix(inputs.integers(k), inputs.integer(max(1, k - 2 * p)...9), s, p, of: answer, trial)
      }
      try expectMatrix(inputs.quarters(9), 21, 2, 4, of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the kernel is flipped",
      advice: """
        Your rows hold the kernel backwards. Its first weight stands farthest to the left.
        """
    ) { w, n, s, p in
      try convolutionMatrix(w.reversed(), input: n, stride: s, padding: p)
    },
    Mistake(
      "the stride moves nothing",
      advice: """
        Each row of yours is one farther to the right than the last. With stride s it is s farther: t = i \
        · s + a − p.
        """
    ) { w, n, s, p in
      matrix(w, n, s, p) { i, a in i + a - p }
    },
    Mistake(
      "the rows do not move",
      advice: """
        All your rows are alike. In row i the kernel starts at column i · s − p: each row is farther to \
        the right.
        """
    ) { w, n, s, p in
      matrix(w, n, s, p) { _, a in a - p }
    },
    Mistake(
      "the padding is only behind",
      advice: """
        Your first row starts at column 0. With padding it starts p columns before it, and loses p \
        weights.
        """
    ) { w, n, s, p in
      matrix(w, n, s, p) { i, a in i * s + a }
    },
    Mistake(
      "the padding is added",
      advice: """
        You move the kernel to the right by p. The zeros stand before the input, so it starts p to the \
        left: − p.
        """
    ) { w, n, s, p in
      matrix(w, n, s, p) { i, a in i * s + a + p }
    },
    Mistake(
      "the weights come back on the other side",
      advice: """
        A weight that leaves your matrix on one side comes back on the other. It meets a zero of the padding: leave it \
        out.
        """
    ) { w, n, s, p in
      matrix(w, n, s, p) { i, a in (i * s + a - p + 4 * n) % n }
    },
    Mistake(
      "the weights pile up at the edge",
      advice: """
        A weight that meets the padding is put on the nearest number of the input. Leave it out instead.
        """
    ) { w, n, s, p in
      var matrix = Tensor.zeros([(n + 2 * p - w.count) / s + 1, n])
      for i in 0..<matrix.shape[0] {
        for a in w.indices { matrix[i, min(max(i * s + a - p, 0), n - 1)] += w[a] }
      }
      return matrix
    },
  ]
}

/// A matrix with the kernel's weights where `column` says.
private func matrix(_ w: [Float], _ n: Int, _ s: Int, _ p: Int, column: (_ i: Int, _ a: Int) -> Int) -> Tensor
{
  var matrix = Tensor.zeros([(n + 2 * p - w.count) / s + 1, n])
  for i in 0..<matrix.shape[0] {
    for a in w.indices where (0..<n).contains(column(i, a)) { matrix[i, column(i, a)] = w[a] }
  }
  return matrix
}

/// Compares one answer with the definition, number by number.
private func expectMatrix(
  _ w: [Float], _ n: Int, _ s: Int, _ p: Int, of answer: ConvolutionMatrixExercise.Answer, _ trial: Trial
) throws {
  // Number t meets the weight t − i s + p, if there is one.
  func weight(_ i: Int, _ t: Int) -> Int { t - i * s + p }
  let rows = (n + 2 * p - w.count) / s + 1
  trial.expect(
    try answer(w, n, s, p),
    equals: Tensor(
      (0..<rows).map { i in (0..<n).map { t in w.indices.contains(weight(i, t)) ? w[weight(i, t)] : 0 } }),
    "convolutionMatrix(w, input: \(n), stride: \(s), padding: \(p))", given: ["w": w],
    by: { at in
      let (i, t) = (at[0], at[1])
      let start = i * s - p
      return w.indices.contains(weight(i, t))
        ? "row \(i) starts at column \(i)·\(s) − \(p) = \(written(Float(start))), so here stands "
          + "w[\(weight(i, t))] = \(written(w[weight(i, t)]))"
        : "row \(i) has its weights from column \(i)·\(s) − \(p) = \(written(Float(start))) to "
          + "\(written(Float(start + w.count - 1))), so here stands 0"
    })
}
