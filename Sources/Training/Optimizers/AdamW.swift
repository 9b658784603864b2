import Autograd

/// Adam with decoupled weight decay: the weights shrink by themselves, `w ← w − η λ w`, and the decay stays out of
/// the running means.
///
/// - PyTorch: `torch.optim.AdamW`.
/// - Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
/// - Book: chapter 7.
public final class AdamW: Optimizer {
  /// Those of `Adam`; the weight decay means something else.
  public typealias Settings = Adam.Settings
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

  public func slots(for settings: Settings) -> [MemorySlot] { settings.slots }

  public func step() { takeAdamStep(decouplingDecay: true) }
}
