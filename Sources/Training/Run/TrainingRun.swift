import Autograd
import Datasets
import Layers
import Tensors

/// The training of a network, epoch by epoch: batches, loss, gradients, steps of the optimiser, and a look at the
/// validation part after every epoch.
///
/// ```swift
/// let run = TrainingRun(ImageClassification(data), TrainingSettings()) { CNN() }
/// while !run.isFinished { try run.nextEpoch() }
/// let test = evaluate(run.model, on: data.test)
/// ```
///
/// At its heart is the loop that every training has:
///
/// ```swift
/// for epoch in 1...settings.epochs {
///   for places in task.batches(epoch: epoch, batchSize: settings.batchSize, seed: settings.seed) {
///     let step = task.step(model, on: try task.batch(places, epoch: epoch))
///     optimizer.clearGradients()
///     step.loss.backward()
///     optimizer.step()
///   }
/// }
/// ```
///
/// Around it are the things that a long run needs: a learning rate that changes by a schedule, gradients that are clipped,
/// a loss that is watched for infinity, early stopping, a log of every step, and a state that can be kept in a
/// `Checkpoint` between any two steps, from which another run goes on to the same weights, bit by bit: see `checkpoint`.
///
/// All that is random comes from the settings' seed: the first weights and dropout from a `RandomSource` of the run's own,
/// the order of the examples from the seed and the epoch's number.
///
/// - PyTorch: the training loop, which there everybody writes for themselves.
/// - Book: chapter 7.
public final class TrainingRun<Task: TrainingTask> {
  /// What there is to learn.
  public let task: Task
  /// How it is learned.
  public let settings: TrainingSettings
  /// The network in training: with patience, once the run is finished, with its best weights.
  public let model: Task.Model
  /// What changes the network's weights.
  public let optimizer: any Optimizer
  /// The epochs that are done.
  public internal(set) var history: [EpochRecord] = []
  /// How far the epoch under way has come, should it have been broken off.
  public internal(set) var progress: EpochProgress?
  /// Nil without patience.
  public internal(set) var stopping: EarlyStopping?
  /// The loss of the first step: what later ones are compared with to see whether the run diverges.
  public internal(set) var firstLoss: Double?

  /// Called when the gradients of a step are there, before they are clipped and used: where several machines take the mean
  /// of their gradients, say. What it throws breaks the epoch off before that step.
  public var beforeStep: ((_ parameters: [Parameter]) throws -> Void)?
  /// Other processes that train the same network, each on its part of every batch; nil where there are none.
  public var partner: (any StepPartner)?
  /// Where every step is written down; nil when nowhere.
  public var log: TrainingLog?

  /// Where dropout's streams come from.
  var randomSource: RandomSource
  let plateau: Plateau?
  /// The seconds that the epoch under way took before it was broken off.
  var secondsBefore = 0.0
  /// What the last batch of the epoch under way has left for the next.
  var carried: [String: Tensor] = [:]
  /// The network's state with the lowest validation loss; empty without patience.
  var bestState: [(name: String, tensor: Tensor)] = []
  /// The network's state at the end of the last epoch, where its best one has taken its place.
  var lastState: [(name: String, tensor: Tensor)] = []
  /// The network's last state that is known to give a finite loss.
  var goodState: [(name: String, tensor: Tensor)]

  private let schedule: (any Schedule)?
  private let baseRates: [Double]
  private let stepsPerEpoch: Int
  private var prefetched: (([ArraySlice<Int>], _ epoch: Int) -> AnyIterator<Result<Task.Batch, any Error>>)?

  /// - Parameters:
  ///   - task: What is learned, and from which data.
  ///   - settings: Epochs, batch size, learning rate, seed and the like.
  ///   - optimizer: Makes the optimiser, where the one that the settings name is not to be it: with other betas, say, or
  ///     with groups of parameters.
  ///   - model: Makes the network; its first weights are drawn from the settings' seed.
  public init(
    _ task: Task, _ settings: TrainingSettings, optimizer: ((Task.Model) -> any Optimizer)? = nil,
    model: () -> Task.Model
  ) {
    if settings.epochs < 1 { trap("TrainingRun: at least 1 epoch is needed, given \(settings.epochs)") }
    self.task = task
    self.settings = settings
    let randomSource = RandomSource(seed: settings.seed)
    self.randomSource = randomSource
    self.model = withRandomSource(randomSource, model)
    self.optimizer =
      optimizer?(self.model)
      ?? settings.optimizer.make(for: self.model.parameters, learningRate: settings.learningRate)
    baseRates = self.optimizer.learningRates
    stepsPerEpoch = task.batches(epoch: 1, batchSize: settings.batchSize, seed: settings.seed).count
    schedule =
      stepsPerEpoch == 0 ? nil : settings.schedule.schedule(totalSteps: settings.epochs * stepsPerEpoch)
    if case .plateau(let factor, let patience) = settings.schedule {
      plateau = Plateau(for: self.optimizer, factor: factor, patience: patience)
    } else {
      plateau = nil
    }
    stopping = settings.patience.map { EarlyStopping(patience: $0) }
    goodState = self.model.state
  }

  /// Whether all epochs are done, or patience has come to its end.
  public var isFinished: Bool { history.count >= settings.epochs || stopping?.isTimeToStop ?? false }

  /// Whether the run ended before its last epoch.
  public var wasStopped: Bool { isFinished && history.count < settings.epochs }

  /// The epoch whose weights the model has at the end, from 1.
  public var keptEpoch: Int { stopping?.bestEpoch ?? history.count }

  /// The steps made so far, in all epochs.
  public var stepsDone: Int { history.count * stepsPerEpoch + (progress?.batch ?? 0) }

  /// Whether the loss of the last epoch, or of the one under way, is more than twice that of the first step: the weights
  /// have not run away to infinity, but nothing is being learned either.
  public var isDiverging: Bool {
    guard let firstLoss, let loss = progress?.loss ?? history.last?.training.loss else { return false }
    return loss > 2 * abs(firstLoss)
  }

  /// Trains for one more epoch, or to the end of the one that was broken off, and looks at the validation part.
  ///
  /// - Parameter onBatch: Called after each step. What it throws breaks the epoch off there; the next call goes on.
  /// - Throws: `LossIsNotFinite`; the model then has the last state that gave a finite loss. `CannotTrain` before the first
  ///   step, when there is nothing to learn from, or patience and nothing to validate with. And what the task,
  ///   `beforeStep` and `onBatch` throw.
  @discardableResult
  public func nextEpoch(onBatch: (EpochProgress) throws -> Void = { _ in }) throws -> EpochRecord {
    if isFinished { trap("TrainingRun: the run is finished after \(history.count) epochs") }
    try checkExamples()
    let (watch, before) = (Stopwatch(), secondsBefore)
    func seconds() -> Double { before + watch.seconds }
    let epoch = history.count + 1
    let done: EpochProgress
    let validation: Score?
    do {
      (done, validation) = try withRandomSource(randomSource) {
        let done = try train(epoch) { progress in
          secondsBefore = seconds()
          try onBatch(progress)
        }
        return (done, try validate(epoch, done))
      }
    } catch let error as LossIsNotFinite {
      setState(goodState)
      throw error
    }
    goodState = model.state
    let record = EpochRecord(
      epoch: epoch, training: Score(loss: done.loss, metric: done.metric), validation: validation,
      seconds: seconds())
    history.append(record)
    (progress, secondsBefore, carried) = (nil, 0, [:])
    if let validation { plateau?.report(validation.loss) }
    if let validation, stopping?.report(validation.loss) ?? false { bestState = goodState }
    if isFinished, stopping != nil {
      lastState = goodState
      setState(bestState)
    }
    return record
  }

  /// Trains to the end.
  ///
  /// - Parameter onStep: Called after each step, with the number of examples seen so far, those of the epochs before
  ///   included.
  public func finish(onStep: (_ examples: Int) throws -> Void = { _ in }) throws {
    while !isFinished {
      let before = history.count * task.exampleCount
      try nextEpoch { try onStep(before + $0.examples) }
    }
  }

  /// The steps of an epoch, from where it was broken off.
  private func train(_ epoch: Int, onBatch: (EpochProgress) throws -> Void) throws -> EpochProgress {
    model.train()
    let places = task.batches(epoch: epoch, batchSize: settings.batchSize, seed: settings.seed)
    if places.count != stepsPerEpoch {
      trap("TrainingRun: epoch \(epoch) has \(places.count) batches, the first one \(stepsPerEpoch)")
    }
    var progress = progress ?? EpochProgress(batches: places.count)
    if progress.batch == 0 { carried = [:] }
    let left = places[progress.batch...].map { parts(of: $0, count: settings.microBatches) }
    let batches = made(left.flatMap { $0 }, epoch)
    for parts in left {
      try step(on: parts.count, of: batches, epoch, &progress)
      self.progress = progress
      try onBatch(progress)
    }
    return progress
  }

  /// One step: forward, loss, gradients, and the optimiser.
  ///
  /// - Parameter count: Of how many parts the batch is made, one after the other.
  private func step(
    on count: Int, of batches: AnyIterator<Result<Task.Batch, any Error>>, _ epoch: Int,
    _ progress: inout EpochProgress
  ) throws {
    var carried = carried
    optimizer.clearGradients()
    let figures = try computeGradients(on: count, of: batches, carrying: &carried, epoch, progress)
    progress.batchLoss = figures.loss
    // Now and then, should a later step spoil them: these weights have just given a finite loss.
    if progress.batch % 50 == 0 { goodState = model.state }
    firstLoss = firstLoss ?? progress.batchLoss

    try beforeStep?(optimizer.parameters)
    let norm = settings.clipNorm.map { clipGradients(of: optimizer.parameters, toNorm: $0) }
    let number = (epoch - 1) * stepsPerEpoch + progress.batch
    if let schedule {
      optimizer.learningRates = baseRates.map { schedule.learningRate(at: number, base: $0) }
      if let momentum = schedule.momentum(at: number) { optimizer.momentum = momentum }
    }
    if let partner { try partner.step(optimizer) } else { optimizer.step() }

    progress.add(figures)
    self.carried = carried
    log?.add(
      TrainingLog.Row(
        epoch: epoch, step: number + 1, examples: figures.examples, loss: progress.batchLoss,
        metric: figures.metricSum.map { $0 / Double(figures.examples) }, learningRate: optimizer.learningRate,
        gradientNorm: norm))
  }

  /// Forward, loss and backward, part by part: afterwards each parameter's gradient is that of the batch's mean loss.
  private func computeGradients(
    on count: Int, of batches: AnyIterator<Result<Task.Batch, any Error>>,
    carrying carried: inout [String: Tensor], _ epoch: Int, _ progress: EpochProgress
  ) throws -> StepFigures {
    var figures = StepFigures()
    // Gradients of several parts are sums over their examples until all are there; that of one is a mean at once.
    let isWhole = count == 1 && partner == nil
    for part in 1...count {
      guard let batch = batches.next() else { trap("TrainingRun: epoch \(epoch) ended too soon") }
      let step = task.step(model, on: try batch.get(), carrying: &carried)
      figures.add(step)
      if partner == nil {
        try check(figures, epoch, progress, step.loss.nonFiniteOrigin(naming: model.namedParameters))
      }
      let upstream = isWhole ? nil : Tensor(Float(step.examples)).reshaped(step.loss.shape)
      step.loss.backward(
        from: upstream, whenComplete: part == count ? partner.map { $0.gradientIsComplete } : nil)
    }
    if let partner { figures = try partner.combine(figures, gradientsOf: optimizer.parameters) }
    try check(figures, epoch, progress)
    if !isWhole {
      for parameter in optimizer.parameters {
        parameter.setGradient(parameter.gradient.map { $0 / Float(figures.examples) })
      }
    }
    return figures
  }

  /// Throws where a loss is no number any more. With a partner it is the loss of all, so that all of them stop.
  private func check(
    _ figures: StepFigures, _ epoch: Int, _ progress: EpochProgress,
    _ origin: @autoclosure () -> NonFiniteOrigin? = nil
  ) throws {
    if figures.loss.isFinite { return }
    throw LossIsNotFinite(loss: figures.loss, epoch: epoch, batch: progress.batch + 1, origin: origin())
  }

  private func validate(_ epoch: Int, _ done: EpochProgress) throws -> Score? {
    if task.validationCount == 0 { return nil }
    model.evaluate()
    defer { model.train() }
    guard let score = try withoutGradients({ try task.validate(model) }) else { return nil }
    if !score.loss.isFinite { throw LossIsNotFinite(loss: score.loss, epoch: epoch, batch: done.batch) }
    return score
  }

  private func checkExamples() throws {
    if stepsPerEpoch == 0 { throw CannotTrain("there is nothing to learn from: the training part is empty.") }
    if settings.patience != nil, task.validationCount == 0 {
      throw CannotTrain(
        """
        early stopping compares losses on the validation part, and that is empty.
               Give more examples, or no patience.
        """)
    }
  }

  /// The learning rate of the step that comes next; nil where the schedule says nothing.
  var nextLearningRate: Double? {
    schedule?.learningRate(at: stepsDone, base: baseRates[0])
  }

  func setState(_ state: [(name: String, tensor: Tensor)]) {
    do { try model.load(state) } catch { trap("TrainingRun: the network has changed its layers: \(error)") }
  }

  /// The batches of these places: made one by one when they are asked for, or ahead by another thread.
  private func made(_ places: [ArraySlice<Int>], _ epoch: Int) -> AnyIterator<Result<Task.Batch, any Error>> {
    if let prefetched { return prefetched(places, epoch) }
    return AnyIterator(
      places.lazy.map { place in Result { try self.task.batch(place, epoch: epoch) } }.makeIterator())
  }
}

extension TrainingRun where Task: Sendable {
  /// Lets another thread make the next batches while this one learns from the last. The batches, and so the weights, are
  /// the same.
  ///
  /// - Parameter depth: How many batches the thread is ahead at most.
  public func prefetch(depth: Int = 2) {
    prefetched = { [task] places, epoch in
      AnyIterator(
        Prefetcher(over: places, depth: depth) { try task.batch($0, epoch: epoch) }.makeIterator())
    }
  }
}
