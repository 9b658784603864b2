// The optimisers in a few lines each, as their equations stand on the page: plain arrays, one step at a time. The engine's
// are the same on many numbers at once; the tests hold one to the other.

/// A rule that changes weights by their gradient, one step at a time.
///
/// - Book: section 7.4.
public protocol OptimizerStep {
  /// Changes the weights `w` by the gradient `g`, with the learning rate `η`.
  mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double)
}

/// Gradient descent: `w ← w − η g`.
public struct SGDStep: OptimizerStep {
  public init() {}

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    for i in w.indices { w[i] -= learningRate * g[i] }
  }
}

/// Momentum: the velocity `u ← μ u + g`, and `w ← w − η u`. Nesterov's looks one step of the velocity ahead:
/// `w ← w − η (g + μ u)`.
public struct MomentumStep: OptimizerStep {
  public let momentum: Double
  public let looksAhead: Bool
  private var u: [Double] = []

  public init(momentum: Double = 0.9, looksAhead: Bool = false) {
    self.momentum = momentum
    self.looksAhead = looksAhead
  }

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    if u.isEmpty { u = [Double](repeating: 0, count: g.count) }
    for i in w.indices {
      u[i] = momentum * u[i] + g[i]
      w[i] -= learningRate * (looksAhead ? g[i] + momentum * u[i] : u[i])
    }
  }
}

/// RMSProp: the running mean of the squared gradient, `v ← α v + (1 − α) g²`, and `w ← w − η g / (√v + ε)`.
public struct RMSPropStep: OptimizerStep {
  public let smoothing: Double
  public let epsilon: Double
  private var v: [Double] = []

  public init(smoothing: Double = 0.99, epsilon: Double = 1e-8) {
    self.smoothing = smoothing
    self.epsilon = epsilon
  }

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    if v.isEmpty { v = [Double](repeating: 0, count: g.count) }
    for i in w.indices {
      v[i] = smoothing * v[i] + (1 - smoothing) * g[i] * g[i]
      w[i] -= learningRate * g[i] / (v[i].squareRoot() + epsilon)
    }
  }
}

/// Adam: running means of the gradient and of its square, freed of their beginning at 0; with a decay, AdamW, whose
/// weights also shrink by themselves.
///
///     m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
///     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
///     w ← w − η λ w − η m̂ / (√v̂ + ε)
public struct AdamStep: OptimizerStep {
  public let betas: (Double, Double)
  public let epsilon: Double
  /// `λ`
  public let decay: Double
  private var m: [Double] = []
  private var v: [Double] = []
  /// `β₁ᵗ` and `β₂ᵗ`
  private var powers = (1.0, 1.0)

  public init(betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, decay: Double = 0) {
    self.betas = betas
    self.epsilon = epsilon
    self.decay = decay
  }

  public mutating func step(_ w: inout [Double], _ g: [Double], learningRate: Double) {
    if m.isEmpty {
      m = [Double](repeating: 0, count: g.count)
      v = m
    }
    powers = (powers.0 * betas.0, powers.1 * betas.1)
    for i in w.indices {
      m[i] = betas.0 * m[i] + (1 - betas.0) * g[i]
      v[i] = betas.1 * v[i] + (1 - betas.1) * g[i] * g[i]
      let (mean, square) = (m[i] / (1 - powers.0), v[i] / (1 - powers.1))
      w[i] -= learningRate * (decay * w[i] + mean / (square.squareRoot() + epsilon))
    }
  }
}
