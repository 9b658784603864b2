import Tensors

/// The rate goes in a straight line from `start · base` to `end · base` in `steps` steps, and stays there.
///
/// - PyTorch: `LinearLR(start_factor, end_factor, total_iters)`.
/// - Book: chapter 7.
public struct LinearRamp: Schedule {
  /// What the base rate is multiplied by at first.
  public let start: Double
  /// What it is multiplied by in the end.
  public let end: Double
  /// How many steps lie between.
  public let steps: Int

  /// - Parameters:
  ///   - start: What the base rate is multiplied by at first. PyTorch: `start_factor`.
  ///   - end: What it is multiplied by in the end. PyTorch: `end_factor`.
  ///   - steps: How many steps lie between, at least 1, or this traps. PyTorch: `total_iters`, by default 5 there.
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
