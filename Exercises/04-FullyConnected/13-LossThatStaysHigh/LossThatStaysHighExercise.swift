import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class LossThatStaysHighExercise: Exercise {
  /// The loss of every step, and the readings of the unseen images.
  public typealias Answer =
    @Sendable (_ x: Tensor, _ labels: [Int], _ batches: [[Int]], _ rate: Double, _ unseen: Tensor) throws -> (
      [Float], [Int]
    )

  public init() {}

  public let title = "Find the fault: a loss that stays high"
  public let section = "4.3"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["trainReader"]
  public let solution: Answer = { x, labels, batches, rate, unseen in
    try trainReader(x, labels: labels, batches: batches, learningRate: rate, unseen: unseen)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, labels, batches, rate, unseen in
      try learner.call("trainReader", x, labels, batches, rate, unseen)
    }
  }

  public let hints = [
    "The curve is flat where it should go on falling, and it is not noise: something keeps the loss from getting "
      + "small. Work out the least loss that the network can reach. For that, ask which numbers it can give.",
    "crossEntropy takes scores: any numbers, and it makes probabilities of them by itself. If the numbers lie between "
      + "0 and 1, the best is a 1 for the right class and 0 for the nine others: L = −ln (e / (e + 9)) = 1.461.",
    """
    func callAsFunction(_ images: Variable) -> Variable {
      let features = relu(hidden(images))
      return …          // scores, and nothing more: crossEntropy has a softmax of its own
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "one loss for each step, and the first is about ln 10", points: 1) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer, batches: Array(task.batches.prefix(5))).losses
      trial.expect(
        losses.count == 5, "five batches have five losses",
        about: losses.count)
      let first = losses.first ?? .nan
      trial.expect(abs(first - 2.3026) < 0.3, "the first loss is near 2.303", about: [first])
    },
    Check(.training, "after 20 epochs the loss is below 0.6", points: 2) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer).losses
      trial.plot("the loss of each step", yours: losses, expected: try task.result(of: right).losses)
      let last = losses.suffix(task.batchesInEpoch)
      let mean = last.reduce(0, +) / Float(max(last.count, 1))
      trial.expect(mean < 0.6, "the mean loss of the last epoch is below 0.6", about: [mean])
    },
    Check(.training, "most digits that it never saw are read", points: 1) { answer, trial in
      let task = Task()
      let share = task.shareRead(try task.result(of: answer).readings)
      trial.expect(
        share >= 0.7, "of 300 digits that it never saw, at least 70 % are read correctly", about: [share])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "softmax before the cross-entropy",
      advice:
        "The network ends in a softmax, and crossEntropy has one of its own. So its scores lie between 0 and 1, "
        + "and no loss can be smaller than −ln (e / (e + 9)) = 1.461. Give it the scores as they are."
    ) { try train($0, $1, $2, $3, $4) { softmax($0) } },
    Mistake(
      "softmax, and ten times the rate",
      advice:
        "A larger rate goes faster towards 1.461, and no further: the network still ends in a softmax, and "
        + "crossEntropy has one of its own. Leave the rate, and give it the scores as they are."
    ) { try train($0, $1, $2, 10 * $3, $4) { softmax($0) } },
    Mistake(
      "a sigmoid instead",
      advice:
        "Your scores pass a sigmoid, and so they still lie between 0 and 1: the loss cannot come below 1.461. "
        + "crossEntropy wants scores of any size."
    ) { try train($0, $1, $2, $3, $4) { sigmoid($0) } },
    Mistake(
      "a tanh instead",
      advice: "Your scores pass a tanh, and so they lie between −1 and 1: the loss cannot come below "
        + "−ln (e / (e + 9/e)) = 0.797. crossEntropy wants scores of any size."
    ) { try train($0, $1, $2, $3, $4) { tanh($0) } },
    Mistake(
      "softmax along the batch",
      advice:
        "You turned the softmax to the other axis. It has no place here at all: crossEntropy has its own."
    ) { try train($0, $1, $2, $3, $4) { softmax($0, axis: 0) } },
  ]
}

private let right: LossThatStaysHighExercise.Answer = { x, labels, batches, rate, unseen in
  try trainReader(x, labels: labels, batches: batches, learningRate: rate, unseen: unseen)
}

/// The digits of one run: 600 to learn from, 300 held out.
private struct Task {
  let digits = smallDigits(count: 900, seed: 4131)
  let batches = shuffledBatches(of: 600, size: 32, epochs: 20, seed: 4132).flatMap(\.self)
  var batchesInEpoch: Int { batches.count / 20 }

  func result(
    of answer: LossThatStaysHighExercise.Answer, batches: [[Int]]? = nil
  ) throws -> (losses: [Float], readings: [Int]) {
    try answer(
      digits.images.rows(0..<600), Array(digits.labels[..<600]), batches ?? self.batches, 1,
      digits.images.rows(600..<900))
  }

  func shareRead(_ readings: [Int]) -> Double {
    guard readings.count == 300 else { return 0 }
    return Double(zip(readings, digits.labels[600...]).count { $0 == $1 }) / 300
  }
}

/// The program with something else behind its last layer.
private func train(
  _ x: Tensor, _ labels: [Int], _ batches: [[Int]], _ rate: Double, _ unseen: Tensor,
  last: (Variable) -> Variable
) throws -> ([Float], [Int]) {
  let (hidden, output) = withRandomSource(RandomSource(seed: 413)) {
    (Linear(inFeatures: 49, outFeatures: 32), Linear(inFeatures: 32, outFeatures: 10))
  }
  func read(_ images: Tensor) -> Variable { last(output(relu(hidden(Variable(images))))) }
  let optimizer = SGD(hidden.parameters + output.parameters, learningRate: rate)
  var losses: [Float] = []
  for batch in batches {
    let loss = crossEntropy(
      read(x.rows(batch)), IntTensor(batch.map { labels[$0] }, shape: [batch.count]))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.value.scalar)
  }
  return (losses, withoutGradients { read(unseen).value }.argmax(axis: 1).scalars)
}
