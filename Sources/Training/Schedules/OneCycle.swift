import Foundation
import Tensors

/// One rise and one fall: the rate goes from `maximum / initialDivisor` up to `maximum`, then down to
/// `initialDivisor · finalDivisor` times less than that; the momentum goes down and up again.
///
/// - PyTorch: `OneCycleLR(max_lr, total_steps, pct_start, anneal_strategy, div_factor, final_div_factor,
///   cycle_momentum, base_momentum, max_momentum)`, in two phases. After the last step the rate stays; there it is an
///   error.
/// - Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
///   2017.
/// - Book: chapter 7.
public struct OneCycle: Schedule {
  /// How the rate goes from one value to the next: along half a cosine, or straight.
  public enum Annealing: Sendable {
    /// Along half a cosine: slowly at both ends.
    case cosine
    /// In a straight line.
    case linear
  }

  /// The largest rate; the optimiser's own when nil.
  public let maximum: Double?
  /// All steps of the run; after the last one the rate stays.
  public let totalSteps: Int
  /// The share of the steps in which the rate rises.
  public let rising: Double
  /// How many times lower than `maximum` the rate is at first.
  public let initialDivisor: Double
  /// How many times lower than at first the rate is at the end.
  public let finalDivisor: Double
  /// How the rate goes from one value to the next.
  public let annealing: Annealing
  /// From which momentum, the lower one, to which; nil leaves it alone.
  public let momenta: ClosedRange<Double>?

  /// - Parameters:
  ///   - maximum: The largest rate; the optimiser's own when nil. PyTorch: `max_lr`.
  ///   - totalSteps: All steps of the run, at least 2, or this traps. PyTorch: `total_steps`.
  ///   - rising: The share of the steps in which the rate rises, from 0 to 1. PyTorch: `pct_start`.
  ///   - initialDivisor: How many times lower than `maximum` the rate is at first. PyTorch: `div_factor`.
  ///   - finalDivisor: How many times lower than at first it is at the end. PyTorch: `final_div_factor`.
  ///   - annealing: How the rate goes from one value to the next. PyTorch: `anneal_strategy`.
  ///   - momenta: Between which momenta, against the rate; nil leaves the momentum alone. PyTorch: `base_momentum`
  ///     and `max_momentum`.
  public init(
    maximum: Double? = nil, totalSteps: Int, rising: Double = 0.3, initialDivisor: Double = 25,
    finalDivisor: Double = 1e4, annealing: Annealing = .cosine, momenta: ClosedRange<Double>? = 0.85...0.95
  ) {
    if totalSteps < 2 { trap("OneCycle: at least 2 steps are needed, given \(totalSteps)") }
    if !(0...1).contains(rising) { trap("OneCycle: the rising share must be from 0 to 1, given \(rising)") }
    if !(initialDivisor > 0 && finalDivisor > 0) {
      trap("OneCycle: divisors must be above 0, given \(initialDivisor) and \(finalDivisor)")
    }
    self.maximum = maximum
    self.totalSteps = totalSteps
    self.rising = rising
    self.initialDivisor = initialDivisor
    self.finalDivisor = finalDivisor
    self.annealing = annealing
    self.momenta = momenta
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    let top = maximum ?? base
    let start = top / initialDivisor
    return value(at: step, start, top, start / finalDivisor)
  }

  public func momentum(at step: Int) -> Double? {
    momenta.map { value(at: step, $0.upperBound, $0.lowerBound, $0.upperBound) }
  }

  private func value(at step: Int, _ start: Double, _ middle: Double, _ end: Double) -> Double {
    let t = Double(min(step, totalSteps - 1))
    let (peak, last) = (rising * Double(totalSteps) - 1, Double(totalSteps - 1))
    return t < peak || peak >= last
      ? anneal(start, middle, t / peak) : anneal(middle, end, (t - peak) / (last - peak))
  }

  private func anneal(_ start: Double, _ end: Double, _ share: Double) -> Double {
    switch annealing {
    case .cosine: end + (start - end) / 2 * (1 + cos(.pi * share))
    case .linear: start + (end - start) * share
    }
  }
}
