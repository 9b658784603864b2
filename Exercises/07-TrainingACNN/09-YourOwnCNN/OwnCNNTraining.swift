import Datasets
import ExerciseKit
import Foundation
import Pictures
import Practice

/// The training at the end: the article's network on digits, and the pictures of what came of it.
struct OwnCNNTraining {
  static let epochCount = 6
  static let trainingCount = 2_000
  static let heldOutCount = 500
  static let batchSize = 64
  static let accuracy = 0.88

  private let answer: YourOwnCNNExercise.Answer
  private let digits: ImageSet
  private let heldOut: (images: Tensor, labels: [Int])
  /// The article's weights by He's rule, biases 0.
  private let weights: [Tensor]
  private let epochs: [[[Int]]]

  init(_ answer: YourOwnCNNExercise.Answer, seed: UInt64 = 1) {
    self.answer = answer
    digits = .generatedDigits(count: Self.trainingCount + Self.heldOutCount, seed: seed)
    let places = Array(Self.trainingCount..<Self.trainingCount + Self.heldOutCount)
    let labels = digits.labels
    heldOut = (digits.batch(places).images, places.map { labels[$0] })

    var inputs = Inputs(seed: seed)
    weights = [[32, 1, 5, 5], [64, 32, 5, 5], [128, 64 * 7 * 7], [10, 128]].flatMap { shape in
      let fanIn = shape.dropFirst().reduce(1, *)
      return [inputs.normal(shape) * (2 / Float(fanIn)).squareRoot(), Tensor.zeros([shape[0]])]
    }
    epochs = (0..<Self.epochCount).map { _ in
      let order = inputs.order(of: Self.trainingCount)
      return stride(from: 0, to: order.count, by: Self.batchSize).map {
        Array(order[$0..<min($0 + Self.batchSize, order.count)])
      }
    }
  }

  func check(_ trial: Trial) throws {
    let training = digits.batch(Array(0..<Self.trainingCount)).images
    let (after, losses) = try answer.train(
      training, Array(digits.labels[..<Self.trainingCount]), epochs, weights, 1e-3)

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

    var evaluations: [Guesses] = []
    for weights in after {
      guard let scores = try scores(weights) else {
        return trial.expect(
          false, "cnnScores gives ten finite scores for each image, also after training", about: means)
      }
      evaluations.append(Guesses(of: scores, labels: heldOut.labels))
    }
    let last = evaluations[Self.epochCount - 1]
    try draw(after[Self.epochCount - 1], means: means, evaluations: evaluations, trial)
    trial.expect(
      last.accuracy >= Self.accuracy,
      """
      of \(Self.heldOutCount) digits that it never saw, it reads at least \(Int(Self.accuracy * 100)) % after \
      \(Self.epochCount) epochs
      """, about: last.accuracy)
  }

  /// The scores of the held-out digits, a hundred at a time; nil where they are not ten for each.
  private func scores(_ weights: [Tensor]) throws -> Tensor? {
    var scores: [Tensor] = []
    for start in stride(from: 0, to: Self.heldOutCount, by: 100) {
      let part = try answer.scores(heldOut.images.sliced(start..<start + 100, axis: 0), weights)
      guard part.shape == [100, 10], part.scalars.allSatisfy(\.isFinite) else { return nil }
      scores.append(part)
    }
    return concatenate(scores)
  }

  /// What the network took the digits for.
  private struct Guesses {
    let labels, guesses: [Int]
    let probabilities: [Float]
    let loss: Double

    init(of scores: Tensor, labels: [Int]) {
      let y = scores.softmax()
      self.labels = labels
      guesses = y.argmax().scalars
      probabilities = guesses.enumerated().map { y[$0, $1] }
      loss =
        labels.enumerated().reduce(0.0) { $0 - log(Double(max(y[$1.offset, $1.element], 1e-30))) }
        / Double(labels.count)
    }

    var accuracy: Double { Double(zip(labels, guesses).count { $0 == $1 }) / Double(labels.count) }

    var mistakes: [Int] {
      labels.indices.filter { labels[$0] != guesses[$0] }
        .sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    }

    var confusion: [[Int]] {
      var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
      for (label, guess) in zip(labels, guesses) { counts[label][guess] += 1 }
      return counts
    }
  }

  private func draw(_ weights: [Tensor], means: [Float], evaluations: [Guesses], _ trial: Trial) throws {
    let epochs = means.indices.map { Double($0 + 1) }
    trial.show(
      LineChart(
        title: "Your network learns", subtitle: "cross-entropy, epoch by epoch", x: Axis("epoch"),
        y: Axis("loss"),
        series: [
          Series("training, while it learned", x: epochs, y: means.map(Double.init)),
          Series("held out, after the epoch", x: epochs, y: evaluations.map(\.loss)),
        ]
      ).canvas(), as: "loss-curves", meaning: "the loss, epoch by epoch")
    trial.show(
      LineChart(
        title: "Digits read correctly", subtitle: "\(Self.heldOutCount) digits that it never saw",
        x: Axis("epoch"), y: Axis("share", unit: "%"),
        series: [Series("held out", x: epochs, y: evaluations.map { $0.accuracy * 100 })]
      ).canvas(), as: "learning-curve", meaning: "the accuracy, epoch by epoch")

    let last = evaluations[evaluations.count - 1]
    trial.show(
      confusionMatrix(last.confusion, labels: (0..<10).map(String.init), title: "What was taken for what"),
      as: "confusion-matrix", meaning: "rows are labels, columns guesses")
    let worst = Array(last.mistakes.prefix(40))
    if !worst.isEmpty {
      trial.show(
        gallery(
          stack(worst.map { heldOut.images.selected($0, axis: 0) }),
          captions: worst.map {
            "\(last.labels[$0]) → \(last.guesses[$0])  \(Int(100 * last.probabilities[$0])) %"
          }, title: "Digits that your network read wrongly",
          subtitle: "\(last.mistakes.count) of \(Self.heldOutCount); label → guess, the surest first"),
        as: "mistakes", meaning: "the digits it got wrong, the surest first")
    }

    let five = last.labels.indices.first { last.labels[$0] == 5 && last.guesses[$0] == 5 } ?? 0
    let image = heldOut.images.sliced(five..<five + 1, axis: 0)
    var maps = image
    for (layer, order) in ["First", "Second"].enumerated() {
      let input = layer == 0 ? image : try answer.pooled(maps).0
      maps = try answer.convolved(input, weights[2 * layer], weights[2 * layer + 1]).map { max(0, $0) }
      let expected = [[1, 32, 28, 28], [1, 64, 14, 14]][layer]
      guard maps.shape == expected, maps.scalars.allSatisfy(\.isFinite) else { return }
      trial.show(
        featureMapSheet(
          input: image, maps: maps, title: "\(order) convolution, after ReLU",
          subtitle: "a \(last.labels[five]) that it never saw"), as: "feature-maps-conv\(layer + 1)",
        meaning: "what each filter of the \(order.lowercased()) convolution sees in a digit")
      trial.show(
        kernelSheet(weights[2 * layer], title: "The filters of the \(order.lowercased()) convolution"),
        as: "kernels-conv\(layer + 1)", meaning: "the filters that it learned")
    }
  }
}
