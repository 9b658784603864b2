import Engine
import ExerciseKit
import Practice

public final class WeightsThatComeBackExercise: Exercise {
  /// The loss of every step, and the weights and biases of the two layers at the end.
  public typealias Answer =
    @Sendable (_ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ pruneAfter: Int) throws -> (
      [Float], [Tensor]
    )

  public init() {}

  public let title = "Find the fault: weights that come back"
  public let section = "12.2"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["prunedReader"]
  public let solution: Answer = { try prunedReader($0, labels: $1, batches: $2, pruneAfter: $3) }
  public let secondsAllowed = 20

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("prunedReader", $0, $1, $2, $3) }
  }

  public let hints = [
    "A weight that gets no gradient should stay where it is. Print one that was taken away for the first ten steps after it: how "
      + "large are its moves, and how do they change? Who else moves weights than the gradient of the step?",
    "Adam moves a weight by η m̂ / (√v̂ + ε), where m is a running mean of all gradients so far. A gradient of 0 makes m smaller by a "
      + "tenth, and no more: after n steps 0.9ⁿ of it is there. So the mask belongs to the weights, after each step.",
    """
    loss.backward()
    optimizer.step()
    for (weight, mask) in zip(weights, masks) { weight.value = … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "one weight in five is left at the end", points: 2) { answer, trial in
      let reading = Reading()
      let (losses, state) = try reading.result(of: answer)
      trial.plot("the loss of each step", yours: losses, expected: right.losses)
      let counts = [0, 2].map { i in i < state.count ? state[i].scalars.count { $0 != 0 } : -1 }
      trial.expect(
        counts == [314, 64], "of 1568 and of 320 weights 314 and 64 are left", about: counts)
    },
    Check(.training, "they are those that were the largest", points: 1) { answer, trial in
      let state = try Reading().result(of: answer).1
      let places = [0, 2].map { i in i < state.count ? state[i].map { $0 != 0 ? 1 : 0 } : Tensor([-1]) }
      for (i, name) in ["the first layer", "the second layer"].enumerated() {
        let expected = right.state[2 * i].map { $0 != 0 ? 1 : 0 }
        trial.expect(
          places[i].shape == expected.shape && places[i] == expected,
          "what is left of \(name) is what was largest after 120 steps", about: places[i].scalars.reduce(0, +)
        )
      }
    },
    Check(.training, "with these weights the reader reads as well as it may", points: 1) { answer, trial in
      let reading = Reading()
      let (losses, state) = try reading.result(of: answer)
      let accuracy = reading.accuracy(state)
      trial.expect(
        accuracy >= Reading.accuracy && losses.count == reading.batches.count,
        "of 500 digits that it never saw, it reads at least \(Int(Reading.accuracy * 100)) %", about: accuracy
      )
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the program as it is given",
      advice:
        "Masked gradients do not stop Adam: its running mean of earlier gradients goes on moving a weight. Apply the mask to the "
        + "weights, after the step."
    ) { $0.masksGradients = true },
    wrong(
      "no mask at all",
      advice: "Now nothing holds the weights at 0. Apply the mask to the weights, after each step."
    ) { _ in },
    wrong(
      "the mask before the step",
      advice: "You apply the mask before the step, and the step undoes it. Apply it after."
    ) {
      $0.masksBefore = true
    },
    wrong(
      "the mask at the end",
      advice:
        "You set the weights to 0 once, at the end: until then the network learned with those that had come back. Apply the mask "
        + "after each step."
    ) {
      $0.masksGradients = true
      $0.masksAtEnd = true
    },
    wrong(
      "pruned anew in each step",
      advice:
        "You choose anew after each step which weights stay. The masks are made once, when the weights are taken away."
    ) { $0.prunesEachStep = true },
    wrong(
      "nothing learned after pruning",
      advice:
        "You stop learning when the weights are gone, so the others never make up for it. Go on, and mask after each step."
    ) { $0.stops = true },
  ]
}

/// What the mended program comes to.
private let right: (losses: [Float], state: [Tensor]) =
  (try? Reading().result(of: { try reference($0, $1, $2, $3, Program(masksAfter: true)) })) ?? ([], [])

/// The digits of one run.
private struct Reading {
  static let accuracy = 0.80

  let images, unseen: Tensor
  let labels, unseenLabels: [Int]
  let batches: [[Int]]

  init() {
    let digits = smallDigits(count: 2_000, seed: 1280)
    images = digits.images.rows(0..<1_500)
    unseen = digits.images.rows(1_500..<2_000)
    labels = Array(digits.labels[..<1_500])
    unseenLabels = Array(digits.labels[1_500...])
    batches = shuffledBatches(of: 1_500, size: 50, epochs: 10, seed: 1281).flatMap { $0 }
  }

  func result(of answer: WeightsThatComeBackExercise.Answer) throws -> ([Float], [Tensor]) {
    try answer(images, labels, batches, 120)
  }

  func accuracy(_ state: [Tensor]) -> Double {
    guard state.map(\.shape) == [[32, 49], [32], [10, 32], [10]] else { return 0 }
    let x = Variable(unseen)
    let hidden = relu(linear(x, Variable(state[0]), bias: Variable(state[1])))
    let guesses = linear(hidden, Variable(state[2]), bias: Variable(state[3])).value.argmax().scalars
    return Double(zip(guesses, unseenLabels).count { $0 == $1 }) / Double(unseenLabels.count)
  }
}

/// What a program does.
private struct Program: Sendable {
  var masksGradients = false
  var masksBefore = false
  var masksAfter = false
  var masksAtEnd = false
  var prunesEachStep = false
  var stops = false
}

private func wrong(
  _ name: String, advice: String, _ change: (inout Program) -> Void
) -> Mistake<WeightsThatComeBackExercise.Answer> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { try reference($0, $1, $2, $3, changed) }
}

private func reference(
  _ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ pruneAfter: Int, _ program: Program
) throws -> ([Float], [Tensor]) {
  let (hidden, output) = withRandomSource(RandomSource(seed: 128)) {
    (Linear(inFeatures: 49, outFeatures: 32), Linear(inFeatures: 32, outFeatures: 10))
  }
  let weights = [hidden.weight, output.weight]
  let optimizer = Adam(hidden.parameters + output.parameters, learningRate: 0.01)
  var masks = weights.map { Tensor.ones($0.shape) }
  func mask() { for (weight, mask) in zip(weights, masks) { weight.value = weight.value * mask } }
  var losses: [Float] = []
  for (step, batch) in batches.enumerated() {
    if step == pruneAfter || (step > pruneAfter && program.prunesEachStep) {
      masks = weights.map { magnitudeMask(of: $0.value, amount: 0.8) }
      mask()
    }
    let x = Variable(images.rows(batch))
    let loss = crossEntropy(output(relu(hidden(x))), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    if program.masksGradients {
      for (weight, mask) in zip(weights, masks) { weight.setGradient(weight.gradient.map { $0 * mask }) }
    }
    if program.masksBefore { mask() }
    if !(program.stops && step >= pruneAfter) { optimizer.step() }
    if program.masksAfter { mask() }
    losses.append(loss.scalar)
  }
  if program.prunesEachStep { masks = weights.map { magnitudeMask(of: $0.value, amount: 0.8) } }
  if program.masksAtEnd || program.prunesEachStep { mask() }
  return (losses, [hidden.weight.value, hidden.bias!.value, output.weight.value, output.bias!.value])
}
