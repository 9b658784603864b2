/// How the learning rate changes from step to step: a function of the step's number alone, so that a run that goes on
/// after a break needs nothing but that number.
///
/// A step is whatever the caller counts: batches or epochs.
///
/// - PyTorch: `torch.optim.lr_scheduler`. What counts there as the state of a scheduler is here a number.
/// - Book: chapter 7.
public protocol Schedule: Sendable {
  /// The learning rate that step `step`, from 0, uses.
  ///
  /// - Parameters:
  ///   - step: How many steps were made before this one: 0 for the first.
  ///   - base: The learning rate that the optimiser was made with.
  func learningRate(at step: Int, base: Double) -> Double

  /// The momentum that step `step` uses, or nil to leave it alone.
  func momentum(at step: Int) -> Double?
}

extension Schedule {
  public func momentum(at step: Int) -> Double? { nil }
}

/// Sets an optimiser's learning rates as a schedule says.
///
///     let scheduler = Scheduler(CosineDecay(steps: 30), for: optimizer)
///     for epoch in 1...30 {
///       …
///       scheduler.step()
///     }
///
/// - PyTorch: a `torch.optim.lr_scheduler` with its optimiser.
/// - Book: chapter 7.
public final class Scheduler {
  /// What says the rates.
  public let schedule: any Schedule
  /// Whose rates are set.
  public let optimizer: any Optimizer
  /// The steps done: the number, from 0, of the step that comes next.
  public private(set) var stepCount = 0
  /// The learning rate of each group before the schedule set one.
  public private(set) var baseRates: [Double]

  /// Sets the rates of step 0.
  public init(_ schedule: some Schedule, for optimizer: any Optimizer) {
    self.schedule = schedule
    self.optimizer = optimizer
    baseRates = optimizer.learningRates
    apply()
  }

  /// Goes on to the next step.
  public func step() {
    stepCount += 1
    apply()
  }

  /// Goes on as if `stepCount` steps had been made from `baseRates`.
  func resume(stepCount: Int, baseRates: [Double]) {
    self.stepCount = stepCount
    self.baseRates = baseRates
    apply()
  }

  private func apply() {
    optimizer.learningRates = baseRates.map { schedule.learningRate(at: stepCount, base: $0) }
    if let momentum = schedule.momentum(at: stepCount) { optimizer.momentum = momentum }
  }
}
