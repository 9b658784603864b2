import ExerciseChannel
import ExerciseKit
import Practice

public final class YourOwnRNNExercise: Exercise {
  public struct Answer: Sendable {
    var scores: @Sendable (_ texts: [[Int]], _ weights: [Tensor]) throws -> Tensor
    var loss: @Sendable (_ texts: [[Int]], _ k: [Int], _ weights: [Tensor]) throws -> (Float, [Tensor])
    var train:
      @Sendable (
        _ texts: [[Int]], _ k: [Int], _ epochs: [[[Int]]], _ weights: [Tensor], _ learningRate: Float
      ) throws -> ([[Tensor]], [Float])
  }

  public init() {}

  public let title = "The article's classifier, of your own parts"
  public let section = "8.10"
  public let difficulty = 5
  public let minutes = 150
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["rnnScores", "rnnLoss", "trainRNN"]
  public let isOptimized = true
  /// A minute on two cores.
  public let secondsAllowed = 120
  public let mebibytesAllowed = 3072

  public let solution = Answer(
    scores: { try rnnScores($0, weights: $1) }, loss: { try rnnLoss($0, targets: $1, weights: $2) },
    train: { try trainRNN($0, targets: $1, epochs: $2, weights: $3, learningRate: $4) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      scores: { try learner.call("rnnScores", $0, $1) }, loss: { try learner.call("rnnLoss", $0, $1, $2) },
      train: { try learner.call("trainRNN", $0, $1, $2, $3, $4) })
  }

  public let hints = [
    "Write the way forward first, one function that reads a batch and keeps what each step saw: which texts had a word, "
      + "their rows of x and h, the cell before and after, and the four gates. The scores need its end, the gradients "
      + "all of it, from the last step to the first.",
    "At a step with n texts: A = X Uᵀ + H Rᵀ + b is [n, 4H]. Back: dc ← dc + dh o (1 − tanh²c); da_i = dc g i (1 − i), "
      + "da_f = dc c₋₁ f (1 − f), da_g = dc i (1 − g²), da_o = dh tanh(c) o (1 − o); dU += dAᵀ X, dR += dAᵀ H, db += the "
      + "sum of the rows; dX = dA U goes into the rows of E, dh ← dA R, dc ← dc f. dh and dc belong to a text, and wait "
      + "until the step at which it ended.",
    """
    for t in 0..<longest {
      let active = texts.indices.filter { texts[$0].count > t }
      let x = Tensor(…, shape: [active.count, D])            // rows of E
      let previous = Tensor(…, shape: [active.count, H])     // rows of h
      var gates = (matmul(x, U.transposed()) + matmul(previous, R.transposed()) + b).scalars
      for (row, n) in active.enumerated() {
        for j in 0..<H {
          let place = row * 4 * H + j                        // i; f, g and o are H, 2H and 3H further on
          …
        }
      }
      steps.append(…)
    }

    var dh = matmul(dscores, W).scalars                      // [N, H]
    for step in steps.reversed() { … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "scores for each text", points: 1) { answer, trial in
      for (n, v, d, h, c) in [(3, 6, 2, 4, 3), (1, 3, 3, 1, 2)] {
        let small = SmallReader(seed: 8101, count: n, words: v, width: d, size: h, classes: c)
        trial.expect(
          try answer.scores(small.texts, small.weights), hasShape: [n, c],
          "rnnScores(\(small.texts), weights: \(small.weights.map(\.shape)))")
      }
    },
    Check(.byHand, "one word, one unit: the example above, and with other gates", points: 1) {
      answer, trial in
      try expectOneUnit([1], U: [0, 0, 1, 0], R: [0, 0, 0, 0], b: [0, 0, 0, 0], of: answer, trial)
      try expectOneUnit([1], U: [1, -2, 0.5, 3], R: [0, 0, 0, 0], b: [0.5, 0, -1, 0.25], of: answer, trial)
    },
    Check(.byHand, "three words, one unit", points: 1) { answer, trial in
      try expectOneUnit(
        [1, 0, 2], U: [1, -2, 0.5, 3], R: [0.5, 1, -1, 0.25], b: [0.5, 0, -1, 0.25], of: answer, trial)
    },
    Check(.property, "the scores of small networks, and of texts of many lengths", points: 2) {
      answer, trial in
      for seed in 8110..<8118 {
        let small = SmallReader(seed: UInt64(seed))
        trial.expect(
          try answer.scores(small.texts, small.weights), equals: OwnRNN().scores(small.texts, small.weights),
          "rnnScores(\(small.texts), weights: \(small.weights.map(\.shape)))", tolerance: 1e-4)
      }
    },
    Check(.gradients, "the loss of small networks, and its six gradients", points: 3) { answer, trial in
      for seed in 8120..<8124 { try expectLoss(SmallReader(seed: UInt64(seed)), of: answer, trial) }
      // Scores far beyond what exp can take.
      var large = SmallReader(seed: 8124)
      large.weights[5] = large.weights[5] * 1000
      try expectLoss(large, of: answer, trial)
      for order in [[300, -300, 0], [-300, 0, 300], [0, 300, -300]] as [[Float]] {
        var apart = SmallReader(seed: 8125, count: 1, classes: 3)
        apart.weights[5] = Tensor(order)
        try expectLoss(apart, of: answer, trial)
      }
    },
    Check(.gradients, "two epochs of three steps: Adam, its counting, and the falling rate", points: 1) {
      answer, trial in
      let epochs = [[[4, 0], [2, 1], [3]], [[1, 3], [0, 2], [4]]]
      let small = SmallReader(seed: 8130, count: 5)
      let (weights, losses) = try answer.train(small.texts, small.targets, epochs, small.weights, 0.01)
      let expected = OwnRNN().train(small.texts, small.targets, epochs, small.weights, 0.01)
      let call = "trainRNN(texts, targets: k, epochs: \(epochs), weights: …, learningRate: 0.01)"
      trial.expect(losses.count == 6, "six batches have six losses", about: losses)
      trial.expect(losses, equals: expected.1, "\(call).losses", tolerance: 1e-3)
      let shapes = weights.map { $0.map(\.shape) }
      trial.expect(
        shapes == expected.0.map { $0.map(\.shape) }, "after each of two epochs there are six weights",
        about: shapes)
      for (epoch, (yours, ours)) in zip(weights, expected.0).enumerated() {
        for (i, name) in SmallReader.names.enumerated() where i < min(yours.count, ours.count) {
          trial.expect(
            yours[i], equals: ours[i], "\(call), \(name) after epoch \(epoch + 1)", tolerance: 1e-3)
        }
      }
    },
    Check(.training, "it tells praise from complaint by the order of the words", points: 3) { answer, trial in
      try OwnRNNTraining(answer).check(trial)
    },
  ]
}

/// A network small enough to follow, and texts for it.
private struct SmallReader {
  static let names = ["E", "U", "R", "b", "W", "c"]

  var texts: [[Int]]
  var targets: [Int]
  var weights: [Tensor]

  init(
    seed: UInt64, count: Int? = nil, words: Int = 5, width: Int? = nil, size: Int? = nil, classes: Int = 3
  ) {
    var inputs = Inputs(seed: seed)
    let (count, width) = (count ?? inputs.integer(2...4), width ?? inputs.integer(1...4))
    let size = size ?? inputs.integer(2...4)
    // Few words, so that some come twice in a text.
    let texts = (0..<count).map { n in
      (0..<(n == 0 ? 6 : inputs.integer(1...5))).map { _ in inputs.integer(0...words - 1) }
    }
    self.texts = texts
    targets = (0..<count).map { _ in inputs.integer(0...classes - 1) }
    weights = [
      inputs.normal([words, width]), inputs.normal([4 * size, width]), inputs.normal([4 * size, size]) * 0.7,
      inputs.normal([4 * size]), inputs.normal([classes, size]), inputs.normal([classes]),
    ]
  }
}

/// A network of one unit whose words are the numbers −1, 1 and 2, and whose only score is its output.
private func expectOneUnit(
  _ text: [Int], U: [Float], R: [Float], b: [Float], of answer: YourOwnRNNExercise.Answer, _ trial: Trial
) throws {
  let weights = [
    Tensor([-1, 1, 2], shape: [3, 1]), Tensor(U, shape: [4, 1]), Tensor(R, shape: [4, 1]), Tensor(b),
    Tensor([1], shape: [1, 1]), Tensor([0]),
  ]
  let given: KeyValuePairs<String, any Passable> = [
    "E": weights[0], "U": weights[1], "R": weights[2], "b": weights[3],
  ]
  trial.expect(
    try answer.scores([text], weights), equals: OwnRNN().scores([text], weights),
    "rnnScores([\(text)], weights: …), with W = 1 and c = 0", given: given,
    by: { _ in
      text.indices.map { t in
        let h = OwnRNN().scores([Array(text[...t])], weights).scalars[0]
        return "after word \(t + 1), x = \(weights[0].scalars[text[t]]): h = \(h)"
      }.joined(separator: ";  ")
    })
}

private func expectLoss(_ small: SmallReader, of answer: YourOwnRNNExercise.Answer, _ trial: Trial) throws {
  let (loss, gradients) = try answer.loss(small.texts, small.targets, small.weights)
  let expected = OwnRNN().loss(small.texts, small.targets, small.weights)
  let call = "rnnLoss(\(small.texts), targets: \(small.targets), weights: …)"
  trial.expect(loss, equals: expected.0, "\(call).loss", tolerance: 1e-4)
  let shapes = gradients.map(\.shape)
  trial.expect(
    shapes == small.weights.map(\.shape), "the gradients have the shapes of the weights", about: shapes)
  for (i, name) in SmallReader.names.enumerated() where i < gradients.count {
    trial.expect(gradients[i], equals: expected.1[i], "\(call), the gradient of \(name)", tolerance: 1e-4)
  }
}
