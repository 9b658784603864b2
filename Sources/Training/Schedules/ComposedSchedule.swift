import Tensors

/// Schedules one after the other, each counting its steps from its own beginning.
///
///     ScheduleSequence(LinearRamp(from: 0.1, steps: 5), for: 5, then: CosineDecay(steps: 25))
///
/// - PyTorch: `SequentialLR`.
/// - Book: chapter 7.
public struct ScheduleSequence: Schedule {
  /// The schedule of the first `steps` steps.
  public let first: any Schedule
  /// How long the first one lasts.
  public let steps: Int
  /// The schedule after that, which counts from 0 again.
  public let second: any Schedule

  /// - Parameters:
  ///   - first: The schedule to begin with.
  ///   - steps: How long it lasts; a negative number traps.
  ///   - second: The schedule after that, which counts from 0 again.
  public init(_ first: some Schedule, for steps: Int, then second: some Schedule) {
    if steps < 0 { trap("ScheduleSequence: the number of steps must not be negative, given \(steps)") }
    self.first = first
    self.steps = steps
    self.second = second
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    step < steps
      ? first.learningRate(at: step, base: base) : second.learningRate(at: step - steps, base: base)
  }

  public func momentum(at step: Int) -> Double? {
    step < steps ? first.momentum(at: step) : second.momentum(at: step - steps)
  }
}

/// Two schedules at once: the second starts from what the first gives.
///
/// - PyTorch: `ChainedScheduler`, for schedules that multiply.
/// - Book: chapter 7.
public struct ScheduleProduct: Schedule {
  /// What starts from the optimiser's rate.
  public let first: any Schedule
  /// What starts from the first one's rate.
  public let second: any Schedule

  /// - Parameters:
  ///   - first: What starts from the optimiser's rate.
  ///   - second: What starts from the first one's rate; where both have a momentum, its own counts.
  public init(_ first: some Schedule, _ second: some Schedule) {
    self.first = first
    self.second = second
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    second.learningRate(at: step, base: first.learningRate(at: step, base: base))
  }

  public func momentum(at step: Int) -> Double? { second.momentum(at: step) ?? first.momentum(at: step) }
}
