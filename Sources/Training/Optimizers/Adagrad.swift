import Autograd
import Tensors
internal import CKernels

/// Adagrad: each weight's step is its gradient over the root of the sum of the squares of all it has seen, so that
/// weights that are rarely called upon take larger steps.
///
///     g ← g + λ w
///     s ← s + g²
///     w ← w − η / (1 + (t − 1) κ) · g / (√s + ε)
///
/// - PyTorch: `torch.optim.Adagrad`.
/// - Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
///   JMLR 12, 2011.
/// - Book: chapter 7.
public final class Adagrad: Optimizer {
  /// What can be set for a group of parameters.
  public struct Settings: OptimizerSettings {
    /// `η`
    public var learningRate: Double
    /// `κ`
    public var learningRateDecay: Double
    /// `ε`
    public var epsilon: Double
    /// `λ`
    public var weightDecay: Double
    /// What `s` is at first.
    public var initialSum: Double

    /// Adagrad has none.
    public var momentum: Double? {
      get { nil }
      set {}
    }

    /// Traps when a setting is negative. PyTorch: `lr`, `lr_decay`, `eps`, `weight_decay`,
    /// `initial_accumulator_value`, with the same defaults.
    public init(
      learningRate: Double = 1e-2, learningRateDecay: Double = 0, epsilon: Double = 1e-10,
      weightDecay: Double = 0,
      initialSum: Double = 0
    ) {
      requireNonNegative("Adagrad", learningRate, learningRateDecay, epsilon, weightDecay, initialSum)
      self.learningRate = learningRate
      self.learningRateDecay = learningRateDecay
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.initialSum = initialSum
    }
  }

  public var groups: [ParameterGroup<Settings>]
  public var memory: OptimizerMemory

  /// Groups of parameters with settings of their own. Traps without a group, or when a parameter comes twice.
  public init(groups: [ParameterGroup<Settings>]) {
    self.groups = groups
    memory = OptimizerMemory(for: groups, "Adagrad")
  }

  /// All parameters in one group.
  ///
  /// - Parameters:
  ///   - parameters: Those that steps change, such as `model.parameters`.
  ///   - learningRate: `η`. PyTorch: `lr`.
  ///   - learningRateDecay: `κ`: how fast the rate itself falls. PyTorch: `lr_decay`.
  ///   - epsilon: `ε`. PyTorch: `eps`.
  ///   - weightDecay: `λ`: how much of the weight is added to its gradient. PyTorch: `weight_decay`.
  ///   - initialSum: What `s` is at first. PyTorch: `initial_accumulator_value`.
  public convenience init(
    _ parameters: [Parameter], learningRate: Double = 1e-2, learningRateDecay: Double = 0,
    epsilon: Double = 1e-10, weightDecay: Double = 0, initialSum: Double = 0
  ) {
    self.init(groups: [
      ParameterGroup(
        parameters,
        Settings(
          learningRate: learningRate, learningRateDecay: learningRateDecay, epsilon: epsilon,
          weightDecay: weightDecay, initialSum: initialSum))
    ])
  }

  public func slots(for settings: Settings) -> [MemorySlot] {
    [MemorySlot(name: "sum", initial: Float(settings.initialSum))]
  }

  public func step() {
    changeParameters { s, piece in
      let rate = s.learningRate / (1 + Double(piece.step - 1) * s.learningRateDecay)
      ck_adagrad(
        piece.weights, piece.gradient, piece.memory[0], piece.count, Float(rate), Float(s.epsilon),
        Float(s.weightDecay))
    }
  }
}
