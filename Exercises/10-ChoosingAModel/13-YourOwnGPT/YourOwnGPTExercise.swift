import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class YourOwnGPTExercise: Exercise {
  public struct Answer: Sendable {
    var scores: @Sendable (_ ids: [[Int]], _ weights: [Tensor], _ heads: Int) throws -> Tensor
    var loss: @Sendable (_ windows: [[Int]], _ weights: [Tensor], _ heads: Int) throws -> (Float, [Tensor])
    var train:
      @Sendable (
        _ text: [Int], _ starts: [[Int]], _ length: Int, _ weights: [Tensor], _ heads: Int, _ rates: [Float],
        _ decay: Float
      ) throws -> ([Tensor], [Float])
  }

  public init() {}

  public let title = "A small GPT, of your own parts"
  public let section = "10.9"
  public let difficulty = 5
  public let minutes = 180
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed([
      "matmul", "Tensor.transposed", "Tensor.permuted", "Tensor.sum", "Tensor.exp", "Tensor.maximum",
      "Tensor.squareRoot", "Tensor.relu", "Tensor.sliced", "concatenate", "stack",
    ])
  public let functions = ["gptScores", "gptLoss", "trainGPT"]
  public let isOptimized = true
  /// A minute on two cores.
  public let secondsAllowed = 120
  public let mebibytesAllowed = 3072

  public let solution = Answer(
    scores: { try gptScores($0, weights: $1, heads: $2) },
    loss: { try gptLoss($0, weights: $1, heads: $2) },
    train: {
      try trainGPT($0, starts: $1, length: $2, weights: $3, heads: $4, rates: $5, decay: $6)
    })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      scores: { try learner.call("gptScores", $0, $1, $2) },
      loss: { try learner.call("gptLoss", $0, $1, $2) },
      train: { try learner.call("trainGPT", $0, $1, $2, $3, $4, $5, $6) })
  }

  public let hints = [
    "Write each part as a structure that keeps what its way back needs: a norm, a block, the whole reading. First make the "
      + "scores right, without thinking of gradients; then write `back` for one part after the other, from the end.",
    "With R = N·T rows: A = norm(x) W_aᵀ is [R, 3D]; as [N, T, 3, H, D/H] with its axes in the order 2, 0, 3, 1, 4 it is Q, K and V, "
      + "[N, H, T, D/H] each. Back: dH = (dz W₂) where H > 0, dy = dz + normback(dH W₁), dM = dy W_o, then exercise 10.3 for "
      + "each head, dx = dy + normback(dA W_a). dE = dscoresᵀ norm(x) plus dx in the rows of the symbols.",
    """
    let parts = matmul(norm1.y, W_a.transposed()).reshaped([N, T, 3, H, D / H]).permuted([2, 0, 3, 1, 4])
    let (q, k, v) = (parts.row(0), parts.row(1), parts.row(2))
    let p = … causal softmax of matmul(q, k.transposed()) / √(D/H), row by row over scalars …
    let mixed = matmul(p, v).permuted([0, 2, 1, 3]).reshaped([N * T, D])
    …
    let ds = p * (dp - (p * dp).sum(axis: 3).reshaped([N, H, T, 1])) / Float(D / H).squareRoot()
    let da = Tensor([matmul(ds, k), …, …].flatMap { $0.scalars }, shape: [3, N, H, T, D / H])
      .permuted([1, 3, 0, 2, 4]).reshaped([N * T, 3 * D])
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "scores for each place", points: 1) { answer, trial in
      for (n, t, v, heads, size, blocks) in [(3, 4, 5, 2, 1, 1), (1, 2, 3, 1, 3, 2), (2, 1, 4, 2, 2, 0)] {
        let small = SmallGPT(n, t, v, heads, size, blocks: blocks, seed: 1131)
        trial.expect(
          try answer.scores(small.ids, small.weights, heads), hasShape: [n, t, v], small.call)
      }
    },
    Check(.byHand, "no block: symbols, positions, the last norm", points: 1) { answer, trial in
      try expectScores(
        SmallGPT(
          windows: [[0, 2, 1, 0]],
          weights: [
            Tensor([[1, -2, 0.5], [0, 3, 1], [-1, 0.5, 2]]),
            Tensor([[0.5, 0, 1], [-1, 2, 0], [0, 1, -2]]),
            Tensor([2, -1, 0.5]),
          ], heads: 1), of: answer, trial)
      let example = SmallGPT(
        windows: [[0, 1]],
        weights: [Tensor([[1, -1], [0, 2]]), Tensor([[0, 0]]), Tensor([1, 1])], heads: 1)
      try expectScores(example, of: answer, trial)
      trial.expect(
        try answer.loss(example.windows, example.weights, 1).0,
        equals: OwnGPT().loss(example.windows, example.weights, 1).0, "gptLoss([[0, 1]], …).loss",
        tolerance: 1e-4)
    },
    Check(.property, "one block, one window", points: 1) { answer, trial in
      for seed in [1132, 1133] as [UInt64] {
        try expectScores(SmallGPT(1, 3, 4, 1, 3, blocks: 1, seed: seed), of: answer, trial)
      }
    },
    Check(.property, "many windows, heads and blocks", points: 1) { answer, trial in
      for seed in 1134..<1140 as Range<UInt64> {
        try expectScores(SmallGPT(seed: seed), of: answer, trial)
      }
    },
    Check(.gradients, "the loss of small networks, and the gradient of every weight", points: 4) {
      answer, trial in
      for seed in 1140..<1144 as Range<UInt64> {
        try expectLoss(SmallGPT(seed: seed), of: answer, trial)
      }
      // Scores far beyond what exp can take.
      var large = SmallGPT(2, 3, 4, 1, 2, blocks: 1, seed: 1144)
      large.weights[large.weights.count - 1] = large.weights[large.weights.count - 1] * 0 + 200
      try expectLoss(large, of: answer, trial, gradients: false)
    },
    Check(.gradients, "four steps of AdamW: its counting, its decay, its rates", points: 1) { answer, trial in
      for seed in [1150, 1151] as [UInt64] {
        let small = SmallGPT(2, 4, 5, 2, 2, blocks: 1, seed: seed)
        var inputs = Inputs(seed: seed)
        let text = (0..<24).map { _ in inputs.integer(0...4) }
        let starts = (0..<4).map { _ in (0..<3).map { _ in inputs.integer(0...19) } }
        let rates: [Float] = [0.01, 0.02, 0.015, 0.005]
        let (weights, losses) = try answer.train(text, starts, 4, small.weights, 2, rates, 0.5)
        let expected = OwnGPT().train(text, starts, 4, small.weights, 2, rates, 0.5)
        let call = "trainGPT(text, starts: \(starts), length: 4, …, rates: \(rates), decay: 0.5)"
        trial.expect(losses.count == 4, "four batches have four losses", about: losses)
        trial.expect(losses, equals: expected.1, "\(call).losses", tolerance: 1e-3)
        let shapes = weights.map(\.shape)
        trial.expect(
          shapes == small.weights.map(\.shape), "the weights keep their shapes", about: shapes)
        for (i, name) in small.names.enumerated() where i < weights.count {
          trial.expect(weights[i], equals: expected.0[i], "\(call), \(name) at the end", tolerance: 2e-3)
        }
      }
    },
    Check(.training, "it learns the book's prose, and writes", points: 4) { answer, trial in
      try OwnGPTTraining(answer).check(trial)
    },
  ]
}

/// A network small enough to follow, and windows for it.
private struct SmallGPT {
  var windows: [[Int]]
  var weights: [Tensor]
  let heads: Int

  init(windows: [[Int]], weights: [Tensor], heads: Int) {
    (self.windows, self.weights, self.heads) = (windows, weights, heads)
  }

  init(_ count: Int, _ steps: Int, _ symbols: Int, _ heads: Int, _ size: Int, blocks: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    let width = heads * size
    let hidden = width + 2
    let windows = (0..<count).map { _ in (0...steps).map { _ in inputs.integer(0...symbols - 1) } }
    var weights = [inputs.normal([symbols, width]), inputs.normal([steps + 1, width])]
    for _ in 0..<blocks {
      weights += [
        inputs.normal([width]), inputs.normal([3 * width, width]), inputs.normal([width, width]) * 0.7,
        inputs.normal([width]), inputs.normal([hidden, width]), inputs.normal([width, hidden]) * 0.7,
      ]
    }
    self.init(windows: windows, weights: weights + [inputs.normal([width])], heads: heads)
  }

  /// Sizes by chance; few symbols, so that some come twice in a window.
  init(seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      inputs.integer(2...3), inputs.integer(3...5), inputs.integer(3...5), inputs.integer(2...3),
      inputs.integer(2...3), blocks: inputs.integer(1...2), seed: seed + 1000)
  }

  var ids: [[Int]] { windows.map { Array($0.dropLast()) } }
  var call: String { "gptScores(\(ids), weights: \(weights.map(\.shape)), heads: \(heads))" }

  var names: [String] {
    let blocks = (weights.count - 3) / 6
    return ["E", "P"]
      + (0..<blocks).flatMap { block in
        ["g₁", "W_a", "W_o", "g₂", "W₁", "W₂"].map { blocks > 1 ? "\($0) of block \(block)" : $0 }
      } + ["g"]
  }
}

private func expectScores(_ small: SmallGPT, of answer: YourOwnGPTExercise.Answer, _ trial: Trial) throws {
  let expected = OwnGPT().scores(small.ids, small.weights, small.heads)
  let given: KeyValuePairs<String, any Passable> = [
    "E": small.weights[0], "P": small.weights[1], "g": small.weights[small.weights.count - 1],
  ]
  trial.expect(
    try answer.scores(small.ids, small.weights, small.heads), equals: expected, small.call,
    given: small.weights.count == 3 ? given : [:], tolerance: 1e-4,
    by: { place in
      let (n, t, v) = (place[0], place[1], place[2])
      return """
        window \(n), step \(t) reads symbol \(small.ids[n][t]): the score of symbol \(v) is \(written(expected[n, t, v]))
        """
    })
}

private func expectLoss(
  _ small: SmallGPT, of answer: YourOwnGPTExercise.Answer, _ trial: Trial, gradients compares: Bool = true
) throws {
  let (loss, gradients) = try answer.loss(small.windows, small.weights, small.heads)
  let expected = OwnGPT().loss(small.windows, small.weights, small.heads)
  let call = "gptLoss(\(small.windows), weights: \(small.weights.map(\.shape)), heads: \(small.heads))"
  trial.expect(loss, equals: expected.0, "\(call).loss", tolerance: 1e-4)
  let shapes = gradients.map(\.shape)
  trial.expect(
    shapes == small.weights.map(\.shape), "the gradients have the shapes of the weights", about: shapes)
  for (i, name) in small.names.enumerated() where compares && i < gradients.count {
    trial.expect(gradients[i], equals: expected.1[i], "\(call), the gradient of \(name)", tolerance: 2e-4)
  }
}
