import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class EyesShutExercise: Exercise {
  /// The loss of every step, and the tags of the unseen texts.
  public typealias Answer =
    @Sendable (
      _ texts: [[Int]], _ tags: [[Int]], _ batches: [[Int]], _ rate: Double, _ unseen: [[Int]]
    ) throws -> ([Float], [[Int]])

  public init() {}

  public let title = "Find the fault: read with eyes shut"
  public let section = "8.4"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["trainTagger"]
  public let solution: Answer = { texts, tags, batches, rate, unseen in
    try trainTagger(texts, tags: tags, batches: batches, learningRate: rate, unseen: unseen)
  }

  public func answer(of learner: Learner) -> Answer {
    { texts, tags, batches, rate, unseen in
      try learner.call("trainTagger", texts, tags, batches, rate, unseen)
    }
  }

  public let hints = [
    "The loss is small, and nothing is right: so it is the loss of something else. Take one batch of two short texts and write "
      + "down, place by place, which losses count.",
    "`mask` of padded sequences is true at words and false at padding. L = Σ m L / Σ m counts the places with m = 1. All tags at "
      + "padding are 0, which is learned at once.",
    """
    let mask = Tensor(words.mask.scalars.map { $0 ? … : … })      // 1 where there is a word
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss of the first step is that of the words alone", points: 1) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer).losses
      let expected = try task.result(of: right).losses
      trial.plot("the loss of each step", yours: losses, expected: expected)
      trial.expect(
        losses.count == task.batches.count, "\(task.batches.count) batches have \(task.batches.count) losses",
        about: losses.count)
      trial.expect(
        Array(losses.prefix(1)), equals: Array(expected.prefix(1)), "the loss of the first step",
        tolerance: 1e-4)
    },
    Check(.training, "the tags of texts that it never saw are right", points: 3) { answer, trial in
      let task = Task()
      let share = task.shareRight(try task.result(of: answer).tags)
      trial.expect(
        share >= 0.95, "of the words of 100 texts that it never saw, at least 95 % get the right tag",
        about: [share])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the mask is turned round",
      advice:
        "The mask is 1 at padding and 0 at words, so only the padding counts in the loss. It is 1 where there is a word."
    ) { mask in (mask.map { 1 - $0 }, mask.reduce(0) { $0 + 1 - $1 }) },
    wrong(
      "no mask at all",
      advice:
        "All places count in your loss, padding too. Only words may: keep the mask, and make it 1 at words."
    ) { mask in (mask.map { _ in 1 }, Float(mask.count)) },
    wrong(
      "divided by all places",
      advice:
        "You divide by the number of all places. Padding counts neither in the sum nor in the number: divide by mask.sum()."
    ) { mask in (mask, Float(mask.count)) },
    wrong(
      "divided by the padding",
      advice:
        "You multiply by the right mask and divide by the sum of the old one. Divide by the number of words."
    ) { mask in (mask, mask.reduce(0) { $0 + 1 - $1 }) },
    wrong(
      "a sum instead of the mean", advice: "Your loss is the sum over the words. Divide it by their number."
    ) { mask in (mask, 1) },
  ]
}

private let right: EyesShutExercise.Answer = { texts, tags, batches, rate, unseen in
  try trainTagger(texts, tags: tags, batches: batches, learningRate: rate, unseen: unseen)
}

/// The texts of one run.
private struct Task {
  let texts: [[Int]]
  let batches: [[Int]]
  let count = 300

  init() {
    var inputs = Inputs(seed: 881)
    texts = (0..<400).map { _ in (0..<inputs.integer(2...7)).map { _ in inputs.integer(1...9) } }
    var batches: [[Int]] = []
    for _ in 0..<10 {
      let order = inputs.order(of: 300)
      batches += stride(from: 0, to: 300, by: 20).map { Array(order[$0..<$0 + 20]) }
    }
    self.batches = batches
  }

  static func tags(_ text: [Int]) -> [Int] {
    var tag = 0
    return text.map { word in
      if word == 2 { tag = 1 } else if word == 3 { tag = 0 }
      return tag
    }
  }

  func result(of answer: EyesShutExercise.Answer) throws -> (losses: [Float], tags: [[Int]]) {
    try answer(
      Array(texts[..<count]), texts[..<count].map(Self.tags), batches, 0.02, Array(texts[count...]))
  }

  func shareRight(_ tags: [[Int]]) -> Double {
    let expected = texts[count...].map(Self.tags)
    guard tags.map(\.count) == expected.map(\.count) else { return 0 }
    let pairs = zip(tags.joined(), expected.joined())
    return Double(pairs.count { $0 == $1 }) / Double(expected.joined().count)
  }
}

/// The program with another mask and another divisor.
private func wrong(
  _ name: String, advice: String,
  _ weigh: @escaping @Sendable (_ mask: [Float]) -> (weights: [Float], divisor: Float)
) -> Mistake<EyesShutExercise.Answer> {
  Mistake(name, advice: advice) { texts, tags, batches, rate, unseen in
    let (embedding, rnn, output) = withRandomSource(RandomSource(seed: 88)) {
      (
        Embedding(count: 10, dimension: 8), LSTM(inputSize: 8, hiddenSize: 16, batchFirst: true),
        Linear(inFeatures: 16, outFeatures: 2)
      )
    }
    func scores(_ words: IntTensor) -> Variable { output(rnn(embedding(words)).output) }
    let optimizer = Adam(
      embedding.parameters + rnn.parameters + output.parameters, learningRate: rate)
    var losses: [Float] = []
    for batch in batches {
      let words = PaddedSequences(batch.map { texts[$0] })
      let targets = PaddedSequences(batch.map { tags[$0] }).ids
      let each = crossEntropy(
        scores(words.ids).reshaped([targets.count, 2]), IntTensor(targets.scalars), reduction: .none)
      let (weights, divisor) = weigh(words.mask.scalars.map { $0 ? 1 : 0 })
      let loss = (each * Variable(Tensor(weights))).sum() / Variable(Tensor(divisor))
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.scalar)
    }
    return (
      losses,
      unseen.map { text in
        withoutGradients { scores(IntTensor(text, shape: [1, text.count])) }.value.argmax().scalars
      }
    )
  }
}
