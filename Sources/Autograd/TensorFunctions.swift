import Tensors

// The functions of single numbers and of rows, for tensors: the same names as for variables, so that one name means one
// thing whatever it is given. The formulas and their sources stand with the ops of the same name.

/// `y = |x|`, without history.
///
/// - PyTorch: `torch.abs`.
public func abs(_ x: Tensor) -> Tensor { x.absolute() }

/// `y = exp(x)`, without history.
///
/// - PyTorch: `torch.exp`.
public func exp(_ x: Tensor) -> Tensor { x.exp() }

/// The natural logarithm, without history; −∞ at 0, NaN below.
///
/// - PyTorch: `torch.log`.
public func log(_ x: Tensor) -> Tensor { x.log() }

/// `y = √x`, without history; NaN below 0.
///
/// - PyTorch: `torch.sqrt`.
public func sqrt(_ x: Tensor) -> Tensor { x.squareRoot() }

/// `y = x^p`, without history.
///
/// - PyTorch: `torch.pow(x, p)` with a number `p`.
public func pow(_ x: Tensor, _ exponent: Float) -> Tensor { x.power(exponent) }

/// `x`, no smaller and no larger than `limits` allow, without history.
///
/// - PyTorch: `torch.clamp`.
public func clamp(_ x: Tensor, to limits: ClosedRange<Float>) -> Tensor { x.clamped(to: limits) }

/// The hyperbolic tangent, without history.
///
/// - PyTorch: `torch.tanh`.
public func tanh(_ x: Tensor) -> Tensor { x.tanh() }

/// The logistic function, `y = 1 / (1 + exp(−x))`, without history.
///
/// - PyTorch: `torch.sigmoid`.
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }

/// The error function, `y = 2/√π ∫₀ˣ exp(−t²) dt`, without history.
///
/// - PyTorch: `torch.erf`.
public func erf(_ x: Tensor) -> Tensor { x.erf() }

/// The rectifier, `y = max(x, 0)`, without history.
///
/// - PyTorch: `torch.relu`.
public func relu(_ x: Tensor) -> Tensor { x.relu() }

/// The rectifier with a small slope below 0, without history.
///
/// - PyTorch: `torch.nn.functional.leaky_relu(x, negative_slope)`.
public func leakyReLU(_ x: Tensor, slope: Float = 0.01) -> Tensor { x.leakyReLU(slope: slope) }

/// The exponential linear unit, without history.
///
/// - PyTorch: `torch.nn.functional.elu(x, alpha)`.
public func elu(_ x: Tensor, alpha: Float = 1) -> Tensor { x.elu(alpha: alpha) }

/// The Gaussian error linear unit, or its approximation by a hyperbolic tangent, without history.
///
/// - PyTorch: `torch.nn.functional.gelu(x, approximate='none' or 'tanh')`.
public func gelu(_ x: Tensor, tanhApproximation: Bool = false) -> Tensor {
  tanhApproximation ? x.geluTanh() : x.gelu()
}

/// The sigmoid linear unit, `y = x · σ(x)`, without history.
///
/// - PyTorch: `torch.nn.functional.silu`.
public func silu(_ x: Tensor) -> Tensor { x.silu() }

/// A smooth rectifier, `y = log(1 + exp(βx)) / β`, without history; `x` itself where `βx > threshold`.
///
/// - PyTorch: `torch.nn.functional.softplus(x, beta, threshold)`.
public func softplus(_ x: Tensor, beta: Float = 1, threshold: Float = 20) -> Tensor {
  x.softplus(beta: beta, threshold: threshold)
}

/// The softmax along an axis, without history: every row along it sums to 1.
///
/// - PyTorch: `torch.softmax(x, axis)`.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.softmax(axis: axis) }

/// The logarithm of the softmax along an axis, without history.
///
/// - PyTorch: `torch.log_softmax(x, axis)`.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.logSoftmax(axis: axis) }
