import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class MeanOverRealTokensExercise: Exercise {
  /// The loss and its gradient.
  public typealias Answer = @Sendable (_ z: Tensor, _ k: [[Int]], _ lengths: [Int]) throws -> (Float, Tensor)

  public init() {}

  public let title = "The mean over real tokens"
  public let section = "8.4"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["meanLoss"]
  public let solution: Answer = { try meanLoss($0, targets: $1, lengths: $2) }

  public func answer(of learner: Learner) -> Answer {
    { z, k, lengths in try learner.call("meanLoss", z, k, lengths) }
  }

  public let hints = [
    "It is exercise 4.4 and 4.5 once for each real step. Two loops find them: over the texts, and over the steps below a "
      + "text's length. Everything else stays 0.",
    "R = Σ lengths. At a real step, with m the largest score and S = Σ exp(z_c − m): the loss is ln S + m − z_k, divided by "
      + "R, and dz_c = (exp(z_c − m)/S − [c = k])/R.",
    """
    let count = Float(lengths.reduce(0, +))
    var loss: Float = 0
    var dz = Tensor.zeros(z.shape)
    for n in 0..<z.shape[0] {
      for t in 0..<… {
        let scores = (0..<z.shape[2]).map { z[n, t, $0] }
        …
        loss += … / count
        for c in scores.indices { dz[n, t, c] = … / count }
      }
    }
    return (loss, dz)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "the gradient is as large as the scores", points: 1) { answer, trial in
      for (n, t, c) in [(2, 3, 4), (1, 5, 2), (3, 1, 3)] {
        let given = Case(seed: 831, n, t, c)
        trial.expect(try answer(given.z, given.k, given.lengths).1, hasShape: [n, t, c], "\(call).dz")
      }
    },
    Check(.byHand, "two texts of lengths 1 and 3, three classes", points: 1) { answer, trial in
      let z = Tensor([1, 0, 2, 9, -9, 4, 0, 0, 7, 0, 1, -1, 3, 2, 2, -2, 0, 1], shape: [2, 3, 3])
      try expectLoss(Case(z, [[2, 0, 1], [1, 0, 2]], [1, 3]), of: answer, trial)
    },
    Check(.byHand, "the right classes at padding may be no classes", points: 1) { answer, trial in
      let z = Tensor([2, -1, 5, 5, 0, 3, 1, 1, 4, 4, 4, 4], shape: [2, 3, 2])
      try expectLoss(Case(z, [[0, -1, -1], [1, 1, -1]], [1, 2]), of: answer, trial)
    },
    Check(.byHand, "scores of 1000, and padding that is not a number", points: 1) { answer, trial in
      let z = Tensor([1000, -1000, 0, .nan, .infinity, .nan, -500, -400, -450, 3, 2, 1], shape: [2, 2, 3])
      try expectLoss(Case(z, [[1, 0], [0, 2]], [1, 2]), of: answer, trial)
    },
    Check(.property, "as the formulas say, for fifteen batches", points: 2) { answer, trial in
      for seed in 0..<15 {
        var inputs = Inputs(seed: 832 + UInt64(seed))
        try expectLoss(
          Case(
            seed: 860 + UInt64(seed), inputs.integer(1...4), inputs.integer(1...5), inputs.integer(2...4)),
          of: answer, trial)
      }
    },
    Check(.gradients, "the gradient is the slope of the loss", points: 1) { answer, trial in
      let given = Case(seed: 833, 2, 4, 3)
      let (_, dz) = try answer(given.z, given.k, given.lengths)
      var slopes = Tensor.zeros(given.z.shape)
      for place in given.z.scalars.indices {
        func loss(_ step: Double) -> Double {
          var scalars = given.z.scalars.map(Double.init)
          scalars[place] += step
          return loss_(scalars, given, Rules()).0
        }
        var numbers = slopes.scalars
        numbers[place] = Float((loss(1e-4) - loss(-1e-4)) / 2e-4)
        slopes = Tensor(numbers, shape: slopes.shape)
      }
      trial.expect(dz, equals: slopes, "\(call).dz", given: given.shown, tolerance: 1e-4)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "padding counts in the number",
      advice:
        "You divide by N · T. Divide by the number of real steps, Σ lengths, or a batch with more padding has a smaller loss."
    ) { $0.divisor = { given in Double(given.k.count * given.k[0].count) } },
    wrong(
      "divided by the texts",
      advice: "You divide by the number of texts. The mean is over real steps: Σ lengths."
    ) { $0.divisor = { given in Double(given.k.count) } },
    wrong(
      "the mean of the texts' means",
      advice:
        "You take the mean of each text and then the mean of those. So the steps of a short text count more; add up all "
        + "real steps and divide once."
    ) { $0.meansOfMeans = true },
    wrong(
      "a sum",
      advice: "Your loss is the sum over the real steps. Divide it, and the gradient, by their number."
    ) { $0.divisor = { _ in 1 } },
    wrong(
      "the gradient is not divided",
      advice:
        "Your gradient is that of the sum. The loss is a mean: divide the gradient by the number of real steps, too."
    ) { $0.dividesGradient = false },
    wrong(
      "one step too few",
      advice: "You leave out the last real step. The real steps of text n are 0 to lengths[n] − 1."
    ) { $0.last = { max(1, $0 - 1) } },
    wrong(
      "the right class is forgotten",
      advice: "Your gradient is softmax alone. Take 1 away at the place of the right class."
    ) { $0.delta = 0 },
    wrong(
      "the first length for all",
      advice: "You use the first text's length for all. Each has its own, lengths[n]."
    ) { $0.usesFirstLength = true },
  ]
}

private let call = "meanLoss(z, targets: k, lengths: …)"

/// What the loss is asked of.
private struct Case: Sendable {
  let z: Tensor
  let k: [[Int]]
  let lengths: [Int]

  init(_ z: Tensor, _ k: [[Int]], _ lengths: [Int]) { (self.z, self.k, self.lengths) = (z, k, lengths) }

  init(seed: UInt64, _ n: Int, _ t: Int, _ c: Int) {
    var inputs = Inputs(seed: seed)
    self.init(
      inputs.normal([n, t, c]), (0..<n).map { _ in (0..<t).map { _ in inputs.integer(0...c - 1) } },
      (0..<n).map { _ in inputs.integer(1...t) })
  }

  var shown: KeyValuePairs<String, any Passable> { ["z": z, "k": k, "lengths": lengths] }
}

private struct Rules: Sendable {
  var divisor: @Sendable (Case) -> Double = { Double($0.lengths.reduce(0, +)) }
  var meansOfMeans = false
  var dividesGradient = true
  var last: @Sendable (Int) -> Int = { $0 }
  var delta = 1.0
  var usesFirstLength = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  MeanOverRealTokensExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { z, k, lengths in
    let given = Case(z, k, lengths)
    let (loss, dz) = loss_(z.scalars.map(Double.init), given, wrongRules)
    return (Float(loss), Tensor(dz.map { Float($0) }, shape: z.shape))
  }
}

/// Loss and gradient in Double.
private func loss_(_ z: [Double], _ given: Case, _ rules: Rules) -> (Double, [Double]) {
  let (steps, classes) = (given.z.shape[1], given.z.shape[2])
  var (loss, dz) = (0.0, z.map { _ in 0.0 })
  for n in given.lengths.indices {
    let length = rules.last(given.lengths[rules.usesFirstLength ? 0 : n])
    let divisor =
      rules.meansOfMeans ? Double(length * given.lengths.count) : rules.divisor(given)
    for t in 0..<length {
      // Wrong lengths may lead to places that hold no class.
      let k = given.k[n][t]
      guard (0..<classes).contains(k) else { continue }
      let start = (n * steps + t) * classes
      let scores = Array(z[start..<start + classes])
      let largest = scores.max()!
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      loss += (log(sum) + largest - scores[k]) / divisor
      for c in 0..<classes {
        dz[start + c] =
          (exp(scores[c] - largest) / sum - (c == k ? rules.delta : 0))
          / (rules.dividesGradient ? divisor : 1)
      }
    }
  }
  return (loss, dz)
}

private func expectLoss(
  _ given: Case, of answer: MeanOverRealTokensExercise.Answer, _ trial: Trial
) throws {
  let (loss, dz) = try answer(given.z, given.k, given.lengths)
  let expected = loss_(given.z.scalars.map(Double.init), given, Rules())
  let real = given.lengths.reduce(0, +)
  trial.expect(
    loss, equals: Float(expected.0), "\(call).loss", given: given.shown,
    by: { _ in "there are \(given.lengths.map(String.init).joined(separator: " + ")) = \(real) real steps" })
  trial.expect(
    dz, equals: Tensor(expected.1.map { Float($0) }, shape: given.z.shape), "\(call).dz", given: given.shown,
    by: { place in
      place[1] < given.lengths[place[0]]
        ? "step \(place[1]) of text \(place[0]) is real; its right class is \(given.k[place[0]][place[1]]), and R = \(real)"
        : "step \(place[1]) of text \(place[0]), which has \(given.lengths[place[0]]), is padding: 0"
    })
}
