import Autograd

/// Adam with decoupled weight decay: the weights shrink by themselves, `w ← w − η λ w`, and the decay stays out of
/// the running means.
///
/// - PyTorch: `torch.optim.AdamW`.
/// - Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
/// - Book: chapter 7.
public final class AdamW: Optimizer {
  /// What can be set for a group of parameters: as `Adam.Settings`, but for a weight decay of 0.01 to begin with.
  public struct Settings: OptimizerSettings {
    /// `η`
    public var learningRate: Double
    /// `β₁` and `β₂`, from 0 up to but not including 1.
    public var betas: (Double, Double)
    /// `ε`
    public var epsilon: Double
    /// `λ`: the share of itself that a weight loses a step, times `η`.
    public var weightDecay: Double
    /// Whether the largest `v` so far takes the place of `v` (AMSGrad).
    public var isAMSGrad: Bool

    /// `β₁`
    public var momentum: Double? {
      get { betas.0 }
      set { betas.0 = newValue ?? betas.0 }
    }

    /// Traps where `Adam.Settings` would.
    public init(
      learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
      weightDecay: Double = 0.01, isAMSGrad: Bool = false
    ) {
      (self.learningRate, self.betas, self.epsilon) = (learningRate, betas, epsilon)
      (self.weightDecay, self.isAMSGrad) = (weightDecay, isAMSGrad)
      _ = adam  // which checks them
    }

    var adam: Adam.Settings {
      Adam.Settings(
        learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
        isAMSGrad: isAMSGrad)
    }
  }

  public var groups: [ParameterGroup<Settings>]
  public var memory: OptimizerMemory

  /// Groups of parameters with settings of their own. Traps without a group, or when a parameter comes twice.
  public init(groups: [ParameterGroup<Settings>]) {
    self.groups = groups
    memory = OptimizerMemory(for: groups, "AdamW")
  }

  /// All parameters in one group.
  ///
  /// - Parameters:
  ///   - parameters: Those that steps change, such as `model.parameters`.
  ///   - learningRate: `η`. PyTorch: `lr`.
  ///   - betas: `β₁` and `β₂`, how slowly the running means forget; both below 1.
  ///   - epsilon: `ε`. PyTorch: `eps`.
  ///   - weightDecay: `λ`: times `η`, the share of itself that each weight loses a step. Other than `Adam`'s it is
  ///     not 0 by default, as in PyTorch.
  ///   - isAMSGrad: Whether the largest `v` so far takes the place of `v`. PyTorch: `amsgrad`.
  public convenience init(
    _ parameters: [Parameter], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, isAMSGrad: Bool = false
  ) {
    self.init(groups: [
      ParameterGroup(
        parameters,
        Settings(
          learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
          isAMSGrad: isAMSGrad))
    ])
  }

  public func slots(for settings: Settings) -> [MemorySlot] { settings.adam.slots }

  public func step() {
    changeParameters { settings, piece in settings.adam.step(piece, decouplingDecay: true) }
  }
}
