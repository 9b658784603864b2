import ExerciseChannel
import ExerciseKit
import Practice

public final class DropoutExercise: Exercise {
  /// What the next layer sees, and the mask.
  public typealias Forward =
    @Sendable (_ x: Tensor, _ u: Tensor, _ p: Float, _ isTraining: Bool) throws -> (Tensor, Tensor)
  public typealias Backward = @Sendable (_ dy: Tensor, _ mask: Tensor) throws -> Tensor

  public struct Answer: Sendable {
    let forward: Forward
    let backward: Backward
  }

  public init() {}

  public let title = "Dropout, there and back"
  public let section = "7.8"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["dropoutForward", "dropoutBackward"]
  public let solution = Answer(
    forward: { try dropoutForward($0, chance: $1, probability: $2, isTraining: $3) },
    backward: { try dropoutBackward($0, mask: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      forward: { try learner.call("dropoutForward", $0, $1, $2, $3) },
      backward: { try learner.call("dropoutBackward", $0, $1) })
  }

  public let hints = [
    "Make the mask first, number by number from u; then both ways are one product each. When the network is not being "
      + "trained, u has no part in the result.",
    "u.map { … } makes a number of each number of u: 0 where it is below p, 1 / (1 − p) where it is not. "
      + "Tensor.ones(x.shape) is a mask that changes nothing. All shapes are that of x.",
    """
    if !isTraining { return (…, Tensor.ones(x.shape)) }
    let mask = u.map { $0 < p ? … : … }
    return (x * …, mask)

    dy * …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "results as large as x", points: 1) { answer, trial in
      for shape in [[3], [2, 3], [2, 3, 1, 4]] {
        let question = Question(shape, p: 0.25, seed: 7121)
        let (y, mask) = try question.forward(answer)
        trial.expect(y, hasShape: shape, "\(forwardCall).y", by: "x is \(shape)")
        trial.expect(mask, hasShape: shape, "\(forwardCall).mask", by: "x is \(shape)")
        let dx = try answer.backward(question.dy, Tensor.ones(shape))
        trial.expect(dx, hasShape: shape, backwardCall, by: "dy is \(shape)")
      }
    },
    Check(.byHand, "six numbers while training", points: 1) { answer, trial in
      try Question(
        x: Tensor([[4, -2, 8], [1, -6, 3]]), u: Tensor([[0.9, 0.1, 0.2], [0.5, 0.75, 0]]), p: 0.2,
        dy: Tensor([[1, 1, -2], [3, 0.5, -1]])
      ).expectForward(answer, trial)
      try Question(
        x: Tensor([[4, -2, 8], [1, -6, 3]]), u: Tensor([[0.9, 0.1, 0.2], [0.5, 0.75, 0]]), p: 0.75,
        dy: Tensor([[1, 1, -2], [3, 0.5, -1]])
      ).expectForward(answer, trial)
    },
    Check(.byHand, "six numbers in use, when nothing is dropped", points: 1) { answer, trial in
      try Question(
        x: Tensor([[4, -2, 8], [1, -6, 3]]), u: Tensor([[0.9, 0.1, 0.2], [0.5, 0.75, 0]]), p: 0.2,
        dy: Tensor([[1, 1, -2], [3, 0.5, -1]]), isTraining: false
      ).expectForward(answer, trial)
    },
    Check(.byHand, "the way back, with a mask that is given", points: 1) { answer, trial in
      try expectBackward(
        Tensor([[1, 3, -2], [3, 0.5, -1]]), Tensor([[1.25, 0, 1.25], [1.25, 1.25, 0]]), answer, trial)
      try expectBackward(Tensor([2, -4, 6]), Tensor([1, 1, 1]), answer, trial)
    },
    Check(.property, "as the rules say, for twelve sizes and probabilities", points: 1) { answer, trial in
      var inputs = Inputs(seed: 7122)
      for index in 0..<12 {
        let shape = (0..<inputs.integer(1...4)).map { _ in inputs.integer(1...4) }
        let question = Question(
          shape, p: Float(inputs.integer(0...9)) / 10, seed: 7123 + UInt64(index), isTraining: index % 4 != 3)
        try question.expectForward(answer, trial)
        try expectBackward(question.dy, question.right().1, answer, trial)
      }
    },
    Check(.gradients, "the sum of dy·y changes as dx says", points: 1) { answer, trial in
      let question = Question([3, 5], p: 0.4, seed: 7141)
      let mask = try question.forward(answer).1
      guard mask.shape == question.x.shape else {
        return trial.expect(mask, hasShape: question.x.shape, "\(forwardCall).mask")
      }
      let dx = try answer.backward(question.dy, mask)
      // y is linear in x: one number of x alone says how the sum changes with it.
      let slopes = question.x.scalars.indices.map { place in
        var one = [Float](repeating: 0, count: question.x.count)
        one[place] = 1
        let y = question.right(of: Tensor(one, shape: question.x.shape)).0
        return zip(y.scalars, question.dy.scalars).reduce(0) { $0 + $1.0 * $1.1 }
      }
      trial.expect(
        dx, equals: Tensor(slopes, shape: question.x.shape),
        "\(backwardCall), with the mask of the way there",
        given: question.given, tolerance: 1e-4)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "what is kept is not divided",
      advice:
        "You leave what is kept as it is. In training the next layer then sees less on average than in use: divide by "
        + "1 − p."
    ) { $0.factor = { _ in 1 } },
    wrong(
      "multiplied by 1 − p",
      advice: "You multiply what is kept by 1 − p, and make it smaller still. Divide by 1 − p."
    ) { $0.factor = { 1 - $0 } },
    wrong(
      "divided by p",
      advice: "You divide by p, which is the share that is dropped. The share that is kept is 1 − p."
    ) { $0.factor = { $0 == 0 ? 1 : 1 / $0 } },
    wrong(
      "kept and dropped exchanged",
      advice: "You keep a number where u < p. There it is dropped: p is the probability of being dropped."
    ) { $0.isDropped = { $0 >= $1 } },
    wrong(
      "dropped at p itself",
      advice: "You drop a number where u = p. It is dropped only where u is below p; with p = 0 none is."
    ) { $0.isDropped = { $0 <= $1 } },
    wrong(
      "dropped in use as well",
      advice: "You drop while the network is in use, too. Then the mask is 1 everywhere, and y is x."
    ) { $0.alwaysTrains = true },
    wrong(
      "multiplied by 1 − p in use",
      advice:
        "In use you multiply by 1 − p. That belongs to the form of dropout that divides nothing in training; here the "
        + "division has been made already."
    ) { $0.scalesInUse = true },
    wrong(
      "the mask says only which",
      advice:
        "Your y is right, but your mask is 1 where a number was kept. The way back needs the factor: 1 / (1 − p)."
    ) { $0.maskHasNoFactor = true },
    wrongBackward(
      "the way back without a mask",
      advice: "You give dy back as it is. A dropped number had no part in the loss: its gradient is 0."
    ) { dy, _ in dy },
    wrongBackward(
      "the way back drops, and does not divide",
      advice:
        "You use the mask only to see what was dropped. What was kept had the factor 1 / (1 − p): dx = mask ⊙ dy."
    ) { dy, mask in dy * mask.map { $0 == 0 ? 0 : 1 } },
    wrongBackward(
      "the factor twice on the way back",
      advice: "Your dx has the mask's factor twice. y = mask ⊙ x, so dx = mask ⊙ dy, with the mask once."
    ) { dy, mask in dy * mask * mask },
    wrongBackward(
      "divided by the mask",
      advice: "You divide dy by the mask. The way back multiplies by the same factor as the way there."
    ) { dy, mask in Tensor(zip(dy.scalars, mask.scalars).map { $1 == 0 ? 0 : $0 / $1 }, shape: dy.shape) },
  ]
}

private let forwardCall = "dropoutForward(x, chance: u, probability: p, isTraining: …)"
private let backwardCall = "dropoutBackward(dy, mask: mask)"

/// What the way there does, right unless said otherwise.
private struct Rules: Sendable {
  var factor: @Sendable (_ p: Float) -> Float = { 1 / (1 - $0) }
  var isDropped: @Sendable (_ u: Float, _ p: Float) -> Bool = { $0 < $1 }
  var alwaysTrains = false
  var scalesInUse = false
  var maskHasNoFactor = false

  func forward(_ x: Tensor, _ u: Tensor, _ p: Float, _ isTraining: Bool) -> (Tensor, Tensor) {
    if !isTraining && !alwaysTrains {
      let mask = Tensor.ones(x.shape)
      return scalesInUse ? (x * (1 - p), mask * (1 - p)) : (x, mask)
    }
    let mask = u.map { isDropped($0, p) ? 0 : factor(p) }
    return (x * mask, maskHasNoFactor ? mask.map { $0 == 0 ? 0 : 1 } : mask)
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  DropoutExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(
    name, advice: advice,
    answer: .init(forward: { wrongRules.forward($0, $1, $2, $3) }, backward: { $0 * $1 }))
}

private func wrongBackward(
  _ name: String, advice: String, _ backward: @escaping DropoutExercise.Backward
) -> Mistake<DropoutExercise.Answer> {
  Mistake(
    name, advice: advice, answer: .init(forward: { Rules().forward($0, $1, $2, $3) }, backward: backward))
}

/// Numbers, chance, and what comes of them.
private struct Question {
  let x, u: Tensor
  let p: Float
  let dy: Tensor
  var isTraining = true

  init(x: Tensor, u: Tensor, p: Float, dy: Tensor, isTraining: Bool = true) {
    (self.x, self.u, self.p, self.dy, self.isTraining) = (x, u, p, dy, isTraining)
  }

  init(_ shape: [Int], p: Float, seed: UInt64, isTraining: Bool = true) {
    var inputs = Inputs(seed: seed)
    let (x, dy) = (inputs.normal(shape) * 3, inputs.normal(shape))
    self.init(
      x: x, u: Tensor.zeros(shape).map { _ in Float(inputs.integer(0...9)) / 10 }, p: p, dy: dy,
      isTraining: isTraining)
  }

  var given: KeyValuePairs<String, any Passable> { ["x": x, "u": u, "p": p, "isTraining": isTraining] }

  func forward(_ answer: DropoutExercise.Answer) throws -> (Tensor, Tensor) {
    try answer.forward(x, u, p, isTraining)
  }

  func right(of other: Tensor? = nil) -> (Tensor, Tensor) { Rules().forward(other ?? x, u, p, isTraining) }

  func expectForward(_ answer: DropoutExercise.Answer, _ trial: Trial) throws {
    let (y, mask) = try forward(answer)
    let expected = right()
    let call = forwardCall.replacing("…", with: "\(isTraining)")
    func reason(_ place: [Int]) -> String {
      if !isTraining { return "in use, nothing is dropped" }
      let index = zip(place, x.shape).reduce(0) { $0 * $1.1 + $1.0 }
      let (x, u) = (x.scalars[index], u.scalars[index])
      return u < p
        ? "u = \(written(u)) is below \(written(p)): dropped"
        : "u = \(written(u)) is not below \(written(p)): kept, and \(written(x))/(1 − \(written(p))) = \(written(x / (1 - p)))"
    }
    trial.expect(y, equals: expected.0, "\(call).y", given: given, by: reason)
    trial.expect(mask, equals: expected.1, "\(call).mask", given: given, by: reason)
  }
}

private func expectBackward(
  _ dy: Tensor, _ mask: Tensor, _ answer: DropoutExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.backward(dy, mask), equals: dy * mask, backwardCall, given: ["dy": dy, "mask": mask],
    by: { place in
      let index = zip(place, dy.shape).reduce(0) { $0 * $1.1 + $1.0 }
      return sumOfProducts([(mask.scalars[index], dy.scalars[index])])
    })
}
