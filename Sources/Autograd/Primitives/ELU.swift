import Tensors

/// The exponential linear unit: `y = x` for positive `x`, else `α (exp(x) − 1)`.
///
///     backward:  dx = dy where x > 0, else dy · α exp(x)
///
/// - PyTorch: `torch.nn.functional.elu(x, alpha)`.
/// - Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units
///   (ELUs)", ICLR 2016.
/// - Book: chapter 4.
public func elu(_ x: Variable, alpha: Float = 1) -> Variable {
  let value = x.value
  return Variable(value.elu(alpha: alpha), op: "elu", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.eluBackward(dy: dy, x: value, alpha: alpha)]
  }
}
