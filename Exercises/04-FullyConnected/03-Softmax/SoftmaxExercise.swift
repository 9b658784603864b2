import ExerciseKit
import Foundation
import Practice

public final class SoftmaxExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor) throws -> Tensor

  public init() {}

  public let title = "Softmax, also for large scores"
  public let section = "4.3"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["softmaxRows"]
  public let solution: Answer = softmaxRows

  public func answer(of learner: Learner) -> Answer {
    { x in try learner.call("softmaxRows", x) }
  }

  public let hints = [
    "Do one row after the other, and go through each three times: to find its largest score, to make the "
      + "powers and their sum, and to divide.",
    "In row n: m = the largest x[n, c]; y[n, c] = exp(x[n, c] − m); then divide each y[n, c] by the sum of "
      + "the row. Each row has its own m and its own sum.",
    """
    var y = Tensor.zeros(x.shape)
    for n in 0..<x.shape[0] {
      var largest = x[n, 0]
      for c in … { largest = max(largest, …) }
      var sum: Float = 0
      for c in … {
        y[n, c] = exp(…)
        sum += …
      }
      for c in … { y[n, c] /= … }
    }
    return y
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3] gives [2, 3]", points: 1) { answer, trial in
      for shape in [[2, 3], [5, 2], [1, 7], [4, 1]] {
        var inputs = Inputs(seed: 431)
        let x = inputs.normal(shape)
        trial.expect(try answer(x), hasShape: shape, "softmaxRows(x)", given: ["x": x])
      }
    },
    Check(.byHand, "three scores", points: 1) { answer, trial in
      try expectSoftmax(Tensor([[1, 1, 1.6931472]]), of: answer, trial)
      try expectSoftmax(Tensor([[-2, 0, 3]]), of: answer, trial)
    },
    Check(.byHand, "two rows, each for itself", points: 1) { answer, trial in
      try expectSoftmax(Tensor([[0, 1, 2], [-1, -4, -2]]), of: answer, trial)
    },
    Check(.property, "as the definition says, for eight sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 432)
      for _ in 0..<8 {
        let shape = [inputs.integer(1...6), inputs.integer(1...10)]
        try expectSoftmax(inputs.normal(shape) * 3, of: answer, trial)
      }
    },
    Check(.property, "scores of 1000 and of −1000", points: 2) { answer, trial in
      // A Float near 1000 is exact to 0.00006: so much may be lost where exp is taken of x − ln Σ e^x.
      try expectSoftmax(Tensor([[1000, 1000, 1000.5]]), tolerance: 2e-4, of: answer, trial)
      try expectSoftmax(Tensor([[-1000, -1001, -1000.5]]), tolerance: 2e-4, of: answer, trial)
      // Each row needs its own largest score.
      try expectSoftmax(
        Tensor([[500, 501, 499], [-500, -499, -501], [3, -300, 300], [-100, 10, 11]]), tolerance: 2e-4,
        of: answer, trial)
      // Wherever the largest stands, the others are far below it.
      try expectSoftmax(Tensor([[300, -300, 0], [-300, 0, 300], [0, 300, -300]]), of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the largest score is not taken away",
      advice: "For large scores your powers are too large for a Float, and ∞ / ∞ is not a number; for very "
        + "negative ones they are all 0. Take away the largest score of the row before exp."
    ) { softmax($0) { _ in 0 } },
    Mistake(
      "the largest score of all rows",
      advice: "You take away the largest score of the whole batch. In a row of much smaller scores nothing "
        + "is left: take the largest of each row."
    ) { x in softmax(x) { _ in x.scalars.max()! } },
    Mistake(
      "the mean score is taken away",
      advice: "You take away the mean of the row. A score far above it still overflows: take the largest."
    ) { softmax($0) { row in row.reduce(0, +) / Float(row.count) } },
    Mistake(
      "the first score is taken away",
      advice: "You take away the first score of the row. A score far above it still overflows: take the "
        + "largest."
    ) { softmax($0) { row in row[0] } },
    Mistake(
      "the largest starts at 0",
      advice: "Your search for the largest score starts at 0, and so a row of negative scores has the "
        + "largest 0: start at a score of the row."
    ) { softmax($0) { row in max(0, row.max()!) } },
    Mistake(
      "the sum over the whole batch",
      advice: "You divide by the sum of all powers. Each row is an example of its own, with a sum of its own."
    ) { x in
      let y = x.map { exp($0 - x.scalars.max()!) }
      return y / y.scalars.reduce(0, +)
    },
    Mistake(
      "the sum over the columns",
      advice: "Your columns have the sum 1. It is the rows that should: an example is a row, x[n, c]."
    ) { x in
      var y = x
      for c in 0..<x.shape[1] {
        let column = (0..<x.shape[0]).map { x[$0, c] }
        let powers = column.map { exp($0 - column.max()!) }
        for n in 0..<x.shape[0] { y[n, c] = powers[n] / powers.reduce(0, +) }
      }
      return y
    },
    Mistake(
      "the sum is not set back",
      advice: "The sum of one row goes on into the next: begin every row with a sum of 0."
    ) { x in
      var sum: Float = 0
      return byRow(x) { row in
        let powers = row.map { exp($0 - row.max()!) }
        sum += powers.reduce(0, +)
        return powers.map { $0 / sum }
      }
    },
    Mistake(
      "no powers", advice: "You divide the scores by their sum. Take the power e^x of each score first."
    ) { byRow($0) { row in row.map { $0 / row.reduce(0, +) } } },
    Mistake(
      "nothing is divided",
      advice: "Your largest result in each row is 1. Divide the powers by their sum, so that they add up to "
        + "1."
    ) { byRow($0) { row in row.map { exp($0 - row.max()!) } } },
    Mistake(
      "the sign of the scores",
      advice: "Your largest score has the smallest probability. There is no minus before x in e^x."
    ) { x in try softmaxRows(x.map { -$0 }) },
  ]
}

private func byRow(_ x: Tensor, _ change: ([Float]) -> [Float]) -> Tensor {
  Tensor((0..<x.shape[0]).map { n in change((0..<x.shape[1]).map { x[n, $0] }) })
}

/// Softmax in Float, less something that depends on the row.
private func softmax(_ x: Tensor, less away: (_ row: [Float]) -> Float) -> Tensor {
  byRow(x) { row in
    let powers = row.map { exp($0 - away(row)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }
}

/// Compares one answer with 1 / Σ_k e^{x_k − x_c} in Double: the definition with the power above cancelled, so that
/// nothing is taken away, and a sum that grows too large is a probability of 0.
private func expectSoftmax(
  _ x: Tensor, tolerance: Double = 1e-5, of answer: SoftmaxExercise.Answer, _ trial: Trial
) throws {
  let expected = byRow(x) { row in
    row.map { score in Float(1 / row.reduce(0.0) { $0 + exp(Double($1) - Double(score)) }) }
  }
  let y = try answer(x)
  trial.expect(
    y, equals: expected, "softmaxRows(x)", given: ["x": x], tolerance: tolerance,
    by: { place in
      let row = (0..<x.shape[1]).map { Double(x[place[0], $0]) }
      let largest = row.max()!
      let powers = row.map { exp($0 - largest) }
      let shown =
        powers.prefix(6).map(\.shortText).joined(separator: " + ") + (powers.count > 6 ? " + …" : "")
      return """
        the largest of the row is \(largest.shortText): \(powers[place[1]].shortText) / (\(shown)) \
        = \((powers[place[1]] / powers.reduce(0, +)).shortText)
        """
    })
  guard y.shape == x.shape else { return }
  let sums = (0..<x.shape[0]).map { n in (0..<x.shape[1]).reduce(Float(0)) { $0 + y[n, $1] } }
  trial.expect(
    sums, equals: [Float](repeating: 1, count: x.shape[0]), "the sums of the rows of softmaxRows(x)",
    given: ["x": x], tolerance: tolerance)
}
