import Autograd
import Datasets
import Layers
import Tensors

/// How far an epoch has come, and how it goes. Kept in a checkpoint, it is where the epoch goes on: see `trainEpoch`.
public struct EpochProgress: Sendable, Equatable, Codable {
  /// The batches done.
  public internal(set) var batch = 0
  public let batches: Int
  public internal(set) var images = 0
  /// The sum of the losses of these images, each with the weights that its batch met.
  public internal(set) var lossSum = 0.0
  /// How many of these images were read correctly.
  public internal(set) var correct = 0
  /// The loss of the last batch.
  public internal(set) var batchLoss = 0.0

  init(batches: Int) { self.batches = batches }

  /// The mean loss of the epoch so far.
  public var loss: Double { images == 0 ? 0 : lossSum / Double(images) }

  /// The share of images read correctly so far, from 0 to 1.
  public var accuracy: Double { images == 0 ? 0 : Double(correct) / Double(images) }
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
/// The order of the images and what augmentation makes of them are functions of the seed and the epoch's number alone. So
/// an epoch that was broken off goes on in its middle, and ends with the same weights, bit by bit: with the weights and
/// the optimiser's memory of that moment (see `Checkpoint`), and with the progress that it had made.
///
/// - Parameters:
///   - epoch: The epoch's number, from 1; it decides the order of the images.
///   - seed: The seed of that order.
///   - start: How far this epoch had come when it was broken off; nil to begin it.
///   - augmentation: What is done to the images at random before they are shown.
///   - beforeStep: Called with the batch's number, from 0, before the optimiser's step: the place to set its learning
///     rate.
///   - onBatch: Called after each batch. What it throws breaks the epoch off between two steps.
/// - Throws: `LossIsNotFinite` before a step is made from such a loss; whatever `onBatch` throws.
/// - Book: chapter 7.
@discardableResult
public func trainEpoch(
  _ model: some Layer, with optimizer: some Optimizer, on part: ImagePart, batchSize: Int, epoch: Int,
  seed: UInt64, from start: EpochProgress? = nil, augmentation: Augmentation? = nil,
  beforeStep: (_ batch: Int) -> Void = { _ in }, onBatch: (EpochProgress) throws -> Void = { _ in }
) throws -> EpochProgress {
  model.train()
  let batches = Batches(of: part.count, batchSize: batchSize, shuffledBy: seed, epoch: epoch)
  var progress = start ?? EpochProgress(batches: batches.count)
  if progress.batches != batches.count {
    trap(
      "trainEpoch: the epoch has \(batches.count) batches, and was broken off in one of \(progress.batches)")
  }
  while progress.batch < batches.count {
    let places = batches[progress.batch]
    var (images, labels) = part.batch(places)
    if let augmentation {
      images = augmentation(images, examples: places.map { part.indices[$0] }, epoch: epoch)
    }
    let logits = model(Variable(images))
    let loss = crossEntropy(logits, labels)
    progress.batchLoss = Double(loss.scalar)
    if !progress.batchLoss.isFinite {
      throw LossIsNotFinite(loss: progress.batchLoss, epoch: epoch, batch: progress.batch + 1)
    }
    optimizer.clearGradients()
    loss.backward()
    beforeStep(progress.batch)
    optimizer.step()

    progress.batch += 1
    progress.images += places.count
    progress.lossSum += progress.batchLoss * Double(places.count)
    progress.correct += zip(logits.value.argmax().scalars, labels.scalars).count { $0 == $1 }
    try onBatch(progress)
  }
  return progress
}
