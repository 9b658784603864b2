import Foundation
import Tensors

/// The rate is multiplied by `factor` every `every` steps: `base · factor^⌊t / every⌋`.
///
/// - PyTorch: `StepLR(step_size, gamma)`.
/// - Book: chapter 7.
public struct StepDecay: Schedule {
  /// After how many steps the rate falls, and falls again.
  public let every: Int
  /// What the rate is multiplied by each time.
  public let factor: Double

  /// - Parameters:
  ///   - every: After how many steps the rate falls, at least 1, or this traps. PyTorch: `step_size`.
  ///   - factor: What the rate is multiplied by each time. PyTorch: `gamma`.
  public init(every: Int, factor: Double = 0.1) {
    if every < 1 { trap("StepDecay: at least 1 step is needed, given \(every)") }
    self.every = every
    self.factor = factor
  }

  public func learningRate(at step: Int, base: Double) -> Double { base * pow(factor, Double(step / every)) }
}

/// The rate is multiplied by `factor` at each of the steps `milestones`.
///
/// - PyTorch: `MultiStepLR(milestones, gamma)`.
/// - Book: chapter 7.
public struct MultiStepDecay: Schedule {
  /// The steps, from 0, from which on the rate is lower.
  public let milestones: [Int]
  /// What the rate is multiplied by at each of them.
  public let factor: Double

  /// - Parameters:
  ///   - milestones: The steps, from 0, from which on the rate is lower; a step that comes twice counts twice.
  ///   - factor: What the rate is multiplied by at each of them. PyTorch: `gamma`.
  public init(at milestones: [Int], factor: Double = 0.1) {
    self.milestones = milestones
    self.factor = factor
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    base * pow(factor, Double(milestones.count { $0 <= step }))
  }
}

/// The rate is multiplied by `factor` every step: `base · factorᵗ`.
///
/// - PyTorch: `ExponentialLR(gamma)`.
/// - Book: chapter 7.
public struct ExponentialDecay: Schedule {
  /// What the rate is multiplied by at every step.
  public let factor: Double

  /// - Parameter factor: What the rate is multiplied by at every step. PyTorch: `gamma`.
  public init(factor: Double) { self.factor = factor }

  public func learningRate(at step: Int, base: Double) -> Double { base * pow(factor, Double(step)) }
}
