import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class NeverTheSameExercise: Exercise {
  /// The loss of every step, and the answers to the tests.
  public typealias Answer =
    @Sendable (_ batches: [Tensor], _ sums: [Tensor], _ tests: [Tensor]) throws -> ([Float], [Tensor])

  public init() {}

  public let title = "Find the fault: never the same answer twice"
  public let section = "5.1"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["trainSummer"]
  public let solution: Answer = right
  public let secondsAllowed = 20

  public func answer(of learner: Learner) -> Answer {
    { batches, sums, tests in try learner.call("trainSummer", batches, sums, tests) }
  }

  public let hints = [
    "The weights do not change while the tests are read. What else does an answer depend on, besides the sequence and the "
      + "weights? Look for something that outlives one call of `answers`.",
    "h_0 = 0 for every sequence: gru(x) without `initial` begins with zeros. A state that goes on from one batch to the next "
      + "is right for one long text cut into pieces, and wrong for sequences that have nothing to do with each other.",
    """
    func answers(_ x: Tensor) -> Variable {
      let last = gru(Variable(x)…).hidden            // begins with zeros
      …                                               // and nothing is kept
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "asked twice, it says the same", points: 1) { answer, trial in
      let task = Task()
      let (losses, answers) = try task.result(of: answer)
      trial.plot("the loss of each step", yours: losses, expected: try task.result(of: right).0)
      let isComplete = answers.count == 2 && answers.allSatisfy { $0.shape == [60, 1] }
      let differences =
        isComplete ? (0..<60).map { abs(answers[0][$0, 0] - answers[1][59 - $0, 0]) } : [.infinity]
      trial.expect(
        (differences.max() ?? .infinity) < 1e-4,
        "the same sequences, asked about again in another order, get the same answers",
        about: [differences.max() ?? 0])
    },
    Check(.training, "the loss falls below 0.005", points: 1) { answer, trial in
      let (losses, _) = try Task().result(of: answer)
      let last = losses.suffix(20)
      let mean = last.reduce(0, +) / Float(Swift.max(last.count, 1))
      trial.expect(
        mean < 0.005 && losses.count == Task.steps, "the mean loss of the last 20 steps is below 0.005",
        about: [mean])
    },
    Check(.training, "sequences it never saw are added up", points: 1) { answer, trial in
      let task = Task()
      let (_, answers) = try task.result(of: answer)
      let isComplete = answers.count == 2 && answers.allSatisfy { $0.shape == [60, 1] }
      let errors = isComplete ? (0..<60).map { abs(answers[0][$0, 0] - task.testSums[$0, 0]) } : [.infinity]
      trial.expect(
        errors.reduce(0, +) / 60 < 0.1, "the answers to 60 new sequences are off by less than 0.1 on average",
        about: [errors.reduce(0, +) / 60])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the state goes on from batch to batch",
      advice:
        "Each batch begins with the state that the batch before has left. These sequences have nothing to do with "
        + "each other: each begins with zeros.", training: .goesOn, test: .goesOn),
    wrong(
      "begun anew for learning only",
      advice:
        "While learning, each batch begins with zeros now. But in the test the second batch still begins where the "
        + "first has ended.", training: .zeros, test: .goesOn),
    wrong(
      "begun anew for the test only",
      advice:
        "In the test each batch begins with zeros now. But while learning, the state still goes on from batch to "
        + "batch, and what the network learns then is something else.", training: .goesOn, test: .zeros),
    wrong(
      "ones in place of zeros in the test",
      advice: "In the test your state begins with ones. Begin as in training: with zeros.", training: .zeros,
      test: .ones),
    wrong(
      "begun with the first batch's last state",
      advice: "Every batch of yours begins with the state that the first has left. Each begins with zeros.",
      training: .first, test: .first),
  ]
}

private let right: NeverTheSameExercise.Answer = { batches, sums, tests in
  try trainSummer(batches, sums: sums, tests: tests)
}

/// What a batch begins with.
private enum Beginning: Sendable { case zeros, ones, goesOn, first }

private func wrong(_ name: String, advice: String, training: Beginning, test: Beginning) -> Mistake<
  NeverTheSameExercise.Answer
> {
  Mistake(name, advice: advice) { batches, sums, tests in train(batches, sums, tests, training, test) }
}

/// The program with what its batches begin with.
private func train(
  _ batches: [Tensor], _ sums: [Tensor], _ tests: [Tensor], _ training: Beginning, _ test: Beginning
) -> ([Float], [Tensor]) {
  withRandomSource(RandomSource(seed: 511)) {
    let gru = GRU(inputSize: 1, hiddenSize: 12)
    let fc = Linear(inFeatures: 12, outFeatures: 1)
    let optimizer = Adam(gru.parameters + fc.parameters, learningRate: 0.01)
    var (latest, first): (Tensor?, Tensor?) = (nil, nil)
    func answers(_ x: Tensor, _ beginning: Beginning) -> Variable {
      let count = x.shape[1]
      let initial: Tensor? =
        switch beginning {
        case .zeros: nil
        case .ones: Tensor.ones([1, count, 12])
        case .goesOn: latest
        case .first: first
        }
      let last = gru(Variable(x), initial: initial.map { Variable($0) }).hidden
      latest = last.value
      first = first ?? last.value
      return fc(last.reshaped([count, 12]))
    }
    var losses: [Float] = []
    for (x, target) in zip(batches, sums) {
      let loss = squaredError(answers(x, training), target)
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.scalar)
    }
    return (losses, withoutGradients { tests.map { answers($0, test).value } })
  }
}

/// The sequences of one run: five numbers each, in batches of 60; and a batch of others, asked about twice, the second time from
/// the last to the first.
private struct Task {
  static let steps = 300
  let batches, sums, tests: [Tensor]
  let testSums: Tensor

  init() {
    var inputs = Inputs(seed: 5111)
    var all: [(x: Tensor, sums: Tensor)] = []
    for _ in 0...Self.steps {
      let x = inputs.normal([5, 60, 1]) * 0.4
      all.append((x, x.sum(axis: 0)))
    }
    batches = all.dropLast().map(\.x)
    sums = all.dropLast().map(\.sums)
    tests = [all.last!.x, all.last!.x.selecting((0..<60).reversed(), axis: 1)]
    testSums = all.last!.sums
  }

  func result(of answer: NeverTheSameExercise.Answer) throws -> ([Float], [Tensor]) {
    try answer(batches, sums, tests)
  }
}
