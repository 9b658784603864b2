import Foundation
import Tensors

/// The rate is multiplied by `factor` every `every` steps: `base · factor^⌊t / every⌋`.
///
/// - PyTorch: `StepLR(step_size, gamma)`.
/// - Book: chapter 7.
public struct StepDecay: Schedule {
  public let every: Int
  public let factor: Double

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
  public let milestones: [Int]
  public let factor: Double

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
  public let factor: Double

  public init(factor: Double) { self.factor = factor }

  public func learningRate(at step: Int, base: Double) -> Double { base * pow(factor, Double(step)) }
}
