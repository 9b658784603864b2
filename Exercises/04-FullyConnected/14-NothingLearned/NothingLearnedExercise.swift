import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class NothingLearnedExercise: Exercise {
  /// The weights and biases in the end, and the loss of every batch.
  public typealias Answer =
    @Sendable (_ x: Tensor, _ labels: [Int], _ batches: [[Int]]) throws -> (Tensor, Tensor, [Float])

  public init() {}

  public let title = "Find the faults: nothing is learned"
  public let section = "4.4"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.engine
  public let functions = ["trainByHand"]
  public let solution: Answer = { x, labels, batches in try trainByHand(x, labels: labels, batches: batches) }

  public func answer(of learner: Learner) -> Answer {
    { x, labels, batches in try learner.call("trainByHand", x, labels, batches) }
  }

  public let hints = [
    "The first loss is the best clue, for no step has been taken yet, and so the rate has no part in it. It is ln 32 = "
      + "3.466 where ln 10 was due. What is there 32 of?",
    "y = softmax(z) is [N, 10]; for each image n the ten probabilities add up to 1: the sum runs along axis 1. When the "
      + "first loss is right and the curve still jumps, the steps are too long: weights here are of the size of 1.",
    """
    let learningRate: Float = …                         // try powers of ten: 1000, 100, 10, 1, 0.1 …
    …
    let probabilities = scores.softmax(axis: …)         // N rows, ten numbers in each
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the first loss is ln 10, before any step", points: 1) { answer, trial in
      let task = Task()
      let (_, _, losses) = try task.result(of: answer, batches: Array(task.batches.prefix(2)))
      trial.expect(
        [losses.first ?? .nan], equals: [Float(log(10.0))], "trainByHand(x, labels: …, batches: …).losses[0]",
        tolerance: 1e-3,
        by: { _ in "ten equal scores: −ln (1/10) = 2.3026" })
    },
    Check(.training, "after 30 epochs the loss is below 1.2", points: 2) { answer, trial in
      let task = Task()
      let (_, _, losses) = try task.result(of: answer)
      trial.plot("the loss of each batch", yours: losses, expected: try task.result(of: right).2)
      let last = losses.suffix(task.batchesInEpoch)
      let mean = last.reduce(0, +) / Float(max(last.count, 1))
      trial.expect(
        mean < 1.2 && losses.count == task.batches.count, "the mean loss of the last epoch is below 1.2",
        about: [mean])
    },
    Check(.training, "most digits that it never saw are read", points: 1) { answer, trial in
      let task = Task()
      let (weight, bias, _) = try task.result(of: answer)
      let share = task.shareRead(weight, bias)
      trial.expect(
        share >= 0.65, "of 300 digits that it never saw, at least 65 % are read correctly", about: [share])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the softmax along the batch, and the rate",
      advice:
        "The first loss is ln 32 and not ln 10: your probabilities of one digit add up to 1 over the 32 images of "
        + "the batch, instead of those of one image over the ten digits. When that is mended, look at the rate.",
      rate: 2e3, axis: 0),
    wrong(
      "the rate is a thousand times too high",
      advice:
        "The axis is right now: the first loss is ln 10. But each step throws the weights far beyond the place that "
        + "it aims at. A rate is found by powers of ten: go down until the loss falls.", rate: 2e3, axis: 1),
    wrong(
      "the softmax along the batch",
      advice:
        "The rate is fine now. But the first loss is ln 32: your probabilities of one digit add up to 1 over the "
        + "batch. An image is a row, and its ten probabilities stand along axis 1.", rate: 2, axis: 0),
    wrong(
      "the rate is a thousand times too low",
      advice:
        "The loss falls, and would need thousands of epochs. 2e3 was too much and 2e-3 is too little: try what lies "
        + "between, by powers of ten.", rate: 2e-3, axis: 1),
    wrong(
      "the softmax along the batch, and too low a rate",
      advice:
        "The curve is quiet now because hardly anything moves. The first loss is still ln 32: look at the axis of the "
        + "softmax, and then for a rate between 2e-3 and 2e3.", rate: 2e-3, axis: 0),
  ]
}

private let right: NothingLearnedExercise.Answer = { x, labels, batches in
  try trainByHand(x, labels: labels, batches: batches)
}

private func wrong(_ name: String, advice: String, rate: Float, axis: Int) -> Mistake<
  NothingLearnedExercise.Answer
> {
  Mistake(name, advice: advice) { x, labels, batches in train(x, labels, batches, rate: rate, axis: axis) }
}

/// The digits of one run: 384 to learn from, in whole batches, and 300 held out.
private struct Task {
  let digits = smallDigits(count: 684, seed: 4141)
  let batches = shuffledBatches(of: 384, size: 32, epochs: 30, seed: 4142).flatMap(\.self)
  var batchesInEpoch: Int { batches.count / 30 }

  func result(
    of answer: NothingLearnedExercise.Answer, batches: [[Int]]? = nil
  ) throws -> (Tensor, Tensor, [Float]) {
    try answer(digits.images.rows(0..<384), Array(digits.labels[..<384]), batches ?? self.batches)
  }

  func shareRead(_ weight: Tensor, _ bias: Tensor) -> Double {
    guard weight.shape == [10, 49], bias.shape == [10] else { return 0 }
    let scores = matmul(digits.images.rows(384..<684), weight.transposed()) + bias
    return Double(zip(scores.argmax(axis: 1).scalars, digits.labels[384...]).count { $0 == $1 }) / 300
  }
}

/// The program with another rate, and its softmax along another axis.
private func train(
  _ x: Tensor, _ labels: [Int], _ batches: [[Int]], rate: Float, axis: Int
) -> (Tensor, Tensor, [Float]) {
  var (weight, bias) = (Tensor.zeros([10, 49]), Tensor.zeros([10]))
  var losses: [Float] = []
  for batch in batches {
    let images = x.rows(batch)
    let probabilities = (matmul(images, weight.transposed()) + bias).softmax(axis: axis)
    var gradient = probabilities
    var loss: Float = 0
    for (n, place) in batch.enumerated() {
      loss -= log(max(probabilities[n, labels[place]], 1e-30))
      gradient[n, labels[place]] -= 1
    }
    losses.append(loss / Float(batch.count))
    gradient = gradient / Float(batch.count)
    weight = weight - rate * matmul(gradient.transposed(), images)
    bias = bias - rate * gradient.sum(axis: 0)
  }
  return (weight, bias, losses)
}
