import Tensors

/// `y = x^p`
///
///     backward:  dx = dy · p · x^(p−1)
///
/// - PyTorch: `torch.pow(x, p)` with a number `p`.
public func pow(_ x: Variable, _ exponent: Float) -> Variable {
  let value = x.value
  return Variable(value.power(exponent), op: "pow", cost: .perResult(), inputs: [x]) { dy in
    exponent == 0 ? [Tensor.zeros(value.shape)] : [dy * value.power(exponent - 1) * exponent]
  }
}
