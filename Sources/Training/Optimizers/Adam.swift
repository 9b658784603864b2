import Autograd
import Foundation
import Tensors
internal import CKernels

/// Adam: each weight's step is its gradient's running mean over the root of its running mean square.
///
///     g ← g + λ w
///     m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
///     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
///     w ← w − η m̂ / (√v̂ + ε)
///
/// - PyTorch: `torch.optim.Adam`.
/// - Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; AMSGrad: Reddi, Kale, Kumar,
///   "On the convergence of Adam and beyond", ICLR 2018.
/// - Book: chapter 7.
public final class Adam: Optimizer {
  /// What can be set for a group of parameters.
  public struct Settings: OptimizerSettings {
    /// `η`
    public var learningRate: Double
    /// `β₁` and `β₂`, from 0 up to but not including 1.
    public var betas: (Double, Double)
    /// `ε`
    public var epsilon: Double
    /// `λ`: how much of the weight is added to its gradient.
    public var weightDecay: Double
    /// Whether the largest `v` so far takes the place of `v` (AMSGrad).
    public var isAMSGrad: Bool

    /// `β₁`
    public var momentum: Double? {
      get { betas.0 }
      set { betas.0 = newValue ?? betas.0 }
    }

    /// Traps when a setting is negative, or a beta not below 1. PyTorch: `lr`, `betas`, `eps`, `weight_decay`,
    /// `amsgrad`, with the same defaults.
    public init(
      learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
      weightDecay: Double = 0, isAMSGrad: Bool = false
    ) {
      requireNonNegative("Adam", learningRate, betas.0, betas.1, epsilon, weightDecay)
      if betas.0 >= 1 || betas.1 >= 1 { trap("Adam: betas must be below 1, given \(betas)") }
      self.learningRate = learningRate
      self.betas = betas
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.isAMSGrad = isAMSGrad
    }
  }

  public var groups: [ParameterGroup<Settings>]
  public var memory: OptimizerMemory

  /// Groups of parameters with settings of their own. Traps without a group, or when a parameter comes twice.
  public init(groups: [ParameterGroup<Settings>]) {
    self.groups = groups
    memory = OptimizerMemory(for: groups, "Adam")
  }

  /// All parameters in one group.
  ///
  /// - Parameters:
  ///   - parameters: Those that steps change, such as `model.parameters`.
  ///   - learningRate: `η`: about how far a weight goes in one step. PyTorch: `lr`.
  ///   - betas: `β₁` and `β₂`, how slowly the running means forget; both below 1.
  ///   - epsilon: `ε`, which bounds the step of a weight with tiny gradients. PyTorch: `eps`.
  ///   - weightDecay: `λ`: how much of the weight is added to its gradient; see `AdamW` for the other kind.
  ///   - isAMSGrad: Whether the largest `v` so far takes the place of `v`. PyTorch: `amsgrad`.
  public convenience init(
    _ parameters: [Parameter], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, isAMSGrad: Bool = false
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

  public func step() {
    changeParameters { settings, piece in settings.step(piece, decouplingDecay: false) }
  }
}

extension Adam.Settings {
  var slots: [MemorySlot] {
    [MemorySlot(name: "firstMoment"), MemorySlot(name: "secondMoment")]
      + (isAMSGrad ? [MemorySlot(name: "largestSecondMoment")] : [])
  }

  /// A step of Adam, or with decoupled weight decay of AdamW, for one piece.
  func step(_ piece: StepPiece, decouplingDecay: Bool) {
    let settings = CKAdam(
      beta2: Float(betas.1), rest1: Float(1 - betas.0), rest2: Float(1 - betas.1),
      step_size: Float(learningRate / (1 - pow(betas.0, Double(piece.step)))),
      root_correction2: Float((1 - pow(betas.1, Double(piece.step))).squareRoot()), eps: Float(epsilon),
      decay: Float(decouplingDecay ? learningRate * weightDecay : weightDecay))
    let memory = piece.memory
    ck_adam(
      piece.weights, piece.gradient, memory[0], memory[1], memory.count > 2 ? memory[2] : nil, piece.count,
      settings, decouplingDecay ? 1 : 0)
  }
}
