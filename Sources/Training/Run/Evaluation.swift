import Autograd
import Datasets
import Layers
import Tensors

/// What a classifier makes of images whose labels are known.
public struct Evaluation: Sendable {
  /// What the examples are.
  public let labels: [Int]
  /// What the network took them for: the class with the highest score.
  public let predictions: [Int]
  /// The probability that the network gave its prediction.
  public let confidences: [Float]
  /// The mean cross-entropy.
  public let loss: Double
  /// One more than the largest class.
  public let classCount: Int

  /// The number of examples.
  public var count: Int { labels.count }

  /// The number of images read correctly.
  public var correct: Int { zip(labels, predictions).count { $0 == $1 } }

  /// The share of images read correctly, from 0 to 1.
  public var accuracy: Double { count == 0 ? .nan : Double(correct) / Double(count) }

  /// How often each class (row) was taken for each (column).
  public var confusion: [[Int]] {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
    return counts
  }

  /// The places of the images read wrongly, the surest mistakes first.
  public var mistakes: [Int] {
    labels.indices.filter { labels[$0] != predictions[$0] }
      .sorted { (confidences[$0], $1) > (confidences[$1], $0) }
  }
}

/// Shows `part` to the network, without learning from it.
///
/// - Book: chapter 7.
public func evaluate(_ model: some Layer, on part: ImagePart, batchSize: Int = 256) -> Evaluation {
  let batches = Batches(of: part.count, batchSize: batchSize).lazy.map { places in
    let (images, labels) = part.batch(places)
    return Labelled(images, labels)
  }
  return evaluate(model, on: batches, classCount: part.set.classCount) { model(Variable($0)) }
}

/// Shows batches to any classifier, without learning from them: dropout and its like are switched off meanwhile.
///
/// - Parameters:
///   - model: The network; afterwards it is in training or in evaluation as it was before.
///   - batches: What is shown to it, each batch with the true classes of its examples.
///   - classCount: C, the number of classes.
///   - logits: The network's scores for a batch's inputs, `[N, C]`.
/// - Book: chapter 8.
public func evaluate<Input>(
  _ model: Module, on batches: some Sequence<Labelled<Input>>, classCount: Int, logits: (Input) -> Variable
) -> Evaluation {
  let wasTraining = model.isTraining
  model.evaluate()
  defer { model.train(wasTraining) }
  var predictions: [Int] = []
  var confidences: [Float] = []
  var labels: [Int] = []
  var loss = 0.0
  for batch in batches {
    let scores = withoutGradients { logits(batch.input) }
    let target = batch.labels
    loss += Double(withoutGradients { crossEntropy(scores, target) }.scalar) * Double(target.scalars.count)
    let probabilities = scores.value.softmax()
    let best = probabilities.argmax().scalars
    predictions += best
    confidences += best.enumerated().map { probabilities[$0.offset, $0.element] }
    labels += target.scalars
  }
  return Evaluation(
    labels: labels, predictions: predictions, confidences: confidences,
    loss: loss / Double(max(labels.count, 1)), classCount: classCount)
}
