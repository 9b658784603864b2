import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class PrivateInNameExercise: Exercise {
  /// What one training is given.
  public struct Training: Sendable {
    var images: Tensor
    var labels: [Int]
    var batches: [[Int]]
    var size: Int
    var clip: Float = 0.5
    var sigma: Float = 1
    var rate: Float = 2
    var seed = 1
  }

  /// The loss of every step, the weights and the biases at the end.
  public typealias Answer = @Sendable (Training) throws -> ([Float], Tensor, Tensor)

  public init() {}

  public let title = "Find the faults: private in name only"
  public let section = "9.7"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 4
  public let minutes = 35
  public let allowed = Allowed.engine
  public let functions = ["trainPrivately"]
  public let solution: Answer = right
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer {
    {
      try learner.call(
        "trainPrivately", $0.images, $0.labels, $0.batches, $0.size, $0.clip, $0.sigma, $0.rate, $0.seed)
    }
  }

  public let hints = [
    "Two questions. How large is the noise of one step, compared with what a whole batch may contribute? And whose gradient is it "
      + "that is clipped: what does the mean of 60 gradients say about one of them?",
    "crossEntropy gives the mean over its images, so clippedGradients clips the mean of all that it is given: give it one image at a "
      + "time, and add up. Sum and noise together are then divided by B = expectedBatchSize.",
    """
    let pieces = batch.map { … }                  // one image each
    …
    let gradient = (sums[i] + noise) / Float(…)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "it learns: of 300 unseen digits 40 % are read", points: 1) { answer, trial in
      let (losses, weight, bias) = try answer(task.training)
      trial.plot("the loss of each step", yours: losses, expected: expectedLosses)
      let share = task.shareRead(weight, bias)
      trial.expect(share >= 0.4, "at least 40 % of the unseen digits are read", about: share)
    },
    Check(.training, "one example moves the weights by at most 2ηC/B", points: 2) { answer, trial in
      for (batch, size) in [(0..<60, 60), (100..<130, 60), (200..<290, 60)] {
        let moved = try task.movement(of: answer, batch: Array(batch), size: size)
        trial.expect(
          moved <= 1.001,
          "a step with \(batch.count) examples, B = \(size), one of them exchanged: the weights move by at most 2ηC/B; "
            + "yours is a multiple of that", about: moved)
      }
    },
    Check(.training, "the noise is as large as the accountant was told", points: 2) { answer, trial in
      for (clip, sigma) in [(0.5, 1), (2, 0.25)] as [(Float, Float)] {
        let ratio = try task.noise(of: answer, clip: clip, sigma: sigma)
        trial.expect(
          (0.85...1.15).contains(ratio),
          "with C = \(written(clip)) and σ = \(written(sigma)) the noise of a step has the deviation ησC/B, within 15 %; "
            + "yours is a multiple of that", about: ratio)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the mean is clipped, and the noise is not divided",
      advice:
        "Two things are wrong: clipping the mean of a batch bounds no single example; and the noise that belongs to a sum of "
        + "B gradients is added to a mean, so it is B times too large."
    ) {
      $0.clipsExamples = false
      $0.divisor = { _, _ in 1 }
    },
    wrong(
      "the mean is clipped",
      advice:
        "It learns now. But you clip the mean of a batch: one huge gradient turns it as it likes. Clip each example's "
        + "gradient, then add."
    ) {
      $0.clipsExamples = false
      $0.divisor = { _, _ in 1 }
      $0.noise = { _, size in 1 / Float(size) }
    },
    wrong(
      "the noise is not divided",
      advice:
        "Each example is clipped now. But the noise is added to the mean, B times too large: add it to the sum, and then "
        + "divide."
    ) { $0.noise = { _, size in Float(size) } },
    wrong(
      "nothing is divided",
      advice:
        "Each example is clipped now, but sum and noise are not divided by B: every step is B times too long."
    ) { $0.divisor = { _, _ in 1 } },
    wrong(
      "the mean is clipped, and divided again",
      advice:
        "The clipped mean is divided by B as if it were a sum: hardly anything is left of it. Clip each example, add up, and "
        + "divide once."
    ) { $0.clipsExamples = false },
    wrong(
      "divided by the examples that came",
      advice:
        "You divide by the number of examples in the batch. In a small batch one example then counts for more than C/B: "
        + "divide by expectedBatchSize."
    ) { $0.divisor = { count, _ in Float(count) } },
    wrong(
      "the noise is divided twice",
      advice: "The noise is divided by B twice. It is too small to hide anybody: σC z is added to the sum."
    ) { $0.noise = { _, size in 1 / Float(size) } },
    wrong(
      "no noise any more",
      advice: "Without noise it learns best, and nothing is private: the accountant counts on σC z."
    ) { $0.noise = { _, _ in 0 } },
    wrong(
      "the noise without C",
      advice: "Your noise is σz. It must be as large as one example can pull: σC z."
    ) { $0.noise = { clip, _ in 1 / clip } },
    wrong(
      "weights and biases are clipped apart",
      advice:
        "You clip weights and biases each by itself. Together an example may then be √2 times as long as C: one norm for "
        + "both."
    ) { $0.clipsTogether = false },
    wrong(
      "nothing is clipped",
      advice: "Nothing is clipped any more. Each example's gradient is shortened to the norm C."
    ) { $0.clip = 1e9 },
  ]
}

private let right: PrivateInNameExercise.Answer = {
  try trainPrivately(
    $0.images, labels: $0.labels, batches: $0.batches, expectedBatchSize: $0.size, clip: $0.clip,
    noiseMultiplier: $0.sigma, learningRate: $0.rate, noiseSeed: $0.seed)
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Program) -> Void)
  -> Mistake<PrivateInNameExercise.Answer>
{
  Mistake(name, advice: advice) { training in
    var program = Program()
    change(&program)
    return program.result(training)
  }
}

/// The program, right unless changed.
private struct Program: Sendable {
  var clipsExamples = true
  var clipsTogether = true
  var clip: Float?
  var divisor: @Sendable (_ count: Int, _ size: Int) -> Float = { _, size in Float(size) }
  /// What the right noise is multiplied by.
  var noise: @Sendable (_ clip: Float, _ size: Int) -> Float = { _, _ in 1 }

  func result(_ training: PrivateInNameExercise.Training) -> ([Float], Tensor, Tensor) {
    let reader = withRandomSource(RandomSource(seed: 910)) { Linear(inFeatures: 49, outFeatures: 10) }
    let parameters = reader.parameters
    var stream = RandomStream(seed: UInt64(training.seed))
    var losses: [Float] = []
    for batch in training.batches {
      var sums = parameters.map { Tensor.zeros($0.shape) }
      var sum: Float = 0
      let pieces = clipsExamples ? batch.map { [$0] } : [batch]
      for piece in pieces {
        for parameter in parameters { parameter.clearGradient() }
        let loss = crossEntropy(
          reader(Variable(training.images.rows(piece))), IntTensor(piece.map { training.labels[$0] }))
        loss.backward()
        for group in clipsTogether ? [parameters] : parameters.map({ [$0] }) {
          clipGradients(of: group, toNorm: Double(clip ?? training.clip))
        }
        sum += loss.scalar
        for i in sums.indices { sums[i] += parameters[i].gradient! }
      }
      losses.append(sum / Float(pieces.count))
      for (i, parameter) in parameters.enumerated() {
        let noise =
          stream.normal(shape: parameter.shape)
          * (training.sigma * training.clip * noise(training.clip, training.size))
        let gradient = (sums[i] + noise) / divisor(batch.count, training.size)
        parameter.value = parameter.value - gradient * training.rate
      }
    }
    return (losses, parameters[0].value, parameters[1].value)
  }
}

/// Made once: every answer is asked the same.
private let task = Task()
private let expectedLosses = Program().result(task.training).0

/// 600 digits to learn from, and 300 others.
private struct Task {
  let training: PrivateInNameExercise.Training
  let unseen: Tensor
  let unseenLabels: [Int]

  init() {
    let (images, labels) = smallDigits(count: 900, seed: 9_101)
    var inputs = Inputs(seed: 9_102)
    let batches = (0..<100).map { _ in (0..<600).filter { _ in inputs.integer(0...9) == 0 } }
    training = .init(
      images: images.rows(0..<600), labels: Array(labels[..<600]), batches: batches, size: 60)
    (unseen, unseenLabels) = (images.rows(600..<900), Array(labels[600...]))
  }

  /// The share of unseen digits that a reader with these weights reads.
  func shareRead(_ weight: Tensor, _ bias: Tensor) -> Double {
    guard weight.shape == [10, 49], bias.shape == [10] else { return 0 }
    let scores = matmul(unseen, weight.transposed()) + bias
    return Double(zip(scores.argmax(axis: 1).scalars, unseenLabels).count { $0 == $1 })
      / Double(unseenLabels.count)
  }

  /// How far one step moves the weights further when its first example is exchanged, as a multiple of 2ηC/B: the larger of
  /// two exchanges. One is another label; the other an image such as nobody expects.
  func movement(of answer: PrivateInNameExercise.Answer, batch: [Int], size: Int) throws -> Double {
    var one = training
    (one.batches, one.size) = ([batch], size)
    let before = try answer(one)
    one.labels[batch[0]] = (one.labels[batch[0]] + 5) % 10
    let relabelled = try answer(one)
    var pixels = one.images
    for p in 0..<49 { pixels[batch[0], p] *= -1_000 }
    one.images = pixels
    let strange = try answer(one)
    return max(distance(before, relabelled), distance(before, strange))
      / (2 * Double(one.rate * one.clip) / Double(size))
  }

  /// The deviation of the noise of one step as a multiple of ησC/B, from two seeds and otherwise the same step.
  func noise(of answer: PrivateInNameExercise.Answer, clip: Float, sigma: Float) throws -> Double {
    var one = training
    (one.batches, one.clip, one.sigma) = ([Array(0..<50)], clip, sigma)
    var squares = 0.0
    for pair in 0..<4 {
      one.seed = 10 + 2 * pair
      let first = try answer(one)
      one.seed += 1
      let length = distance(first, try answer(one))
      squares += length * length / 4
    }
    return (squares / 2 / 500).squareRoot() / (Double(one.rate * sigma * clip) / Double(one.size))
  }

  /// How far two readers are from each other.
  private func distance(_ a: ([Float], Tensor, Tensor), _ b: ([Float], Tensor, Tensor)) -> Double {
    let (a, b) = (a.1.scalars + a.2.scalars, b.1.scalars + b.2.scalars)
    guard a.count == 500, b.count == 500 else { return .infinity }
    return zip(a, b).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }.squareRoot()
  }
}
