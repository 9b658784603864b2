import Tensors

/// The natural logarithm, `y = log x`; −∞ at 0, NaN below.
///
///     backward:  dx = dy / x
///
/// - PyTorch: `torch.log`.
public func log(_ x: Variable) -> Variable {
  let value = x.value
  return Variable(value.log(), op: "log", cost: .perResult(), inputs: [x]) { dy in [dy / value] }
}
