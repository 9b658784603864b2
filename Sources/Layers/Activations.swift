import Autograd
import Tensors

// The functions between layers, as layers, so that they can stand in a `Sequential`. Each calls the op of its name.

/// The rectifier, `max(x, 0)`; shape `[…]` → `[…]`. PyTorch: `torch.nn.ReLU`.
public final class ReLU: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { relu(x) }
}

/// The rectifier with a small slope below 0; shape `[…]` → `[…]`. PyTorch: `torch.nn.LeakyReLU`.
public final class LeakyReLU: Module, Layer {
  public let slope: Float

  public init(slope: Float = 0.01) {
    self.slope = slope
  }

  public func callAsFunction(_ x: Variable) -> Variable { leakyReLU(x, slope: slope) }
}

/// The exponential linear unit; shape `[…]` → `[…]`. PyTorch: `torch.nn.ELU`.
public final class ELU: Module, Layer {
  public let alpha: Float

  public init(alpha: Float = 1) {
    self.alpha = alpha
  }

  public func callAsFunction(_ x: Variable) -> Variable { elu(x, alpha: alpha) }
}

/// The Gaussian error linear unit; shape `[…]` → `[…]`. PyTorch: `torch.nn.GELU`.
public final class GELU: Module, Layer {
  public let tanhApproximation: Bool

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
  public let beta: Float
  public let threshold: Float

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
  public let axis: Int

  public init(axis: Int = -1) {
    self.axis = axis
  }

  public func callAsFunction(_ x: Variable) -> Variable { softmax(x, axis: axis) }
}

/// The logarithm of the softmax along an axis; shape `[…]` → `[…]`. PyTorch: `torch.nn.LogSoftmax(axis)`.
public final class LogSoftmax: Module, Layer {
  public let axis: Int

  public init(axis: Int = -1) {
    self.axis = axis
  }

  public func callAsFunction(_ x: Variable) -> Variable { logSoftmax(x, axis: axis) }
}
