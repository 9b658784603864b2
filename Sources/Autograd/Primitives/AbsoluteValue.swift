import Tensors

/// `y = |x|`
///
///     backward:  dx = dy · sign x, and 0 at 0
///
/// - PyTorch: `torch.abs`.
public func abs(_ x: Variable) -> Variable {
  let value = x.value
  return Variable(value.absolute(), op: "abs", cost: .perResult(), inputs: [x]) { dy in
    [dy * value.map { $0 > 0 ? 1 : ($0 < 0 ? -1 : 0) }]
  }
}
