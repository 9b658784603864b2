import Autograd

/// How far an epoch has come, and how it goes. It is part of the run's checkpoint: the epoch goes on there.
public struct EpochProgress: Sendable, Equatable, Codable {
  /// The batches done.
  public internal(set) var batch = 0
  /// The batches of a whole epoch.
  public let batches: Int
  /// The examples seen.
  public internal(set) var examples = 0
  /// The sum of the losses of these examples, each with the weights that its batch met.
  public internal(set) var lossSum = 0.0
  /// The sum of the task's metric over these examples: for a classifier, how many were read correctly.
  public internal(set) var metricSum: Double?
  /// The loss of the last batch.
  public internal(set) var batchLoss = 0.0

  init(batches: Int) { self.batches = batches }

  /// The mean loss of the epoch so far.
  public var loss: Double { examples == 0 ? 0 : lossSum / Double(examples) }

  /// The mean of the metric so far.
  public var metric: Double? { metricSum.map { $0 / Double(examples) } }

  /// The metric of a classifier: the share of right answers so far, from 0 to 1.
  public var accuracy: Double { metric ?? 0 }

  mutating func add(_ step: StepFigures) {
    batch += 1
    examples += step.examples
    lossSum += step.lossSum
    if let sum = step.metricSum { metricSum = (metricSum ?? 0) + sum }
  }
}

/// What one epoch came to.
public struct EpochRecord: Sendable, Codable, Equatable {
  /// The epoch's number, from 1.
  public let epoch: Int
  /// Mean over the epoch, each batch with the weights it met.
  public let training: Score
  /// With the weights at the end of the epoch; nil where there is nothing to validate with.
  public let validation: Score?
  /// How long it took, validation included, in seconds.
  public let seconds: Double
}

/// The loss became infinite or not a number: training cannot go on.
public struct LossIsNotFinite: Error, CustomStringConvertible {
  /// What the loss became: infinite, or not a number.
  public let loss: Double
  /// The epoch's number, from 1.
  public let epoch: Int
  /// The batch within the epoch, from 1.
  public let batch: Int
  /// Where the first number of that kind came up: in which op, in which parameter. Nil where that is not known.
  public let origin: NonFiniteOrigin?

  /// - Parameters:
  ///   - loss: What the loss became.
  ///   - epoch: The epoch's number, from 1.
  ///   - batch: The batch within the epoch, from 1.
  ///   - origin: Where the first number of that kind came up.
  public init(loss: Double, epoch: Int, batch: Int, origin: NonFiniteOrigin? = nil) {
    self.origin = origin
    self.loss = loss
    self.epoch = epoch
    self.batch = batch
  }

  public var description: String {
    """
    the loss became \(loss) at step \(batch) of epoch \(epoch): the weights have run away.\(origin.map { "\n       First: \($0)." } ?? "")
           A smaller learning rate usually helps.
    """
  }
}

/// A run that cannot begin, in words for the user: there is nothing to learn from, say.
public struct CannotTrain: Error, CustomStringConvertible {
  /// What is missing, and what to do.
  public let description: String
  /// - Parameter description: What is missing and what to do, as the program will print it.
  public init(_ description: String) { self.description = description }
}
