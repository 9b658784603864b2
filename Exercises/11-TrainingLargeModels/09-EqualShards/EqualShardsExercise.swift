import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class EqualShardsExercise: Exercise {
  /// What one training is given.
  public struct Training: Sendable {
    var images: Tensor
    var labels: [Int]
    var batches: [[Int]]
    var ranks = 4
    var rate: Float = 1.6
  }

  /// The loss of every step, the weights and the biases at the end.
  public typealias Answer = @Sendable (Training) throws -> ([Float], Tensor, Tensor)

  public init() {}

  public let title = "Find the faults: equal shards"
  public let section = "11.5"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["trainByRanks"]
  public let solution: Answer = {
    try trainByRanks(
      $0.images, labels: $0.labels, batches: $0.batches, ranks: $0.ranks, learningRate: $0.rate)
  }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("trainByRanks", $0.images, $0.labels, $0.batches, $0.ranks, $0.rate) }
  }

  public let hints = [
    "Two questions. Which images has rank 3 looked at, after one step? And how long is a step of four ranks, beside that of one?",
    "With size = B/R the shard of rank r begins at r · size. Each g_r is the gradient of a mean, so the gradient of the whole batch is "
      + "their mean: the sum divided by R.",
    """
    let first = …                                // what does rank / ranks give, for whole numbers?
    …
    let gradient = sums[i] / …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "four ranks learn: of 300 unseen digits 70 % are read", points: 1) { answer, trial in
      let (losses, weight, bias) = try answer(task.training)
      trial.plot("the loss of each step", yours: losses, expected: expectedLosses)
      let share = task.shareRead(weight, bias)
      trial.expect(share >= 0.7, "at least 70 % of the unseen digits are read", about: share)
    },
    Check(.training, "every image of a batch counts", points: 2) { answer, trial in
      for (ranks, size) in [(2, 8), (3, 12), (4, 8)] {
        let counted = try task.imagesThatCount(for: answer, ranks: ranks, size: size)
        trial.expect(
          counted == size,
          "one step of \(ranks) ranks with \(size) images, each of them exchanged once: the weights are others \(size) times",
          about: counted)
      }
    },
    Check(.training, "the step is that of one rank, whatever their number", points: 2) { answer, trial in
      for ranks in [1, 2, 3, 6] {
        let moved = try task.movement(of: answer, ranks: ranks)
        trial.expect(
          (0.999...1.001).contains(moved.length) && moved.distance < 1e-3,
          "a step of \(ranks) \(ranks == 1 ? "rank" : "ranks") on a batch of 12 is as long as one rank's and goes the same way; yours "
            + "is that many times as long, and so far away from it", about: [moved.length, moved.distance])
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the same shard, and a sum",
      advice:
        "Two things are wrong: rank / ranks is 0 for whole numbers, so that all ranks look at the first shard of the batch; and gradients of means are added without dividing, so "
        + "that the step is R times too long."
    ) {
      $0.first = { _, _ in 0 }
      $0.divisor = { _, _ in 1 }
    },
    wrong(
      "the same shard",
      advice:
        "The step has the right length now. But all ranks look at the same images, the first of the batch: the others are never "
        + "learned from."
    ) { $0.first = { _, _ in 0 } },
    wrong(
      "a sum",
      advice:
        "Every rank has its own shard now. But the gradients are still added: the step is R times too long. Divide by R."
    ) { $0.divisor = { _, _ in 1 } },
    wrong(
      "divided by the images",
      advice: "You divide by the number of images. Each g_r is a mean already: divide by the number of ranks."
    ) { $0.divisor = { _, images in Float(images) } },
    wrong(
      "divided by a shard's images",
      advice:
        "You divide by the images of a shard. Each g_r is a mean already: divide by the number of ranks."
    ) { $0.divisor = { ranks, images in Float(images / ranks) } },
    wrong(
      "shards that overlap",
      advice:
        "Your shards begin one image after each other: they overlap, and the end of the batch is never seen. They begin size apart."
    ) { $0.first = { rank, _ in rank } },
    wrong(
      "the last rank alone",
      advice: "Only the last rank's gradient is used: each takes the place of the one before. Add them."
    ) {
      $0.takesLast = true
      $0.divisor = { _, _ in 1 }
    },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Program) -> Void)
  -> Mistake<EqualShardsExercise.Answer>
{
  Mistake(name, advice: advice) { training in
    var program = Program()
    change(&program)
    return program.result(training)
  }
}

/// The program, right unless changed.
private struct Program: Sendable {
  /// Where a rank's shard begins.
  var first: @Sendable (_ rank: Int, _ size: Int) -> Int = { rank, size in rank * size }
  var divisor: @Sendable (_ ranks: Int, _ images: Int) -> Float = { ranks, _ in Float(ranks) }
  var takesLast = false

  func result(_ training: EqualShardsExercise.Training) -> ([Float], Tensor, Tensor) {
    let reader = withRandomSource(RandomSource(seed: 119)) { Linear(inFeatures: 49, outFeatures: 10) }
    let parameters = reader.parameters
    var losses: [Float] = []
    for batch in training.batches {
      var sums = parameters.map { Tensor.zeros($0.shape) }
      var loss: Float = 0
      let size = batch.count / training.ranks
      for rank in 0..<training.ranks {
        for parameter in parameters { parameter.clearGradient() }
        let first = first(rank, size)
        let shard = Array(batch[first..<first + size])
        let own = crossEntropy(
          reader(Variable(training.images.rows(shard))), IntTensor(shard.map { training.labels[$0] }))
        own.backward()
        loss += own.scalar / Float(training.ranks)
        for i in sums.indices {
          sums[i] = takesLast ? parameters[i].gradient! : sums[i] + parameters[i].gradient!
        }
      }
      losses.append(loss)
      for (i, parameter) in parameters.enumerated() {
        let gradient = sums[i] / divisor(training.ranks, batch.count)
        parameter.value = parameter.value - gradient * training.rate
      }
    }
    return (losses, reader.weight.value, reader.bias!.value)
  }
}

/// Made once: every answer is asked the same.
private let task = Task()
private let expectedLosses = Program().result(task.training).0

/// 240 digits to learn from, and 300 others.
private struct Task {
  let training: EqualShardsExercise.Training
  let unseen: Tensor
  let unseenLabels: [Int]

  init() {
    let (images, labels) = smallDigits(count: 540, seed: 1_191)
    // In every epoch the same cut into batches: what a rank does not look at is never looked at.
    let batches = (0..<120).map { step in (0..<24).map { ($0 * 10 + step % 10) } }
    training = .init(images: images.rows(0..<240), labels: Array(labels[..<240]), batches: batches)
    (unseen, unseenLabels) = (images.rows(240..<540), Array(labels[240...]))
  }

  /// The share of unseen digits that a reader with these weights reads.
  func shareRead(_ weight: Tensor, _ bias: Tensor) -> Double {
    guard weight.shape == [10, 49], bias.shape == [10] else { return 0 }
    let scores = matmul(unseen, weight.transposed()) + bias
    return Double(zip(scores.argmax(axis: 1).scalars, unseenLabels).count { $0 == $1 })
      / Double(unseenLabels.count)
  }

  /// Of the images of one batch, how many change the weights when they are taken for another digit.
  func imagesThatCount(for answer: EqualShardsExercise.Answer, ranks: Int, size: Int) throws -> Int {
    var one = training
    (one.batches, one.ranks, one.rate) = ([Array(0..<size).map { $0 * 3 }], ranks, 1)
    let before = try answer(one)
    return try (0..<size).count { image in
      var other = one
      other.labels[image * 3] = (other.labels[image * 3] + 1) % 10
      return difference(before, try answer(other)) > 1e-5
    }
  }

  /// How long one step is, beside that of one rank, and how far its end is from that one's, as a share of its length.
  func movement(of answer: EqualShardsExercise.Answer, ranks: Int) throws -> (
    length: Double, distance: Double
  ) {
    var one = training
    (one.batches, one.ranks, one.rate) = ([Array(40..<52)], ranks, 0.5)
    var still = one
    still.batches = []
    let start = try answer(still)
    var alone = one
    alone.ranks = 1
    let (right, yours) = (Program().result(alone), try answer(one))
    let length = difference(Program().result(still), right)
    return (difference(start, yours) / length, difference(yours, right) / length)
  }

  /// How far two readers are from each other.
  private func difference(_ a: ([Float], Tensor, Tensor), _ b: ([Float], Tensor, Tensor)) -> Double {
    let (a, b) = (a.1.scalars + a.2.scalars, b.1.scalars + b.2.scalars)
    guard a.count == 500, b.count == 500 else { return .infinity }
    return zip(a, b).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }.squareRoot()
  }
}
