import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class WorseAgainExercise: Exercise {
  /// The loss of every step, and after every epoch the readings of the unseen images.
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ labels: [Int], _ epochs: [[[Int]]], _ rate: Double, _ dropout: Float, _ unseen: Tensor
    ) throws -> ([Float], [[Int]])

  public init() {}

  public let title = "Find the faults: it gets worse again"
  public let section = "7.3"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.engine
  public let functions = ["trainWithDropout"]
  public let solution: Answer = right

  public func answer(of learner: Learner) -> Answer {
    { x, labels, epochs, rate, dropout, unseen in
      try learner.call("trainWithDropout", x, labels, epochs, rate, dropout, unseen)
    }
  }

  public let hints = [
    "Go through one step and ask of every thing that lasts from step to step what happens to it: the weights, their "
      + "gradients, the mode that the network is in. backward() adds to the gradients that are there.",
    "A step is: clear the gradients, forward, backward, step. A network begins in training mode; it must be in evaluation "
      + "mode whenever it reads images for a test, and in training mode again for the next epoch.",
    """
    for batches in epochs {
      reader.…                                // to training
      for batch in batches {
        …
        optimizer.…                           // no gradient from before
        loss.backward()
        optimizer.step()
      }
      reader.…                                // to the test
      let scores = …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss falls and stays low, for 20 epochs", points: 2) { answer, trial in
      let task = Task()
      let (losses, readings) = try task.result(of: answer)
      let expected = try task.result(of: right)
      trial.plot("the loss of each step", yours: losses, expected: expected.0)
      trial.plot(
        "the share of unseen digits that are read, epoch by epoch", yours: task.shares(readings),
        expected: task.shares(expected.1))
      let last = losses.suffix(task.epochs[0].count)
      let mean = last.reduce(0, +) / Float(max(last.count, 1))
      trial.expect(
        mean < 0.8 && losses.count == task.steps, "the mean loss of the last epoch is below 0.8",
        about: [mean])
    },
    Check(.training, "the same image is read in the same way twice", points: 1) { answer, trial in
      let task = Task()
      // Each unseen image stands there twice.
      let readings = try task.result(
        of: answer, epochs: Array(task.epochs.prefix(3)),
        unseen: task.unseen.rows((0..<task.count).flatMap { [$0, $0] })
      ).1
      let different = readings.map { epoch in
        stride(from: 0, to: epoch.count - 1, by: 2).count { epoch[$0] != epoch[$0 + 1] }
      }
      trial.expect(
        readings.map(\.count) == [400, 400, 400] && different.allSatisfy { $0 == 0 },
        "of \(task.count) images given twice, none is read in two ways, after none of three epochs",
        about: different)
    },
    Check(.training, "without dropout, each step goes down its own batch's slope", points: 1) {
      answer, trial in
      let task = Task()
      let epochs = Array(task.epochs.prefix(2)).map { Array($0.prefix(3)) }
      let losses = try task.result(of: answer, epochs: epochs, dropout: 0).0
      trial.expect(
        losses, equals: try task.result(of: right, epochs: epochs, dropout: 0).0,
        "trainWithDropout(x, labels: …, epochs: two of three batches, learningRate: 0.5, dropout: 0, …).losses",
        tolerance: 1e-3)
    },
    Check(.training, "dropout drops in every epoch of the training", points: 1) { answer, trial in
      let task = Task()
      // With a rate of 0 nothing is learned, and only what is dropped makes the losses of one batch differ.
      let epochs = [[[Int]]](repeating: [Array(0..<32)], count: 4)
      let losses = try task.result(of: answer, epochs: epochs, rate: 0).0
      let distinct = Set(losses).count
      trial.expect(
        distinct == 4, "with a rate of 0, the same batch has another loss in each of four epochs",
        about: [distinct])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "gradients never cleared, and tested in training mode",
      advice:
        "backward() adds to the gradients that are there, and nobody clears them: each step goes down the sum of all "
        + "batches so far. And the network is tested with dropout on."
    ) {
      $0.clears = .never
      $0.evaluates = false
    },
    wrong(
      "tested in training mode",
      advice:
        "The training is right now. But the test still runs with dropout on, so that half of the features are missing, "
        + "others every time: call evaluate() before it, and train() before the next epoch."
    ) { $0.evaluates = false },
    wrong(
      "the gradients are never cleared",
      advice:
        "The test is right now. But backward() adds to the gradients that are there, and nobody clears them: each step "
        + "goes down the sum of all batches so far."
    ) { $0.clears = .never },
    wrong(
      "the gradients are cleared once an epoch",
      advice:
        "You clear the gradients at the beginning of an epoch. Each batch needs its own: clear them before every "
        + "backward()."
    ) { $0.clears = .everyEpoch },
    wrong(
      "never back to training",
      advice:
        "After the first test the network stays in evaluation mode, and nothing is dropped any more: call train() "
        + "before each epoch."
    ) { $0.returnsToTraining = false },
    wrong(
      "tested in training mode, and gradients cleared once an epoch",
      advice:
        "Each batch needs its own gradients: clear them before every backward(), not once an epoch. And the test still "
        + "runs with dropout on: call evaluate() before it."
    ) {
      $0.clears = .everyEpoch
      $0.evaluates = false
    },
  ]
}

private let right: WorseAgainExercise.Answer = { x, labels, epochs, rate, dropout, unseen in
  try trainWithDropout(
    x, labels: labels, epochs: epochs, learningRate: rate, dropout: dropout, unseen: unseen)
}

/// The digits of one run: 480 to learn from, 200 held out.
private struct Task {
  let digits = smallDigits(count: 680, seed: 7101)
  let epochs = shuffledBatches(of: 480, size: 32, epochs: 20, seed: 7102)
  let count = 200
  var steps: Int { epochs.reduce(0) { $0 + $1.count } }
  var unseen: Tensor { digits.images.rows(480..<680) }

  func result(
    of answer: WorseAgainExercise.Answer, epochs: [[[Int]]]? = nil, rate: Double = 0.5, dropout: Float = 0.3,
    unseen: Tensor? = nil
  ) throws -> ([Float], [[Int]]) {
    try answer(
      digits.images.rows(0..<480), Array(digits.labels[..<480]), epochs ?? self.epochs, rate, dropout,
      unseen ?? self.unseen)
  }

  /// For each epoch, the share that was read correctly.
  func shares(_ readings: [[Int]]) -> [Float] {
    readings.map { epoch in Float(zip(epoch, digits.labels[480...]).count { $0 == $1 }) / Float(count) }
  }
}

/// What the program does about gradients and modes, right unless said otherwise.
private struct Rules: Sendable {
  enum Clears: Sendable { case everyStep, everyEpoch, never }
  var clears = Clears.everyStep
  var evaluates = true
  var returnsToTraining = true
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  WorseAgainExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { x, labels, epochs, rate, dropout, unseen in
    train(x, labels, epochs, rate, dropout, unseen, by: wrongRules)
  }
}

private func train(
  _ x: Tensor, _ labels: [Int], _ epochs: [[[Int]]], _ rate: Double, _ probability: Float, _ unseen: Tensor,
  by rules: Rules
) -> ([Float], [[Int]]) {
  withRandomSource(RandomSource(seed: 710)) {
    let reader = Sequential(
      Linear(inFeatures: 49, outFeatures: 64), ReLU(), Dropout(probability),
      Linear(inFeatures: 64, outFeatures: 10))
    let optimizer = SGD(reader.parameters, learningRate: rate)
    var losses: [Float] = []
    var readings: [[Int]] = []
    for batches in epochs {
      if rules.returnsToTraining { reader.train() }
      if rules.clears == .everyEpoch { optimizer.clearGradients() }
      for batch in batches {
        let targets = IntTensor(batch.map { labels[$0] }, shape: [batch.count])
        let loss = crossEntropy(reader(Variable(x.rows(batch))), targets)
        if rules.clears == .everyStep { optimizer.clearGradients() }
        loss.backward()
        optimizer.step()
        losses.append(loss.value.scalar)
      }
      if rules.evaluates { reader.evaluate() }
      readings.append(withoutGradients { reader(Variable(unseen)).value }.argmax(axis: 1).scalars)
    }
    return (losses, readings)
  }
}
