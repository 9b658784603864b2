import Autograd
import Tensors
internal import CKernels

/// RMSProp: each weight's step is its gradient over the root of its running mean square.
///
///     g ← g + λ w
///     v ← α v + (1 − α) g²        centred: less the square of the running mean of g
///     b ← μ b + g / (√v + ε)      without momentum b is the last summand alone
///     w ← w − η b
///
/// - PyTorch: `torch.optim.RMSprop`. Centred, a difference that rounding makes negative counts as 0 here; there it
///   gives NaN.
/// - Source: Hinton, *Neural Networks for Machine Learning*, lecture 6e, 2012; centred: Graves, "Generating sequences
///   with recurrent neural networks", 2013.
/// - Book: chapter 7.
public final class RMSProp: Optimizer {
  /// What can be set for a group of parameters.
  public struct Settings: OptimizerSettings {
    /// `η`
    public var learningRate: Double
    /// `α`, from 0 up to but not including 1.
    public var smoothing: Double
    /// `ε`
    public var epsilon: Double
    /// `λ`
    public var weightDecay: Double
    /// `μ`
    public var momentum: Double?
    /// Whether the mean square is taken about the mean: an estimate of the variance.
    public var isCentered: Bool

    /// Traps when a setting is negative, or the smoothing not below 1. PyTorch: `lr`, `alpha`, `eps`, `weight_decay`,
    /// `momentum`, `centered`, with the same defaults.
    public init(
      learningRate: Double = 1e-2, smoothing: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
      momentum: Double = 0, isCentered: Bool = false
    ) {
      requireNonNegative("RMSProp", learningRate, smoothing, epsilon, weightDecay, momentum)
      if smoothing >= 1 { trap("RMSProp: the smoothing must be below 1, given \(smoothing)") }
      self.learningRate = learningRate
      self.smoothing = smoothing
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.momentum = momentum
      self.isCentered = isCentered
    }

    var hasMomentum: Bool { momentum ?? 0 != 0 }
  }

  public var groups: [ParameterGroup<Settings>]
  public var memory: OptimizerMemory

  /// Groups of parameters with settings of their own. Traps without a group, or when a parameter comes twice.
  public init(groups: [ParameterGroup<Settings>]) {
    self.groups = groups
    memory = OptimizerMemory(for: groups, "RMSProp")
  }

  /// All parameters in one group.
  ///
  /// - Parameters:
  ///   - parameters: Those that steps change, such as `model.parameters`.
  ///   - learningRate: `η`. PyTorch: `lr`.
  ///   - smoothing: `α`, how slowly the mean square forgets; below 1. PyTorch: `alpha`.
  ///   - epsilon: `ε`. PyTorch: `eps`.
  ///   - weightDecay: `λ`: how much of the weight is added to its gradient. PyTorch: `weight_decay`.
  ///   - momentum: `μ`; with 0, nothing is remembered of the steps before.
  ///   - isCentered: Whether the mean square is taken about the mean. PyTorch: `centered`.
  public convenience init(
    _ parameters: [Parameter], learningRate: Double = 1e-2, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, isCentered: Bool = false
  ) {
    self.init(groups: [
      ParameterGroup(
        parameters,
        Settings(
          learningRate: learningRate, smoothing: smoothing, epsilon: epsilon, weightDecay: weightDecay,
          momentum: momentum, isCentered: isCentered))
    ])
  }

  public func slots(for settings: Settings) -> [MemorySlot] {
    var slots = [MemorySlot(name: "meanSquare")]
    if settings.isCentered { slots.append(MemorySlot(name: "mean")) }
    if settings.hasMomentum { slots.append(MemorySlot(name: "velocity")) }
    return slots
  }

  public func step() {
    changeParameters { s, piece in
      ck_rmsprop(
        piece.weights, piece.gradient, piece.memory[0], s.isCentered ? piece.memory[1] : nil,
        s.hasMomentum ? piece.memory.last : nil, piece.count, Float(s.learningRate), Float(s.smoothing),
        Float(1 - s.smoothing),
        Float(s.epsilon), Float(s.weightDecay), Float(s.momentum ?? 0))
    }
  }
}
