import Foundation
import Tensors

/// The rate rises in a straight line from 0 to `base` in `warmupSteps` steps, and then falls, to 0 at step
/// `totalSteps`: straight, or along half a cosine.
///
///     t < W:            base · t / W
///     straight after:   base · max(0, (T − t) / (T − W))
///     cosine after:     base · (1 + cos(π (t − W) / (T − W))) / 2
///
/// After step `totalSteps` the straight one stays at 0; the cosine would rise again.
///
/// - PyTorch: `LambdaLR` with these formulas, as the recipes for transformers have it.
/// - Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.
/// - Book: chapter 7.
public struct Warmup: Schedule {
  /// How the rate falls after the warm-up: straight, or along half a cosine.
  public enum Decay: Sendable {
    /// In a straight line.
    case linear
    /// Along half a cosine: slowly at both ends.
    case cosine
  }

  /// W, how many steps the rate rises.
  public let warmupSteps: Int
  /// T, the step at which it is back at 0.
  public let totalSteps: Int
  /// How the rate falls after the warm-up.
  public let decay: Decay

  /// - Parameters:
  ///   - warmupSteps: W, how many steps the rate rises; 0 or more, and fewer than all, or this traps.
  ///   - totalSteps: T, the step at which it is back at 0.
  ///   - decay: How it falls from `base` to 0.
  public init(steps warmupSteps: Int, of totalSteps: Int, then decay: Decay = .cosine) {
    if warmupSteps < 0 || totalSteps <= warmupSteps {
      trap("Warmup: \(warmupSteps) of \(totalSteps) steps: from 0 to fewer than all are needed")
    }
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.decay = decay
  }

  public func learningRate(at step: Int, base: Double) -> Double {
    if step < warmupSteps { return base * Double(step) / Double(warmupSteps) }
    let length = Double(totalSteps - warmupSteps)
    switch decay {
    case .linear: return base * max(0, Double(totalSteps - step) / length)
    case .cosine: return base * (1 + cos(.pi * Double(step - warmupSteps) / length)) / 2
    }
  }
}
