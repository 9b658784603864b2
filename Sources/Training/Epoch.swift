import Autograd
import Datasets
import Layers
import Tensors

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
    let step = TrainingStep(logits: model(Variable(images)), labels: labels)
    progress.batchLoss = Double(step.loss.scalar)
    if !progress.batchLoss.isFinite {
      throw LossIsNotFinite(loss: progress.batchLoss, epoch: epoch, batch: progress.batch + 1)
    }
    optimizer.clearGradients()
    step.loss.backward()
    beforeStep(progress.batch)
    optimizer.step()
    progress.add(step)
    try onBatch(progress)
  }
  return progress
}

extension EpochProgress { public var images: Int { examples } }
