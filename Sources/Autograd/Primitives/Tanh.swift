import Tensors

/// The hyperbolic tangent, an S-shaped curve from −1 to 1.
///
///     backward:  dx = dy (1 − y²)
///
/// - PyTorch: `torch.tanh`.
/// - Book: chapter 4.
public func tanh(_ x: Variable) -> Variable {
  let y = x.value.tanh()
  return Variable(y, op: "tanh", cost: .perResult(), inputs: [x]) { dy in [Tensor.tanhBackward(dy: dy, y: y)]
  }
}
