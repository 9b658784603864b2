import Autograd
import Tensors

// The functions between layers, as layers, so that they can stand in a `Sequential`. Each calls the op of its name.

/// The rectifier, `max(x, 0)`; shape `[…]` → `[…]`. PyTorch: `torch.nn.ReLU`.
public final class ReLU: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { relu(x) }
}

/// The rectifier with a small slope below 0; shape `[…]` → `[…]`. PyTorch: `torch.nn.LeakyReLU`.
public final class LeakyReLU: Module, Layer {
  /// The slope below 0; PyTorch's `negative_slope`.
  public let slope: Float

  /// - Parameter slope: The slope below 0. PyTorch: `negative_slope`, the same default.
  public init(slope: Float = 0.01) {
    self.slope = slope
  }

  public func callAsFunction(_ x: Variable) -> Variable { leakyReLU(x, slope: slope) }
}

/// The exponential linear unit; shape `[…]` → `[…]`. PyTorch: `torch.nn.ELU`.
public final class ELU: Module, Layer {
  /// How far below 0 the curve goes: it tends to `−α`.
  public let alpha: Float

  /// - Parameter alpha: `α`: the curve tends to `−α` on the left. PyTorch: `alpha`, the same default.
  public init(alpha: Float = 1) {
    self.alpha = alpha
  }

  public func callAsFunction(_ x: Variable) -> Variable { elu(x, alpha: alpha) }
}

/// The Gaussian error linear unit; shape `[…]` → `[…]`. PyTorch: `torch.nn.GELU`.
public final class GELU: Module, Layer {
  /// Whether the normal distribution is approximated by a hyperbolic tangent.
  public let tanhApproximation: Bool

  /// - Parameter tanhApproximation: Whether to use the approximation by a hyperbolic tangent, as GPT-2's weights
  ///   expect. PyTorch: `approximate='tanh'`.
  public init(tanhApproximation: Bool = false) {
    self.tanhApproximation = tanhApproximation
  }

  public func callAsFunction(_ x: Variable) -> Variable { gelu(x, tanhApproximation: tanhApproximation) }
}

/// The sigmoid linear unit, `x · σ(x)`; shape `[…]` → `[…]`. PyTorch: `torch.nn.SiLU`.
public final class SiLU: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { silu(x) }
}

/// The smooth rectifier; shape `[…]` → `[…]`. PyTorch: `torch.nn.Softplus`.
public final class Softplus: Module, Layer {
  /// How sharp the bend at 0 is.
  public let beta: Float
  /// Where `βx` exceeds this, the result is `x` itself.
  public let threshold: Float

  /// - Parameters:
  ///   - beta: How sharp the bend at 0 is: with a large β the curve is nearly ReLU's.
  ///   - threshold: Where `βx` exceeds this, the result is `x` itself. PyTorch: the same names and defaults.
  public init(beta: Float = 1, threshold: Float = 20) {
    self.beta = beta
    self.threshold = threshold
  }

  public func callAsFunction(_ x: Variable) -> Variable { softplus(x, beta: beta, threshold: threshold) }
}

/// The logistic function; shape `[…]` → `[…]`. PyTorch: `torch.nn.Sigmoid`.
public final class Sigmoid: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { sigmoid(x) }
}

/// The hyperbolic tangent; shape `[…]` → `[…]`. PyTorch: `torch.nn.Tanh`.
public final class Tanh: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { tanh(x) }
}

/// The softmax along an axis; shape `[…]` → `[…]`. PyTorch: `torch.nn.Softmax(axis)`.
public final class Softmax: Module, Layer {
  /// Along which the results sum to 1.
  public let axis: Int

  /// - Parameter axis: Along which the results sum to 1; negative axes count from the end. PyTorch: `dim`, which has
  ///   to be given there.
  public init(axis: Int = -1) {
    self.axis = axis
  }

  public func callAsFunction(_ x: Variable) -> Variable { softmax(x, axis: axis) }
}

/// The logarithm of the softmax along an axis; shape `[…]` → `[…]`. PyTorch: `torch.nn.LogSoftmax(axis)`.
public final class LogSoftmax: Module, Layer {
  /// Along which the probabilities sum to 1.
  public let axis: Int

  /// - Parameter axis: Along which the probabilities sum to 1; negative axes count from the end. PyTorch: `dim`.
  public init(axis: Int = -1) {
    self.axis = axis
  }

  public func callAsFunction(_ x: Variable) -> Variable { logSoftmax(x, axis: axis) }
}
