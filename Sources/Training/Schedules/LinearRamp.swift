import Tensors

/// The rate goes in a straight line from `start · base` to `end · base` in `steps` steps, and stays there.
///
/// - PyTorch: `LinearLR(start_factor, end_factor, total_iters)`.
/// - Book: chapter 7.
public struct LinearRamp: Schedule {
  public let start: Double
  public let end: Double
  public let steps: Int

  public init(from start: Double = 1.0 / 3, to end: Double = 1, steps: Int) {
    if steps < 1 { trap("LinearRamp: at least 1 step is needed, given \(steps)") }
    self.start = start
    self.end = end
    self.steps = steps
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    base * (start + (end - start) * Double(min(step, steps)) / Double(steps))
  }
}
