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
  public enum Annealing: Sendable { case cosine, linear }

  /// The largest rate; the optimiser's own when nil.
  public let maximum: Double?
  public let totalSteps: Int
  /// The share of the steps in which the rate rises.
  public let rising: Double
  public let initialDivisor: Double
  public let finalDivisor: Double
  public let annealing: Annealing
  /// From which momentum, the lower one, to which; nil leaves it alone.
  public let momenta: ClosedRange<Double>?

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
