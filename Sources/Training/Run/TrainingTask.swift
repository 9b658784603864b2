import Autograd
import Datasets
import Layers
import Tensors

/// What a network is trained for: which examples there are, how a batch of them is made, and what the loss of a batch is.
/// ``TrainingRun`` does the rest, the same for every task.
///
///     struct Adding: TrainingTask {
///       let exampleCount = 100 * 32                                        // unlimited data: an epoch is 100 steps
///       func batch(_ places: ArraySlice<Int>, epoch: Int) -> (x: Tensor, y: Tensor) { … }   // from (seed, epoch, place)
///       func step(_ model: Adder, on batch: (x: Tensor, y: Tensor)) -> TrainingStep {
///         TrainingStep(loss: squaredError(model(Variable(batch.x)), batch.y), examples: batch.x.shape[0])
///       }
///       let validationCount = 1_000
///       func validate(_ model: Adder) -> Score? { Score(loss: …) }
///       let identity = [(name: "the data", value: "adding problem, 100 steps long, seed 1")]
///     }
///
/// Three requirements are enough for most tasks: `batch`, `step` and `exampleCount`; classifiers have
/// ``ClassificationTask``, which needs even less, and images ``ImageClassification``.
///
/// - PyTorch: a `Dataset`, a `DataLoader` and the inside of the training loop.
/// - Book: chapter 7.
public protocol TrainingTask {
  /// The network that is trained.
  associatedtype Model: Module
  /// What one step is made from: tensors, and whatever belongs to them.
  associatedtype Batch: Sendable

  /// How many examples one epoch shows, in the unit in which `TrainingStep.examples` counts: images, sequences,
  /// characters. Where examples are generated without end, as many as an epoch is to have.
  var exampleCount: Int { get }

  /// The examples of each batch of an epoch, in the order of the steps. It must be a function of its arguments alone:
  /// that is what lets a run that was broken off go on. Every epoch has as many batches.
  ///
  /// Where it is not given, the places `0..<exampleCount` in random order: see ``/Datasets/Batches``. Sequences of
  /// different lengths want ``/Datasets/LengthBuckets``; a long text that is read from its beginning to its end, its own
  /// order.
  func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>]

  /// Makes a batch. Random changes must depend on the epoch and the places alone.
  ///
  /// - Parameters:
  ///   - places: One of the slices that `batches` gave.
  ///   - epoch: The epoch's number, from 1.
  func batch(_ places: ArraySlice<Int>, epoch: Int) throws -> Batch

  /// The loss of a batch, which the step makes smaller.
  func step(_ model: Model, on batch: Batch) -> TrainingStep

  /// The same for a task that carries something from batch to batch: the state of a recurrent network that reads a
  /// long text in pieces. Where it is not given, nothing is carried.
  ///
  /// - Parameters:
  ///   - model: The network, in training.
  ///   - batch: What `batch` has made.
  ///   - carried: What the batch before has left, by name; empty at the beginning of each epoch. It is part of the run's
  ///     checkpoint. Being tensors and not variables, it ends the history: gradients stay within the batch.
  func step(_ model: Model, on batch: Batch, carrying carried: inout [String: Tensor]) -> TrainingStep

  /// What the metric is, as it stands above a column: `accuracy`, `nats per character`; nil when the loss says it all.
  var metricName: String? { get }

  /// How many examples `validate` looks at; 0 when there are none, and then nobody asks.
  var validationCount: Int { get }

  /// How well the network does on examples that it does not learn from. It is called without gradients, and with
  /// dropout and its like switched off.
  func validate(_ model: Model) throws -> Score?

  /// What a run that goes on must have in common with the one that it was, by name: the data, with a hash of them (see
  /// ``DataFingerprint``), and the settings that the task has of its own.
  var identity: [(name: String, value: String)] { get }
}

extension TrainingTask {
  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    Array(Batches(of: exampleCount, batchSize: batchSize, shuffledBy: seed, epoch: epoch))
  }

  public func step(_ model: Model, on batch: Batch, carrying carried: inout [String: Tensor]) -> TrainingStep
  {
    step(model, on: batch)
  }

  public var metricName: String? { nil }
  public var validationCount: Int { 0 }
  public func validate(_ model: Model) throws -> Score? { nil }
}

/// What the network made of one batch.
public struct TrainingStep {
  /// The mean over the batch's examples, a single number; its gradient is what the step follows.
  public let loss: Variable
  /// How many examples the mean is over. Epochs' means count every example once.
  public let examples: Int
  /// The sum of the metric over these examples, for an accuracy the number of right answers; nil without a metric.
  public let metricSum: Double?

  /// Traps when the loss is not a single number, or there is no example.
  ///
  /// - Parameters:
  ///   - loss: The mean over the batch's examples, `[]`.
  ///   - examples: How many the mean is over.
  ///   - metricSum: The sum of the metric over these examples; nil without a metric.
  public init(loss: Variable, examples: Int, metricSum: Double? = nil) {
    if loss.value.count != 1 { trap("TrainingStep: the loss must be a single number: \(loss.shape)") }
    if examples < 1 { trap("TrainingStep: a batch has at least 1 example, given \(examples)") }
    (self.loss, self.examples, self.metricSum) = (loss, examples, metricSum)
  }

  /// A step on examples that belong to another process: it counts for nothing, and keeps this one in step.
  package init(ofNoExamples step: TrainingStep) {
    (loss, examples, metricSum) = (step.loss, 0, step.metricSum.map { _ in 0 })
  }

  /// A classifier's step: cross-entropy, and the number of right answers.
  ///
  /// - Parameters:
  ///   - logits: `[N, C]`
  ///   - labels: `[N]`
  public init(logits: Variable, labels: IntTensor) {
    let loss = crossEntropy(logits, labels)
    let right = zip(logits.value.argmax().scalars, labels.scalars).count { $0 == $1 }
    self.init(loss: loss, examples: labels.scalars.count, metricSum: Double(right))
  }
}

/// How well a network does: the mean loss, and the mean of the task's metric where it has one.
public struct Score: Sendable, Codable, Equatable {
  /// The mean loss.
  public let loss: Double
  /// The mean of the task's metric; nil without one.
  public let metric: Double?

  /// - Parameters:
  ///   - loss: The mean loss.
  ///   - metric: The mean of the task's metric; nil without one.
  public init(loss: Double, metric: Double? = nil) { (self.loss, self.metric) = (loss, metric) }

  /// The metric of a classifier: the share of right answers, from 0 to 1.
  public var accuracy: Double { metric ?? .nan }
}

/// A hash of a task's data that is the same in every process, to tell two sets of one size apart.
///
/// - Source: the hash is FNV-1a, with whole numbers in place of bytes: Fowler, Noll, Vo, 1991.
public struct DataFingerprint: Sendable, CustomStringConvertible {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The hash of nothing.
  public init() {}

  /// Takes one number in. The order counts.
  public mutating func add(_ number: Int) {
    hash = (hash ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01B3
  }

  /// Takes numbers in, one after the other.
  public mutating func add(_ numbers: some Sequence<Int>) { for number in numbers { add(number) } }

  public var description: String { String(hash, radix: 16) }
}
