import Autograd
import Datasets
import Layers
import Tensors

/// Inputs, and the class of each.
public struct Labelled<Input: Sendable>: Sendable {
  /// What the network reads: images, ids.
  public let input: Input
  /// `[N]`
  public let labels: IntTensor

  /// - Parameters:
  ///   - input: What the network reads.
  ///   - labels: The class of each, `[N]`.
  public init(_ input: Input, _ labels: IntTensor) { (self.input, self.labels) = (input, labels) }
}

/// A task whose answer is one of some classes: cross-entropy is the loss, accuracy the metric.
///
/// - Book: chapters 7 and 8.
public protocol ClassificationTask: TrainingTask where Batch == Labelled<Input> {
  /// What the network reads: images as a tensor, say, or sequences with their lengths.
  associatedtype Input: Sendable
  /// One more than the largest class that may occur.
  var classCount: Int { get }
  /// The network's scores, `[N, C]`.
  func logits(_ model: Model, _ input: Input) -> Variable
  /// A batch of the examples that are not learned from.
  ///
  /// - Parameter places: From `0..<validationCount`, in order.
  func validationBatch(_ places: ArraySlice<Int>) -> Labelled<Input>
}

extension ClassificationTask {
  public var metricName: String? { "accuracy" }

  public func step(_ model: Model, on batch: Labelled<Input>) -> TrainingStep {
    TrainingStep(logits: logits(model, batch.input), labels: batch.labels)
  }

  public func validate(_ model: Model) throws -> Score? {
    let evaluation = evaluation(of: model)
    return Score(loss: evaluation.loss, metric: evaluation.accuracy)
  }

  /// What the network makes of the validation part, example by example.
  public func evaluation(of model: Model) -> Evaluation {
    let batches = Batches(of: validationCount, batchSize: 256).lazy.map { validationBatch($0) }
    return evaluate(model, on: batches, classCount: classCount) { logits(model, $0) }
  }
}

/// Telling what images show, by any network that makes `[N, C]` of `[N, 1, H, W]`.
///
/// - Book: chapter 7.
public struct ImageClassification<Model: Layer>: ClassificationTask, Sendable {
  /// The images to learn from.
  public let training: ImagePart
  /// The images to watch by; may be empty.
  public let validation: ImagePart
  /// What is done to the images at random before they are shown; nil for nothing.
  public let augmentation: Augmentation?
  /// Settings of the program's own that the checkpoint is to know, `--augment` say.
  public let settings: [(name: String, value: String)]

  /// - Parameters:
  ///   - training: The images to learn from.
  ///   - validation: The images to watch by; nil for none.
  ///   - augmentation: What is done to the images at random before they are shown; nil for nothing.
  ///   - settings: Settings of the program's own that the checkpoint is to know, by name: `--augment` say.
  public init(
    training: ImagePart, validation: ImagePart? = nil, augmentation: Augmentation? = nil,
    settings: [(name: String, value: String)] = []
  ) {
    self.training = training
    self.validation = validation ?? ImagePart(training.set, [])
    self.augmentation = augmentation
    self.settings = settings
  }

  /// The task on the first two parts of `data`; the test part is not touched.
  public init(
    _ data: ImageData, augmentation: Augmentation? = nil, settings: [(name: String, value: String)] = []
  ) {
    self.init(
      training: data.training, validation: data.validation, augmentation: augmentation, settings: settings)
  }

  public var exampleCount: Int { training.count }
  public var validationCount: Int { validation.count }
  public var classCount: Int { training.set.classCount }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> {
    let (images, labels) = training.batch(places)
    let shown = augmentation?(images, examples: places.map { training.indices[$0] }, epoch: epoch)
    return Labelled(shown ?? images, labels)
  }

  public func validationBatch(_ places: ArraySlice<Int>) -> Labelled<Tensor> {
    let (images, labels) = validation.batch(places)
    return Labelled(images, labels)
  }

  public func logits(_ model: Model, _ images: Tensor) -> Variable { model(Variable(images)) }

  public var identity: [(name: String, value: String)] {
    var labels = DataFingerprint()
    for part in [training, validation] { labels.add(part.indices.lazy.map { part.set.labels[$0] }) }
    return settings + [
      (
        "the data",
        "\(training.count) images to learn from and \(validation.count) to watch by (labels \(labels))"
      )
    ]
  }
}
