import Engine

/// The settings of a training run.
public struct Recipe: Sendable, Equatable {
  public var epochs = 3
  public var batchSize = 64
  /// Adam's learning rate at the first step. From there it falls in a straight line, to 0 after the last: large steps
  /// to get there, small ones to settle.
  public var learningRate = 1e-3
  public var seed: UInt64 = 1

  public init() {}
}

/// What one epoch came to.
public struct EpochRecord: Sendable {
  public let epoch: Int
  /// Mean over the epoch, each batch with the weights it met.
  public let trainingLoss: Double
  public let trainingAccuracy: Double
  /// With the weights at the end of the epoch.
  public let validationLoss: Double
  public let validationAccuracy: Double
  public let seconds: Double
}

/// The training of the article's CNN: shuffled batches, cross-entropy, Adam, and a look at the validation part after
/// every epoch. The test part is not touched here.
///
/// - Book: chapter 7.
public final class TrainingRun {
  public let recipe: Recipe
  public let data: ImageData
  public let model: CNN
  public private(set) var history: [EpochRecord] = []
  private let optimizer: Adam

  /// The weights that last gave a finite loss, in the order of `model.parameters`.
  private var goodWeights: [Tensor]

  public init(_ recipe: Recipe, on data: ImageData) {
    self.recipe = recipe
    self.data = data
    model = withRandomSource(RandomSource(seed: recipe.seed)) { CNN() }
    optimizer = Adam(model.parameters, learningRate: recipe.learningRate)
    goodWeights = model.parameters.map(\.value)
  }

  /// Trains for one more epoch, and looks at the validation part.
  ///
  /// - Throws: `LossIsNotFinite`; the model then has the last weights that gave a finite loss.
  @discardableResult
  public func nextEpoch(onBatch: (EpochProgress) -> Void = { _ in }) throws -> EpochRecord {
    let start = ContinuousClock.now
    let epoch = history.count + 1
    let progress: EpochProgress
    do {
      progress = try trainEpoch(
        model, with: optimizer, on: data.training, batchSize: recipe.batchSize, epoch: epoch,
        seed: recipe.seed,
        beforeStep: { batch in optimizer.learningRate = learningRate(epoch: epoch, batch: batch) }
      ) { progress in
        // Now and then, should a later step spoil them: weights that are known to give a finite loss.
        if progress.batch % 50 == 0 { keepIfFinite() }
        onBatch(progress)
      }
    } catch {
      restoreGoodWeights()
      throw error
    }
    let validation = evaluate(model, on: data.validation)
    if !validation.loss.isFinite {
      restoreGoodWeights()
      throw LossIsNotFinite(loss: validation.loss, epoch: epoch, batch: progress.batch)
    }
    goodWeights = model.parameters.map(\.value)
    let elapsed = (ContinuousClock.now - start).components
    let record = EpochRecord(
      epoch: epoch, trainingLoss: progress.loss, trainingAccuracy: progress.accuracy,
      validationLoss: validation.loss, validationAccuracy: validation.accuracy,
      seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    history.append(record)
    return record
  }

  private func learningRate(epoch: Int, batch: Int) -> Double {
    let batches = (data.training.count + recipe.batchSize - 1) / recipe.batchSize
    let done = Double((epoch - 1) * batches + batch) / Double(recipe.epochs * batches)
    return recipe.learningRate * max(0, 1 - done)
  }

  private func keepIfFinite() {
    let (images, labels) = data.training.batch(0..<min(recipe.batchSize, data.training.count))
    let loss = withoutGradients { crossEntropy(model(Variable(images)), labels) }
    if loss.scalar.isFinite { goodWeights = model.parameters.map(\.value) }
  }

  private func restoreGoodWeights() {
    for (parameter, weights) in zip(model.parameters, goodWeights) { parameter.value = weights }
  }
}
