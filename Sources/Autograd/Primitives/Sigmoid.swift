import Tensors

/// The logistic function, `y = 1 / (1 + exp(−x))`, an S-shaped curve from 0 to 1.
///
///     backward:  dx = dy · y (1 − y)
///
/// - PyTorch: `torch.sigmoid`.
/// - Book: chapter 4.
public func sigmoid(_ x: Variable) -> Variable {
  let y = x.value.sigmoid()
  return Variable(y, op: "sigmoid", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.sigmoidBackward(dy: dy, y: y)]
  }
}
