import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class TrainingLoopExercise: Exercise {
  /// The new weights and biases, and the losses.
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ t: [Int], _ batches: [[Int]], _ weight: Tensor, _ bias: Tensor, _ learningRate: Float
    ) throws -> (Tensor, Tensor, [Float])

  public init() {}

  public let title = "The training loop"
  public let section = "7.3"
  public let difficulty = 4
  public let minutes = 40
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["trainClassifier"]
  public let solution: Answer = { x, t, batches, weight, bias, rate in
    try trainClassifier(x, targets: t, batches: batches, weight: weight, bias: bias, learningRate: rate)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, t, batches, weight, bias, rate in
      try learner.call("trainClassifier", x, t, batches, weight, bias, rate)
    }
  }

  public let hints = [
    "Begin with one batch. Copy its rows of x into a tensor of their own; then everything is as in chapter "
      + "4. When one batch is right, put a loop around it, with the weights in a variable outside of it.",
    "images is [N, D] with images[n] = x[batch[n]]; z = matmul(images, W transposed) + b is [N, C]; the "
      + "right class of row n is t[batch[n]]. dW = matmul(dz transposed, images) is [C, D], and db = "
      + "dz.sum(axis: 0) is [C]. N is batch.count.",
    """
    var (w, b) = (weight, bias)
    var losses: [Float] = []
    for batch in batches {
      …                                             // images, [N, D]
      let z = matmul(images, w.transposed()) + b
      …                                             // loss and dz, row by row: 4.4 and 4.5
      losses.append(loss)
      w = w - learningRate * matmul(…, images)
      b = b - learningRate * …
    }
    return (w, b, losses)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "weights and biases keep their shape", points: 1) { answer, trial in
      for (examples, features, classes) in [(4, 3, 2), (1, 2, 5), (6, 1, 3)] {
        let given = Case(seed: 741, examples, features, classes, batchSize: 2)
        let (w, b, _) = try given.result(of: answer)
        trial.expect(w, hasShape: [classes, features], "\(call).weight", given: given.shown)
        trial.expect(b, hasShape: [classes], "\(call).bias", given: given.shown)
      }
    },
    Check(.byHand, "one batch of one example", points: 1) { answer, trial in
      try expectTraining(
        Case(Tensor([[2]]), [0], [[0]], Tensor([[0], [0]]), Tensor([0, 0]), 0.1), of: answer, trial)
    },
    Check(.byHand, "one batch of two examples", points: 1) { answer, trial in
      try expectTraining(
        Case(
          Tensor([[2, 1], [-1, 3]]), [0, 1], [[0, 1]], Tensor([[0, 0], [0, 0]]), Tensor([0, 0]), 0.5),
        of: answer, trial)
    },
    Check(.byHand, "a batch names its examples by their places", points: 1) { answer, trial in
      try expectTraining(
        Case(
          Tensor([[2, 1], [-1, 3], [0, 4], [5, -2]]), [0, 1, 2, 1], [[3, 1]],
          Tensor([[0, 1], [1, 0], [-1, 1]]), Tensor([0.5, 0, -0.5]), 0.2), of: answer, trial)
    },
    Check(.byHand, "two batches: the second meets the new weights", points: 1) { answer, trial in
      try expectTraining(
        Case(
          Tensor([[2, 1], [-1, 3], [0, 4]]), [0, 1, 1], [[2, 0], [1]], Tensor([[0, 0], [0, 0]]),
          Tensor([0, 0]), 0.5), of: answer, trial)
    },
    Check(.property, "as the formulas say, for ten lists of batches", points: 2) { answer, trial in
      for seed in 0..<10 {
        var inputs = Inputs(seed: 742 + UInt64(seed))
        let (examples, size) = (inputs.integer(5...11), inputs.integer(2...4))
        try expectTraining(
          Case(
            seed: 760 + UInt64(seed), examples, inputs.integer(2...5), inputs.integer(2...4), batchSize: size),
          of: answer, trial)
      }
    },
    Check(.property, "scores of 1000 do no harm", points: 1) { answer, trial in
      try expectTraining(
        Case(
          Tensor([[1000, -1], [-500, 2]]), [0, 1], [[0, 1], [1]], Tensor([[1, 0], [-1, 0.5]]),
          Tensor([0, 1]), 0.001), of: answer, trial)
      // Wherever the largest score stands, the others are far below it, and so is the right class.
      try expectTraining(
        Case(
          Tensor([[1, 0], [0, 1], [-1, -1]]), [1, 2, 0], [[0, 1, 2]],
          Tensor([[300, 0], [-300, 300], [0, -300]]), Tensor([0, 0, 0]), 1), of: answer, trial)
    },
    Check(.training, "it learns to read digits of 7 × 7 pixels", points: 2) { answer, trial in
      let digits = smallDigits(count: 700, seed: 743)
      var inputs = Inputs(seed: 744)
      var batches: [[Int]] = []
      for _ in 0..<15 {
        let order = inputs.order(of: 400)
        batches += stride(from: 0, to: 400, by: 32).map { Array(order[$0..<min($0 + 32, 400)]) }
      }
      let (w, b, losses) = try answer(
        digits.images, digits.labels, batches, Tensor.zeros([10, 49]), Tensor.zeros([10]), 2)
      let last = losses.suffix(13).reduce(0, +) / 13
      trial.expect(
        last < 0.9 && losses.count == batches.count,
        "after 15 epochs the mean loss of an epoch is below 0.9, from 2.3 at first", about: [last])
      guard w.shape == [10, 49], b.shape == [10] else { return }
      let right = (400..<700).filter { place in
        let scores = (0..<10).map { c in (0..<49).reduce(b[c]) { $0 + digits.images[place, $1] * w[c, $1] } }
        return scores.firstIndex(of: scores.max()!) == digits.labels[place]
      }
      trial.expect(
        Double(right.count) / 300 >= 0.65,
        "of 300 digits that it never saw, at least 65 % are read "
          + "correctly",
        about: [Double(right.count) / 300])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "not divided by the batch",
      advice: "Your gradient is that of the sum over the batch. The loss is a mean: divide by N."
    ) { $0.divisor = { _, _, _ in 1 } },
    wrong(
      "divided by all examples",
      advice: "You divide by the number of all examples. The loss is a mean over the batch: N is batch.count."
    ) { $0.divisor = { _, _, all in Double(all) } },
    wrong(
      "the last batch is divided by the size of the first",
      advice: "You divide every batch by the same number. The last batch is smaller: divide by its own."
    ) { $0.divisor = { _, first, _ in Double(first) } },
    wrong(
      "all steps from the first weights",
      advice: "Every batch of yours meets the first weights. Keep W and b in variables and change them in "
        + "the loop."
    ) { $0.seesNewWeights = false },
    wrong(
      "the gradients are never cleared",
      advice: "You add each batch's gradient to those before. A step uses the gradient of its own batch "
        + "alone."
    ) { $0.accumulates = true },
    wrong(
      "the loss after the step",
      advice: "You work out the loss with the new weights. It is the loss that the batch met, before its "
        + "step."
    ) { $0.losesAfter = true },
    wrong(
      "the loss is a sum",
      advice: "Your losses are sums over the batch. They are means: divide by N."
    ) { $0.sumsLoss = true },
    wrong(
      "the biases stay", advice: "You never change b. It has a gradient as well: the sum of the rows of dz."
    ) { $0.movesBias = false },
    wrong(
      "the biases get the mean of the rows",
      advice: "You divide by N twice for the biases. dz is divided already: add up its rows."
    ) { $0.halvesBias = true },
    wrong(
      "the first rows for every batch",
      advice: "You take the first N rows of x. A batch lists places: its row n is x[batch[n]]."
    ) {
      $0.readsPlaces = false; $0.readsTargets = false
    },
    wrong(
      "the targets of the first rows",
      advice: "You take the classes of the first N examples. The class of row n is t[batch[n]]."
    ) { $0.readsTargets = false },
    wrong(
      "upwards", advice: "Your weights move along the gradient, and the loss grows. Subtract."
    ) { $0.sign = 1 },
    wrong(
      "the learning rate is forgotten",
      advice: "You take the whole gradient away. Multiply it by the learning rate first."
    ) { $0.usesRate = false },
    wrong(
      "the right class is forgotten",
      advice: "Your dz is softmax alone. Take 1 away at the place of the right class."
    ) { $0.delta = 0 },
    wrong(
      "the largest score is not taken away",
      advice: "For large scores your powers are too large for a Float. Take away the largest score of the "
        + "row first."
    ) { $0.isStable = false },
  ]
}

private let call = "trainClassifier(x, targets: t, batches: …, weight: W, bias: b, learningRate: …)"

/// What a training run is given.
private struct Case: Sendable {
  let x: Tensor
  let t: [Int]
  let batches: [[Int]]
  let w, b: Tensor
  let rate: Float

  init(_ x: Tensor, _ t: [Int], _ batches: [[Int]], _ w: Tensor, _ b: Tensor, _ rate: Float) {
    (self.x, self.t, self.batches, self.w, self.b, self.rate) = (x, t, batches, w, b, rate)
  }

  init(seed: UInt64, _ examples: Int, _ features: Int, _ classes: Int, batchSize: Int) {
    var inputs = Inputs(seed: seed)
    // Two epochs; the last batch of each may be smaller.
    let batches = [inputs.order(of: examples), inputs.order(of: examples)].flatMap { order in
      stride(from: 0, to: examples, by: batchSize).map { Array(order[$0..<min($0 + batchSize, examples)]) }
    }
    self.init(
      inputs.normal([examples, features]), (0..<examples).map { ($0 * $0 + 1) % classes }, batches,
      inputs.normal([classes, features]), inputs.normal([classes]), 0.25)
  }

  var shown: KeyValuePairs<String, any Passable> { ["x": x, "t": t, "W": w, "b": b] }

  func result(of answer: TrainingLoopExercise.Answer) throws -> (Tensor, Tensor, [Float]) {
    try answer(x, t, batches, w, b, rate)
  }
}

/// The rules of a training run, right unless said otherwise.
private struct Rules: Sendable {
  var divisor: @Sendable (_ batch: Int, _ first: Int, _ all: Int) -> Double = { batch, _, _ in Double(batch) }
  var seesNewWeights = true
  var accumulates = false
  var losesAfter = false
  var sumsLoss = false
  var movesBias = true
  var halvesBias = false
  var readsPlaces = true
  var readsTargets = true
  var sign = -1.0
  var usesRate = true
  var delta = 1.0
  var isStable = true
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  TrainingLoopExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { x, t, batches, w, b, rate in
    trained(Case(x, t, batches, w, b, rate), by: wrongRules)
  }
}

/// The whole run, loop by loop in Double.
private func trained(_ given: Case, by rules: Rules = Rules()) -> (Tensor, Tensor, [Float]) {
  let (features, classes) = (given.w.shape[1], given.w.shape[0])
  let x = given.x.scalars.map(Double.init)
  var (w, b) = (given.w.scalars.map(Double.init), given.b.scalars.map(Double.init))
  let (firstW, firstB) = (w, b)
  var (dw, db) = (w.map { _ in 0.0 }, b.map { _ in 0.0 })
  var losses: [Float] = []

  /// The scores less the largest, and the softmax of an example.
  func read(_ place: Int, _ w: [Double], _ b: [Double]) -> (scores: [Double], y: [Double]) {
    let scores = (0..<classes).map { c in
      (0..<features).reduce(b[c]) { $0 + x[place * features + $1] * w[c * features + $1] }
    }
    let shift = rules.isStable ? scores.max()! : 0
    let powers = scores.map { rules.isStable ? exp($0 - shift) : Double(exp(Float($0))) }
    let sum = powers.reduce(0, +)
    return (scores.map { $0 - shift - log(sum) }, powers.map { $0 / sum })
  }

  for batch in given.batches {
    let (meetsW, meetsB) = rules.seesNewWeights ? (w, b) : (firstW, firstB)
    if !rules.accumulates { (dw, db) = (dw.map { _ in 0 }, db.map { _ in 0 }) }
    let examples = batch.enumerated().map { n, place in
      (place: rules.readsPlaces ? place : n, target: given.t[rules.readsTargets ? place : n])
    }
    let divisor = rules.divisor(batch.count, given.batches[0].count, given.t.count)
    func loss(_ w: [Double], _ b: [Double]) -> Float {
      let sum = examples.reduce(0.0) { $0 - read($1.place, w, b).scores[$1.target] }
      return Float(rules.sumsLoss ? sum : sum / Double(batch.count))
    }
    if !rules.losesAfter { losses.append(loss(meetsW, meetsB)) }
    for (place, target) in examples {
      let y = read(place, meetsW, meetsB).y
      for c in 0..<classes {
        let dz = (y[c] - (c == target ? rules.delta : 0)) / divisor
        db[c] += rules.halvesBias ? dz / Double(batch.count) : dz
        for d in 0..<features { dw[c * features + d] += dz * x[place * features + d] }
      }
    }
    let rate = rules.sign * (rules.usesRate ? Double(given.rate) : 1)
    for i in w.indices { w[i] += rate * dw[i] }
    if rules.movesBias { for c in b.indices { b[c] += rate * db[c] } }
    if rules.losesAfter { losses.append(loss(w, b)) }
  }
  return (Tensor(w.map(Float.init), shape: given.w.shape), Tensor(b.map(Float.init)), losses)
}

private func expectTraining(
  _ given: Case, of answer: TrainingLoopExercise.Answer, _ trial: Trial
) throws {
  let (w, b, losses) = try given.result(of: answer)
  let expected = trained(given)
  trial.expect(
    losses.count == given.batches.count, "\(given.batches.count) batches have \(given.batches.count) losses",
    about: losses.count)
  let call = """
    trainClassifier(x, targets: t, batches: \(given.batches), weight: W, bias: b, \
    learningRate: \(written(given.rate)))
    """
  /// Everything up to a batch, so that its numbers can be shown.
  func before(_ batch: Int) -> Case {
    Case(given.x, given.t, Array(given.batches[..<batch]), given.w, given.b, given.rate)
  }
  trial.expect(
    losses, equals: expected.2, "\(call).losses", given: given.shown, tolerance: 1e-4,
    by: { place in
      let (w, b, _) = trained(before(place[0]))
      let terms = given.batches[place[0]].map { example in
        let alone = Case(given.x, given.t, [[example]], w, b, given.rate)
        return Double(trained(alone).2[0]).shortText
      }
      return """
        batch \(given.batches[place[0]]): (\(terms.joined(separator: " + "))) / \(terms.count) = \
        \(written(expected.2[place[0]]))
        """
    })
  trial.expect(
    w, equals: expected.0, "\(call).weight", given: given.shown, tolerance: 1e-4,
    by: { place in
      given.batches.count == 1
        ? "\(written(given.w[place[0], place[1]])) − \(written(given.rate))·dW = "
          + written(expected.0[place[0], place[1]])
        : "after all \(given.batches.count) steps \(written(expected.0[place[0], place[1]]))"
    })
  trial.expect(
    b, equals: expected.1, "\(call).bias", given: given.shown, tolerance: 1e-4,
    by: { place in
      given.batches.count == 1
        ? "\(written(given.b[place[0]])) − \(written(given.rate))·db = \(written(expected.1[place[0]]))"
        : "after all \(given.batches.count) steps \(written(expected.1[place[0]]))"
    })
}
