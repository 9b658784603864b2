import Foundation
import Tensors

/// The rate falls along half a cosine, from `base` to `minimum` in `steps` steps:
/// `minimum + (base − minimum) (1 + cos(π t / steps)) / 2`.
///
/// After that it would rise again: end the training there.
///
/// - PyTorch: `CosineAnnealingLR(T_max, eta_min)`.
/// - Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
/// - Book: chapter 7.
public struct CosineDecay: Schedule {
  /// How many steps the fall takes.
  public let steps: Int
  /// The rate at its end.
  public let minimum: Double

  /// - Parameters:
  ///   - steps: How many steps the fall takes, at least 1, or this traps. PyTorch: `T_max`.
  ///   - minimum: The rate at its end. PyTorch: `eta_min`.
  public init(steps: Int, minimum: Double = 0) {
    if steps < 1 { trap("CosineDecay: at least 1 step is needed, given \(steps)") }
    self.steps = steps
    self.minimum = minimum
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    minimum + (base - minimum) * (1 + cos(.pi * Double(step) / Double(steps))) / 2
  }
}

/// A cosine decay that begins again: after `firstCycle` steps, and each further cycle `multiplier` times as long as
/// the one before.
///
/// - PyTorch: `CosineAnnealingWarmRestarts(T_0, T_mult, eta_min)`.
/// - Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
/// - Book: chapter 7.
public struct CosineRestarts: Schedule {
  /// The steps of the first cycle.
  public let firstCycle: Int
  /// How many times as long each cycle is as the one before.
  public let multiplier: Int
  /// The rate at the end of a cycle.
  public let minimum: Double

  /// - Parameters:
  ///   - firstCycle: The steps of the first cycle, at least 1, or this traps. PyTorch: `T_0`.
  ///   - multiplier: How many times as long each cycle is as the one before. PyTorch: `T_mult`.
  ///   - minimum: The rate at the end of a cycle. PyTorch: `eta_min`.
  public init(firstCycle: Int, multiplier: Int = 1, minimum: Double = 0) {
    if firstCycle < 1 || multiplier < 1 {
      trap(
        "CosineRestarts: a cycle and its multiplier must be at least 1, given \(firstCycle) and \(multiplier)"
      )
    }
    self.firstCycle = firstCycle
    self.multiplier = multiplier
    self.minimum = minimum
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    var (place, cycle) = (step, firstCycle)
    if multiplier == 1 { place %= cycle }
    while place >= cycle {
      place -= cycle
      cycle *= multiplier
    }
    return minimum + (base - minimum) * (1 + cos(.pi * Double(place) / Double(cycle))) / 2
  }
}
