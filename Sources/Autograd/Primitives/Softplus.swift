import Tensors

/// A smooth rectifier, `y = log(1 + exp(βx)) / β`; `x` itself where `βx > threshold`.
///
///     backward:  dx = dy · σ(βx), and dy above the threshold
///
/// - PyTorch: `torch.nn.functional.softplus(x, beta, threshold)`.
/// - Book: chapter 4.
public func softplus(_ x: Variable, beta: Float = 1, threshold: Float = 20) -> Variable {
  let value = x.value
  return Variable(
    value.softplus(beta: beta, threshold: threshold), op: "softplus", cost: .perResult(), inputs: [x]
  ) { dy in
    [Tensor.softplusBackward(dy: dy, x: value, beta: beta, threshold: threshold)]
  }
}
