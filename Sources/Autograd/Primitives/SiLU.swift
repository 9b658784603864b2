import Tensors

/// The sigmoid linear unit, `y = x · σ(x)`, also called swish.
///
///     backward:  dx = dy · σ(x) (1 + x (1 − σ(x)))
///
/// - PyTorch: `torch.nn.functional.silu`.
/// - Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units for neural network function approximation in
///   reinforcement learning", Neural Networks 107, 2018.
/// - Book: chapter 4.
public func silu(_ x: Variable) -> Variable {
  let value = x.value
  return Variable(value.silu(), op: "silu", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.siluBackward(dy: dy, x: value)]
  }
}
