import Datasets
import ExerciseKit
import Foundation
import Pictures
import Practice

/// The training at the end: sentences whose meaning hangs on the order of their words, and the pictures of what came of it.
struct OwnRNNTraining {
  static let epochCount = 8
  static let trainingCount = 5_000
  static let heldOutCount = 500
  static let batchSize = 32
  static let hiddenSize = 48
  static let accuracy = 0.90

  private let answer: YourOwnRNNExercise.Answer
  private let data: TextData
  private let weights: [Tensor]
  private let epochs: [[[Int]]]

  init(_ answer: YourOwnRNNExercise.Answer, seed: UInt64 = 1) {
    self.answer = answer
    data = .sentences(
      training: Self.trainingCount, validation: 2, test: Self.heldOutCount, seed: seed)
    var inputs = Inputs(seed: seed)
    let size = Self.hiddenSize
    let bound = 1 / Float(size).squareRoot()
    // As PyTorch begins: evenly from ±1/√H; the embedding from the normal distribution. The forget gates begin wider
    // open, by 1.
    func even(_ shape: [Int]) -> Tensor {
      Tensor(
        (0..<shape.reduce(1, *)).map { _ in bound * (Float(inputs.integer(-1000...1000)) / 1000) },
        shape: shape)
    }
    let open = Tensor((0..<4 * size).map { (size..<2 * size).contains($0) ? 1 : 0 })
    weights = [
      inputs.normal([data.tokenizer.vocabularySize, size]), even([4 * size, size]), even([4 * size, size]),
      even([4 * size]) + open, even([2, size]), even([2]),
    ]
    epochs = (0..<Self.epochCount).map { _ in
      let order = inputs.order(of: Self.trainingCount)
      return stride(from: 0, to: order.count, by: Self.batchSize).map {
        Array(order[$0..<min($0 + Self.batchSize, order.count)])
      }
    }
  }

  func check(_ trial: Trial) throws {
    let (after, losses) = try answer.train(data.training.ids, data.training.labels, epochs, weights, 1e-2)
    let perEpoch = epochs[0].count
    let isComplete =
      losses.count == perEpoch * Self.epochCount && after.count == Self.epochCount
      && after.allSatisfy { $0.map(\.shape) == weights.map(\.shape) }
    trial.expect(
      isComplete,
      "there is a loss for each of the \(perEpoch * Self.epochCount) batches, and the weights after each epoch",
      about: losses.count)
    guard isComplete else { return }
    let means = (0..<Self.epochCount).map { epoch in
      losses[epoch * perEpoch..<(epoch + 1) * perEpoch].reduce(0, +) / Float(perEpoch)
    }
    let isFinite = after.allSatisfy { $0.allSatisfy { $0.scalars.allSatisfy(\.isFinite) } }
    trial.expect(
      isFinite && losses.allSatisfy(\.isFinite), "all losses and weights are numbers", about: means)
    guard isFinite else { return }

    var shares: [Double] = []
    var guesses: [Int] = []
    for weights in after {
      let scores = try answer.scores(data.test.ids, weights)
      guard scores.shape == [Self.heldOutCount, 2], scores.scalars.allSatisfy(\.isFinite) else {
        return trial.expect(
          false, "rnnScores gives two finite scores for each text, also after training", about: means)
      }
      guesses = scores.argmax().scalars
      shares.append(
        Double(zip(guesses, data.test.labels).count { $0 == $1 }) / Double(Self.heldOutCount))
    }
    draw(means, shares, guesses, trial)
    trial.expect(
      shares[shares.count - 1] >= Self.accuracy,
      """
      of \(Self.heldOutCount) texts that it never saw, it tells at least \(Int(Self.accuracy * 100)) % correctly after \
      \(Self.epochCount) epochs
      """, about: shares[shares.count - 1])
  }

  private func draw(_ means: [Float], _ shares: [Double], _ guesses: [Int], _ trial: Trial) {
    let epochs = means.indices.map { Double($0 + 1) }
    trial.show(
      LineChart(
        title: "Your network learns", subtitle: "cross-entropy, epoch by epoch", x: Axis("epoch"),
        y: Axis("loss"), series: [Series("training, while it learned", x: epochs, y: means.map(Double.init))]
      ).canvas(), as: "loss-curve", meaning: "the loss, epoch by epoch")
    trial.show(
      LineChart(
        title: "Texts told correctly", subtitle: "\(Self.heldOutCount) texts that it never saw",
        x: Axis("epoch"), y: Axis("share", unit: "%"),
        series: [Series("held out", x: epochs, y: shares.map { $0 * 100 })]
      ).canvas(), as: "learning-curve", meaning: "the accuracy, epoch by epoch")
    var counts = [[0, 0], [0, 0]]
    for (label, guess) in zip(data.test.labels, guesses) { counts[label][guess] += 1 }
    trial.show(
      confusionMatrix(counts, labels: data.classes, title: "What was taken for what"),
      as: "confusion-matrix", meaning: "rows are labels, columns guesses")
  }
}
