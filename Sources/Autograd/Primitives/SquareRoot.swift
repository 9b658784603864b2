import Tensors

/// `y = √x`
///
///     backward:  dx = dy / 2y
///
/// - PyTorch: `torch.sqrt`; the gradient at 0 is infinite there too.
public func sqrt(_ x: Variable) -> Variable {
  let y = x.value.squareRoot()
  return Variable(y, op: "sqrt", cost: .perResult(), inputs: [x]) { dy in [dy / (2 * y)] }
}
