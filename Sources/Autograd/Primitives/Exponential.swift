import Tensors

/// `y = exp(x)`
///
///     backward:  dx = dy · y
///
/// - PyTorch: `torch.exp`.
public func exp(_ x: Variable) -> Variable {
  let y = x.value.exp()
  return Variable(y, op: "exp", cost: .perResult(), inputs: [x]) { dy in [dy * y] }
}
