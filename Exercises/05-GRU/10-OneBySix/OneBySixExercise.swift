import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class OneBySixExercise: Exercise {
  /// The loss of every step, and the answers to the unseen sequences.
  public typealias Answer =
    @Sendable (_ x: Tensor, _ sums: Tensor, _ batches: [[Int]], _ unseen: Tensor) throws -> ([Float], Tensor)

  public init() {}

  public let title = "Find the faults: it stays at one sixth"
  public let section = "5.6"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.engine
  public let functions = ["trainAdder"]
  public let solution: Answer = right
  public let secondsAllowed = 20

  public func answer(of learner: Learner) -> Answer {
    { x, sums, batches, unseen in try learner.call("trainAdder", x, sums, batches, unseen) }
  }

  public let hints = [
    "Two questions. How large is a step of this optimiser, compared with the weights? And which axis does the layer take "
      + "for time: what does the documentation of GRU say about the shape of its input?",
    "By default a recurrent layer reads [T, N, D], as PyTorch's does; these sequences are [N, T, D], which is what "
      + "batchFirst is for. Adam moves every weight by up to the learning rate at each step; 0.01 is usual here.",
    """
    let gru = GRU(inputSize: 2, hiddenSize: 16, …: true)
    …
    let optimizer = Adam(gru.parameters + fc.parameters, learningRate: …)      // try powers of ten
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss falls below 0.02", points: 2) { answer, trial in
      let task = Task()
      let (losses, _) = try task.result(of: answer)
      trial.plot("the loss of each step", yours: losses, expected: try task.result(of: right).0)
      let last = losses.suffix(20)
      let mean = last.reduce(0, +) / Float(Swift.max(last.count, 1))
      trial.expect(
        mean < 0.02 && losses.count == task.batches.count, "the mean loss of the last 20 steps is below 0.02",
        about: [mean])
    },
    Check(.training, "sequences it never saw are added, in any order", points: 2) { answer, trial in
      let task = Task()
      let (_, answers) = try task.result(of: answer)
      let (_, turned) = try answer(task.x, task.sums, task.batches, task.unseen.rows((0..<100).reversed()))
      let isComplete = answers.shape == [100, 1] && turned.shape == [100, 1]
      let differences = isComplete ? (0..<100).map { abs(answers[$0, 0] - turned[99 - $0, 0]) } : [.infinity]
      let errors = isComplete ? (0..<100).map { abs(answers[$0, 0] - task.unseenSums[$0, 0]) } : [.infinity]
      trial.expect(
        (differences.max() ?? .infinity) < 1e-3,
        "a sequence gets the same answer wherever it stands among the others", about: [differences.max() ?? 0]
      )
      trial.expect(
        errors.reduce(0, +) / 100 < 0.15,
        "the answers to 100 new sequences are off by less than 0.15 on average",
        about: [errors.reduce(0, +) / 100])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "time and batch are exchanged, and the rate is too high",
      advice:
        "Two things are wrong: the layer takes the first axis for time, but these sequences have the batch first; "
        + "and each step moves every weight by up to 10.", batchFirst: false, rate: 10),
    wrong(
      "the rate is a thousand times too high",
      advice:
        "The axes are right now. But Adam moves each weight by up to the rate at every step, and 10 throws all "
        + "units to their ends. Go down by powers of ten.", batchFirst: true, rate: 10),
    wrong(
      "time and batch are exchanged",
      advice:
        "The rate is fine now. But the layer reads [T, N, D] unless told otherwise, and these sequences are "
        + "[N, T, D]: it goes from sequence to sequence as if they were steps.", batchFirst: false, rate: 0.01
    ),
    wrong(
      "the rate is too low",
      advice: "The curve is quiet because hardly anything moves. Try larger powers of ten.",
      batchFirst: true, rate: 1e-5),
    wrong(
      "time and batch are exchanged, and the rate is too low",
      advice:
        "The curve is quiet because hardly anything moves; and the layer still takes the batch for time.",
      batchFirst: false, rate: 1e-5),
    wrong(
      "the first state in place of the last",
      advice:
        "You answer from the state after the first step, which has not seen the marks. Take the last step's.",
      batchFirst: true, rate: 0.01, readsFirst: true),
  ]
}

private let right: OneBySixExercise.Answer = { x, sums, batches, unseen in
  try trainAdder(x, sums: sums, batches: batches, unseen: unseen)
}

private func wrong(
  _ name: String, advice: String, batchFirst: Bool, rate: Double, readsFirst: Bool = false
) -> Mistake<OneBySixExercise.Answer> {
  Mistake(name, advice: advice) { x, sums, batches, unseen in
    train(x, sums, batches, unseen, batchFirst: batchFirst, rate: rate, readsFirst: readsFirst)
  }
}

/// The program with its faults, or some of them.
private func train(
  _ x: Tensor, _ sums: Tensor, _ batches: [[Int]], _ unseen: Tensor, batchFirst: Bool, rate: Double,
  readsFirst: Bool
) -> ([Float], Tensor) {
  withRandomSource(RandomSource(seed: 510)) {
    let gru = GRU(inputSize: 2, hiddenSize: 16, batchFirst: batchFirst)
    let fc = Linear(inFeatures: 16, outFeatures: 1)
    let optimizer = Adam(gru.parameters + fc.parameters, learningRate: rate)
    func answers(_ x: Tensor) -> Variable {
      let step = readsFirst ? 0 : x.shape[1] - 1
      return fc(gru(Variable(x)).output.sliced(step..<step + 1, axis: 1).reshaped([x.shape[0], 16]))
    }
    var losses: [Float] = []
    for batch in batches {
      let loss = squaredError(answers(x.rows(batch)), sums.rows(batch))
      optimizer.clearGradients()
      loss.backward()
      clipGradients(of: optimizer.parameters, toNorm: 1)
      optimizer.step()
      losses.append(loss.scalar)
    }
    return (losses, withoutGradients { answers(unseen).value })
  }
}

/// The sequences of one run: 2,000 to learn from, and 100 others.
private struct Task {
  let x, sums, unseen, unseenSums: Tensor
  let batches: [[Int]]

  init() {
    let task = AddingProblem(length: 8, seed: 5101)
    let (training, test) = (task.batch(0..<2_000), task.batch(5_000..<5_100))
    (x, sums) = (training.inputs.transposed(0, 1), training.sums)
    (unseen, unseenSums) = (test.inputs.transposed(0, 1), test.sums)
    var inputs = Inputs(seed: 5102)
    batches = (0..<8).flatMap { _ in
      let order = inputs.order(of: 2_000)
      return stride(from: 0, to: 2_000, by: 40).map { Array(order[$0..<$0 + 40]) }
    }
  }

  func result(of answer: OneBySixExercise.Answer) throws -> ([Float], Tensor) {
    try answer(x, sums, batches, unseen)
  }
}
