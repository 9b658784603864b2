import Autograd
import Datasets
import Layers
import Tensors

/// How far an epoch has come, and how it goes.
public struct EpochProgress: Sendable {
  public internal(set) var batch = 0
  public let batches: Int
  public internal(set) var images = 0
  /// The mean loss of the epoch so far, each batch with the weights it met.
  public internal(set) var loss = 0.0
  /// The loss of the last batch.
  public internal(set) var batchLoss = 0.0
  /// The share of images read correctly so far, from 0 to 1.
  public internal(set) var accuracy = 0.0
}

/// The loss became infinite or not a number: training cannot go on.
public struct LossIsNotFinite: Error, CustomStringConvertible {
  public let loss: Double
  public let epoch: Int
  /// The batch within the epoch, from 1.
  public let batch: Int

  public init(loss: Double, epoch: Int, batch: Int) {
    self.loss = loss
    self.epoch = epoch
    self.batch = batch
  }

  public var description: String {
    """
    the loss became \(loss) at step \(batch) of epoch \(epoch): the weights have run away.
           A smaller learning rate usually helps.
    """
  }
}

/// Shows every image of `part` once and learns from it, batch by batch:
/// forward, loss, gradients, and a step of the optimiser.
///
/// - Parameters:
///   - epoch: The epoch's number, from 1; it decides the order of the images.
///   - seed: The seed of that order.
///   - beforeStep: Called with the batch's number, from 0, before the optimiser's step: the place to set its learning
///     rate.
///   - onBatch: Called after each batch.
/// - Throws: `LossIsNotFinite` before a step is made from such a loss; whatever `onBatch` throws.
/// - Book: chapter 7.
@discardableResult
public func trainEpoch(
  _ model: some Layer, with optimizer: some Optimizer, on part: ImagePart, batchSize: Int, epoch: Int,
  seed: UInt64, beforeStep: (_ batch: Int) -> Void = { _ in },
  onBatch: (EpochProgress) throws -> Void = { _ in }
) throws -> EpochProgress {
  model.train()
  let batches = Batches(of: part.count, batchSize: batchSize, shuffledBy: seed, epoch: epoch)
  var progress = EpochProgress(batches: batches.count)
  var (lossSum, correct) = (0.0, 0)
  for places in batches {
    let (images, labels) = part.batch(places)
    let logits = model(Variable(images))
    let loss = crossEntropy(logits, labels)
    progress.batch += 1
    progress.batchLoss = Double(loss.scalar)
    if !progress.batchLoss.isFinite {
      throw LossIsNotFinite(loss: progress.batchLoss, epoch: epoch, batch: progress.batch)
    }
    optimizer.clearGradients()
    loss.backward()
    beforeStep(progress.batch - 1)
    optimizer.step()

    lossSum += progress.batchLoss * Double(places.count)
    correct += zip(logits.value.argmax().scalars, labels.scalars).count { $0 == $1 }
    progress.images += places.count
    progress.loss = lossSum / Double(progress.images)
    progress.accuracy = Double(correct) / Double(progress.images)
    try onBatch(progress)
  }
  return progress
}
