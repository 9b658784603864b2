import Autograd
import Tensors
internal import CKernels

/// Stochastic gradient descent: each weight goes against its gradient; with momentum, against a running sum of it.
///
///     g ← g + λ w
///     b ← μ b + (1 − τ) g        at first b = g
///     w ← w − η b,  with Nesterov's look ahead  w ← w − η (g + μ b)
///
/// - PyTorch: `torch.optim.SGD`.
/// - Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning",
///   ICML 2013.
/// - Book: chapter 7.
public final class SGD: Optimizer {
  /// What can be set for a group of parameters.
  public struct Settings: OptimizerSettings {
    /// `η`
    public var learningRate: Double
    /// `μ`, from 0; without momentum nothing is remembered.
    public var momentum: Double?
    /// `τ`: the share of each new gradient that is left out of the running sum.
    public var dampening: Double
    /// `λ`: how much of the weight itself is added to its gradient.
    public var weightDecay: Double
    /// Whether the step looks ahead along the momentum. Needs a momentum and no dampening.
    public var isNesterov: Bool

    /// Traps when a setting is negative, or for Nesterov's look ahead without a momentum or with dampening. PyTorch:
    /// `lr`, `momentum`, `dampening`, `weight_decay`, `nesterov`; the learning rate has no default here.
    public init(
      learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
      isNesterov: Bool = false
    ) {
      requireNonNegative("SGD", learningRate, momentum, weightDecay)
      if isNesterov && (momentum == 0 || dampening != 0) {
        trap("SGD: Nesterov needs a momentum and no dampening, given \(momentum) and \(dampening)")
      }
      self.learningRate = learningRate
      self.momentum = momentum
      self.dampening = dampening
      self.weightDecay = weightDecay
      self.isNesterov = isNesterov
    }
  }

  public var groups: [ParameterGroup<Settings>]
  public var memory: OptimizerMemory

  /// Groups of parameters with settings of their own. Traps without a group, or when a parameter comes twice.
  public init(groups: [ParameterGroup<Settings>]) {
    self.groups = groups
    memory = OptimizerMemory(for: groups, "SGD")
  }

  /// All parameters in one group.
  ///
  /// - Parameters:
  ///   - parameters: Those that steps change, such as `model.parameters`.
  ///   - learningRate: `η`. PyTorch: `lr`.
  ///   - momentum: `μ`: the share of the last step's direction that the next one keeps; 0.9 is usual.
  ///   - dampening: `τ`: the share of each new gradient that is left out of the running sum.
  ///   - weightDecay: `λ`: how much of the weight is added to its gradient. PyTorch: `weight_decay`.
  ///   - isNesterov: Whether the step looks ahead along the momentum. PyTorch: `nesterov`.
  public convenience init(
    _ parameters: [Parameter], learningRate: Double, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, isNesterov: Bool = false
  ) {
    self.init(groups: [
      ParameterGroup(
        parameters,
        Settings(
          learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
          isNesterov: isNesterov))
    ])
  }

  public func slots(for settings: Settings) -> [MemorySlot] {
    settings.momentum ?? 0 == 0 ? [] : [MemorySlot(name: "velocity")]
  }

  public func step() {
    changeParameters { s, piece in
      ck_sgd(
        piece.weights, piece.gradient, piece.memory.first, piece.count, Float(s.learningRate),
        Float(s.momentum ?? 0), piece.isFirst ? 1 : Float(1 - s.dampening), Float(s.weightDecay),
        s.isNesterov ? 1 : 0)
    }
  }
}

/// Traps when one of an optimiser's settings is negative or not a number.
func requireNonNegative(_ optimizer: String, _ settings: Double...) {
  if let bad = settings.first(where: { !($0 >= 0) }) {
    trap("\(optimizer): a setting must not be negative, given \(bad)")
  }
}
