import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class LayerNormExercise: Exercise {
  public struct Answer: Sendable {
    var layer: @Sendable (_ x: Tensor, _ w: Tensor, _ b: Tensor, _ epsilon: Float) throws -> Tensor
    var rms: @Sendable (_ x: Tensor, _ w: Tensor, _ epsilon: Float) throws -> Tensor
  }

  public init() {}

  public let title = "Layer norm, and its simpler sister"
  public let section = "10.6"
  public let difficulty = 2
  public let minutes = 20
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.squareRoot", "Tensor.transposed"])
  public let functions = ["layerNorm", "rmsNorm"]

  public let solution = Answer(
    layer: { try layerNorm($0, weight: $1, bias: $2, epsilon: $3) },
    rms: { try rmsNorm($0, weight: $1, epsilon: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      layer: { try learner.call("layerNorm", $0, $1, $2, $3) },
      rms: { try learner.call("rmsNorm", $0, $1, $2) })
  }

  public let hints = [
    "Take one row at a time, and forget the others. It needs two passes: one for the mean, and one for the mean of the "
      + "squared distances from it. RMS norm needs one.",
    "Both means divide by D, not by D − 1. ε is added to the variance, inside the root. w and b have one number for each "
      + "column: w[d] and b[d].",
    """
    let row = x.row(t).scalars
    let mean = row.reduce(0, +) / width
    let variance = row.reduce(0) { $0 + … } / width
    for d in row.indices { y[t, d] = w[d] * (row[d] - …) / (variance + …).squareRoot() + b[d] }

    let square = row.reduce(0) { $0 + … } / width
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as large as x", points: 1) { answer, trial in
      for (t, d) in [(3, 4), (1, 5), (4, 2)] {
        let norm = Norm(t, d, seed: 1061)
        let by = "x is \(norm.x.shape)"
        trial.expect(try norm.layer(of: answer), hasShape: [t, d], norm.call, by: by)
        trial.expect(try norm.rms(of: answer), hasShape: [t, d], norm.rmsCall, by: by)
      }
    },
    Check(.byHand, "two steps of four numbers", points: 1) { answer, trial in
      try Norm(
        x: Tensor([[4, -2, 1, 3], [-6, 2, 0.5, -1]]), w: Tensor([2, -1, 0.5, 3]), b: Tensor([1, 0, -2, 0.5]),
        epsilon: 0.5
      ).expectLayer(answer, trial)
      try example.expectLayer(answer, trial)
    },
    Check(.byHand, "the same without mean and shift", points: 1) { answer, trial in
      try Norm(
        x: Tensor([[4, -2, 1, 3], [-6, 2, 0.5, -1]]), w: Tensor([2, -1, 0.5, 3]), b: Tensor([1, 0, -2, 0.5]),
        epsilon: 0.5
      ).expectRMS(answer, trial)
      try example.expectRMS(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1062)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let (t, d) = index < 3 ? (2, 5) : (inputs.integer(1...4), inputs.integer(2...7))
        let norm = Norm(t, d, seed: 1063 + UInt64(index))
        try norm.expectLayer(answer, trial)
        try norm.expectRMS(answer, trial)
      }
    },
    Check(.property, "a step whose numbers are all equal, and one of zeros", points: 1) { answer, trial in
      let norm = Norm(
        x: Tensor([[3, 3, 3], [0, 0, 0], [1, 2, -4]]), w: Tensor([1, 2, -1]), b: Tensor([0.5, -1, 2]),
        epsilon: 1e-5)
      try norm.expectLayer(answer, trial)
      try norm.expectRMS(answer, trial)
    },
    Check(.property, "numbers far from zero and close together", points: 1) { answer, trial in
      for seed in [1081, 1082] as [UInt64] {
        let norm = Norm(2, 6, seed: seed)
        try Norm(x: norm.x + 4096, w: norm.w, b: norm.b, epsilon: 1e-5)
          .expectLayer(answer, trial, tolerance: 2e-2)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "over the steps",
      advice:
        "You take mean and variance down a column, over the steps. Layer norm takes them along a row: one step."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer(overSteps: true) } },
    wrong(
      "over all numbers",
      advice: "You take one mean and one variance of all numbers. Each step has its own, over its D numbers."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer(overAll: true) } },
    wrong(
      "divided by D − 1",
      advice: "Your variance divides by D − 1. Layer norm divides by D."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer(correction: 1) } },
    wrong(
      "divided by the variance",
      advice: "You divide by the variance. Divide by its square root, the deviation."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer { $0 + $1 } } },
    wrong(
      "without ε",
      advice: "You have left out ε: where all numbers of a step are equal, you divide 0 by 0."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer { v, _ in v.squareRoot() } } },
    wrong(
      "ε outside the root",
      advice: "You add ε to the deviation. It is added to the variance, inside the root."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer { $0.squareRoot() + $1 } } },
    wrong("without w", advice: "You have left out w: each number is scaled by w_d after the norm.") {
      $0.layer = { Norm(x: $0, w: $1 * 0 + 1, b: $2, epsilon: Double($3)).layer() }
    },
    wrong("without b", advice: "You have left out b: it is added at the end.") {
      $0.layer = { Norm(x: $0, w: $1, b: $2 * 0, epsilon: Double($3)).layer() }
    },
    wrong(
      "b is scaled too", advice: "You scale b by w. First w times the normed number, then b is added."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $1 * $2, epsilon: Double($3)).layer() } },
    wrong(
      "without taking the mean away",
      advice: "Your layer norm leaves the mean in. It is taken away from every number; RMS norm leaves it."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer(centres: false) } },
    wrong(
      "the variance in one pass",
      advice:
        "Your variance is the mean of the squares minus the square of the mean: far from 0 it has no correct digit left. "
        + "Take the mean away first."
    ) { $0.layer = { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer(inOnePass: true) } },
    wrong(
      "RMS norm with the mean taken away",
      advice: "Your RMS norm takes the mean away. That is just what it leaves out."
    ) {
      $0.rms = { x, w, epsilon in Norm(x: x, w: w, b: w * 0, epsilon: Double(epsilon)).layer() }
    },
    wrong(
      "RMS norm by the sum of the squares",
      advice:
        "Your RMS norm divides by the root of the sum of the squares. It is the root of their mean: divide by D."
    ) { $0.rms = { Norm(x: $0, w: $1, b: $1, epsilon: Double($2)).rms(sums: true) } },
    wrong(
      "RMS norm by the mean of the squares",
      advice: "Your RMS norm divides by the mean of the squares. Take its root."
    ) { $0.rms = { Norm(x: $0, w: $1, b: $1, epsilon: Double($2)).rms { $0 + $1 } } },
    wrong(
      "RMS norm with ε outside the root",
      advice: "Your RMS norm adds ε to the root. It is added to the mean of the squares, inside the root."
    ) { $0.rms = { Norm(x: $0, w: $1, b: $1, epsilon: Double($2)).rms { $0.squareRoot() + $1 } } },
    wrong(
      "RMS norm without ε", advice: "Your RMS norm has no ε: a step of zeros gives 0/0."
    ) { $0.rms = { Norm(x: $0, w: $1, b: $1, epsilon: Double($2)).rms { v, _ in v.squareRoot() } } },
  ]
}

private let example = Norm(
  x: Tensor([[1, 3, 5, 7]]), w: Tensor([1, 1, 1, 2]), b: Tensor([0, 0, 0, 10]), epsilon: 0)

private func wrong(
  _ name: String, advice: String, _ change: (inout LayerNormExercise.Answer) -> Void
) -> Mistake<LayerNormExercise.Answer> {
  var answer = LayerNormExercise.Answer(
    layer: { Norm(x: $0, w: $1, b: $2, epsilon: Double($3)).layer() },
    rms: { Norm(x: $0, w: $1, b: $1, epsilon: Double($2)).rms() })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}

/// One question, and its answers in Double with what a mistake changes.
private struct Norm {
  let x, w, b: Tensor
  let epsilon: Double

  init(x: Tensor, w: Tensor, b: Tensor, epsilon: Double) {
    (self.x, self.w, self.b, self.epsilon) = (x, w, b, epsilon)
  }

  init(_ steps: Int, _ width: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      x: inputs.normal([steps, width]) * 2 + 0.5, w: inputs.normal([width]), b: inputs.normal([width]),
      epsilon: 0.125)
  }

  var call: String { "layerNorm(x, weight: w, bias: b, epsilon: \(epsilon.shortText))" }
  var rmsCall: String { "rmsNorm(x, weight: w, epsilon: \(epsilon.shortText))" }

  func layer(of answer: LayerNormExercise.Answer) throws -> Tensor {
    try answer.layer(x, w, b, Float(epsilon))
  }

  func rms(of answer: LayerNormExercise.Answer) throws -> Tensor { try answer.rms(x, w, Float(epsilon)) }

  /// Mean and variance of the numbers.
  private func moments(_ numbers: [Double], correction: Double, inOnePass: Bool) -> (Double, Double) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    if inOnePass {
      let floats = numbers.map { Float($0) }
      let mean = floats.reduce(0, +) / Float(count)
      // Rounding may make it less than nothing, whose root would be no number.
      return (Double(mean), Double(max(0, floats.reduce(0) { $0 + $1 * $1 } / Float(count) - mean * mean)))
    }
    return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - correction))
  }

  func layer(
    overSteps: Bool = false, overAll: Bool = false, correction: Double = 0, centres: Bool = true,
    inOnePass: Bool = false, divisor: (Double, Double) -> Double = { ($0 + $1).squareRoot() }
  ) -> Tensor {
    let numbers = rows(x)
    return tensor(
      numbers.map { row in
        row.indices.map { d in
          let seen = overSteps ? numbers.map { $0[d] } : overAll ? Array(numbers.joined()) : row
          let (mean, variance) = moments(seen, correction: correction, inOnePass: inOnePass)
          return Double(w[d]) * (row[d] - (centres ? mean : 0)) / divisor(variance, epsilon) + Double(b[d])
        }
      })
  }

  func rms(sums: Bool = false, divisor: (Double, Double) -> Double = { ($0 + $1).squareRoot() }) -> Tensor {
    tensor(
      rows(x).map { row in
        let square = dot(row, row) / (sums ? 1 : Double(row.count))
        return row.indices.map { Double(w[$0]) * row[$0] / divisor(square, epsilon) }
      })
  }

  func expectLayer(_ answer: LayerNormExercise.Answer, _ trial: Trial, tolerance: Double = 1e-4) throws {
    let expected = layer()
    trial.expect(
      try layer(of: answer), equals: expected, call, given: ["x": x, "w": w, "b": b], tolerance: tolerance,
      by: { place in
        let (t, d) = (place[0], place[1])
        let (mean, variance) = moments(rows(x)[t], correction: 0, inOnePass: false)
        return """
          step \(t) has mean \(mean.shortText) and variance \(variance.shortText): \(written(w[d]))·(\(written(x[t, d])) − \
          (\(mean.shortText))) / √(\(variance.shortText) + \(epsilon.shortText)) + (\(written(b[d]))) = \
          \(written(expected[t, d]))
          """
      })
  }

  func expectRMS(_ answer: LayerNormExercise.Answer, _ trial: Trial) throws {
    let expected = rms()
    trial.expect(
      try rms(of: answer), equals: expected, rmsCall, given: ["x": x, "w": w], tolerance: 1e-4,
      by: { place in
        let (t, d) = (place[0], place[1])
        let square = dot(rows(x)[t], rows(x)[t]) / Double(x.shape[1])
        return """
          the squares of step \(t) have the mean \(square.shortText): \(written(w[d]))·(\(written(x[t, d]))) / \
          √(\(square.shortText) + \(epsilon.shortText)) = \(written(expected[t, d]))
          """
      })
  }
}
