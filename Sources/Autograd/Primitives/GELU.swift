import Tensors

/// The Gaussian error linear unit, `y = x · Φ(x)` with the normal distribution `Φ(x) = (1 + erf(x/√2)) / 2`; or its
/// approximation `y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`.
///
///     backward:  dx = dy (Φ(x) + x φ(x)), with the normal density φ; of the approximation, its own derivative
///
/// - PyTorch: `torch.nn.functional.gelu(x, approximate='none' or 'tanh')`.
/// - Source: Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", arXiv 1606.08415.
/// - Book: chapter 10.
public func gelu(_ x: Variable, tanhApproximation: Bool = false) -> Variable {
  if !tanhApproximation, let linear = DeferredLinear.unread(x) {
    return Variable(deferred: linear.followed(by: .gelu), joining: x, given: [x])
  }
  let value = x.value
  if tanhApproximation {
    return Variable(value.geluTanh(), op: "gelu", cost: .perResult(), inputs: [x]) { dy in
      [Tensor.geluTanhBackward(dy: dy, x: value)]
    }
  }
  guard GradientRecording.isOn && x.requiresGradient else {
    return Variable(value.gelu(), op: "gelu", cost: .perResult(), inputs: [x]) { _ in [nil] }
  }
  let (y, slope) = value.geluWithSlope()
  return Variable(y, op: "gelu", cost: .perResult(), inputs: [x]) { dy in [dy * slope] }
}
