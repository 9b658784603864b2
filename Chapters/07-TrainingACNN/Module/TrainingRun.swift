import Engine

/// What one epoch came to.
public struct EpochRecord: Sendable, Codable, Equatable {
  public let epoch: Int
  /// Mean over the epoch, each batch with the weights it met.
  public let trainingLoss: Double
  public let trainingAccuracy: Double
  /// With the weights at the end of the epoch.
  public let validationLoss: Double
  public let validationAccuracy: Double
  public let seconds: Double
}

/// The training of the article's CNN: shuffled batches, cross-entropy, an optimiser whose learning rate falls in a
/// straight line to 0, and a look at the validation part after every epoch. The test part is not touched here.
///
/// ```swift
/// let run = TrainingRun(Recipe(), on: data)
/// while !run.isFinished { try run.nextEpoch() }
/// let test = evaluate(run.model, on: data.test)
/// ```
///
/// Between two steps the run can be kept in a `Checkpoint`, and another one made to go on from it: see `checkpoint`.
///
/// - Book: chapter 7.
public final class TrainingRun {
  public let recipe: Recipe
  public let data: ImageData
  public let model: CNN
  /// The epochs that are done.
  public internal(set) var history: [EpochRecord] = []
  /// How far the epoch under way has come, should it have been broken off.
  public internal(set) var progress: EpochProgress?
  /// The seconds that the epoch under way took before it was broken off.
  var secondsBefore = 0.0

  let optimizer: any Optimizer
  private let augmentation: Augmentation?
  /// Nil without patience.
  public internal(set) var stopping: EarlyStopping?
  /// The weights with the lowest validation loss, in the order of `model.parameters`; empty without patience.
  var bestWeights: [Tensor] = []
  /// The weights that last gave a finite loss, in the order of `model.parameters`.
  var goodWeights: [Tensor]

  public init(_ recipe: Recipe, on data: ImageData) {
    self.recipe = recipe
    self.data = data
    model = withRandomSource(RandomSource(seed: recipe.seed)) { CNN() }
    optimizer = recipe.optimizer.make(for: model.parameters, learningRate: recipe.learningRate)
    augmentation = recipe.augmentation.make(seed: recipe.seed)
    stopping = recipe.patience.map { EarlyStopping(patience: $0) }
    goodWeights = model.parameters.map(\.value)
  }

  /// Whether all epochs are done, or patience has come to its end.
  public var isFinished: Bool { history.count >= recipe.epochs || stopping?.isTimeToStop ?? false }

  /// Whether the run ended before its last epoch.
  public var wasStopped: Bool { isFinished && history.count < recipe.epochs }

  /// Trains for one more epoch, or to the end of the one that was broken off, and looks at the validation part.
  ///
  /// - Parameter onBatch: Called after each step. What it throws breaks the epoch off there; the next call goes on.
  /// - Throws: `LossIsNotFinite`; the model then has the last weights that gave a finite loss.
  @discardableResult
  public func nextEpoch(onBatch: (EpochProgress) throws -> Void = { _ in }) throws -> EpochRecord {
    let start = ContinuousClock.now
    let before = secondsBefore
    let epoch = history.count + 1
    let done: EpochProgress
    do {
      done = try trainEpoch(
        model, with: optimizer, on: data.training, batchSize: recipe.batchSize, epoch: epoch,
        seed: recipe.seed, from: progress, augmentation: augmentation,
        beforeStep: { batch in optimizer.learningRate = learningRate(epoch: epoch, batch: batch) }
      ) { progress in
        self.progress = progress
        secondsBefore = before + (ContinuousClock.now - start).inSeconds
        // Now and then, should a later step spoil them: weights that are known to give a finite loss.
        if progress.batch % 50 == 0 { keepIfFinite() }
        try onBatch(progress)
      }
    } catch let error as LossIsNotFinite {
      setWeights(goodWeights)
      throw error
    }
    let validation = evaluate(model, on: data.validation)
    if !validation.loss.isFinite {
      setWeights(goodWeights)
      throw LossIsNotFinite(loss: validation.loss, epoch: epoch, batch: done.batch)
    }
    goodWeights = model.parameters.map(\.value)
    let record = EpochRecord(
      epoch: epoch, trainingLoss: done.loss, trainingAccuracy: done.accuracy,
      validationLoss: validation.loss, validationAccuracy: validation.accuracy,
      seconds: before + (ContinuousClock.now - start).inSeconds)
    history.append(record)
    (progress, secondsBefore) = (nil, 0)
    if stopping?.report(validation.loss) ?? false { bestWeights = goodWeights }
    if isFinished, stopping != nil { setWeights(bestWeights) }
    return record
  }

  /// The epoch whose weights the model has at the end, from 1.
  public var keptEpoch: Int { stopping?.bestEpoch ?? history.count }

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

  private func setWeights(_ weights: [Tensor]) {
    for (parameter, weight) in zip(model.parameters, weights) { parameter.value = weight }
  }
}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
