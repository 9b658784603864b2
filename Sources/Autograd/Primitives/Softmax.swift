import Tensors

/// The softmax along an axis, `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`: scores become probabilities.
///
///     backward:  dxᵢ = yᵢ (dyᵢ − Σⱼ dyⱼ yⱼ)
///
/// - Parameters:
///   - x: Scores, of any shape; the result has the same.
///   - axis: Along which the results sum to 1.
/// - PyTorch: `torch.softmax(x, axis)`.
/// - Book: chapter 4.
public func softmax(_ x: Variable, axis: Int = -1) -> Variable {
  let y = x.value.softmax(axis: axis)
  return Variable(y, op: "softmax", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.softmaxBackward(dy: dy, y: y, axis: axis)]
  }
}

/// The logarithm of the softmax along an axis, `yᵢ = xᵢ − log Σⱼ exp(xⱼ)`, exact where the softmax itself would
/// round to 0.
///
///     backward:  dxᵢ = dyᵢ − exp(yᵢ) Σⱼ dyⱼ
///
/// - PyTorch: `torch.log_softmax(x, axis)`.
/// - Book: chapter 4.
public func logSoftmax(_ x: Variable, axis: Int = -1) -> Variable {
  let y = x.value.logSoftmax(axis: axis)
  return Variable(y, op: "logSoftmax", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.logSoftmaxBackward(dy: dy, y: y, axis: axis)]
  }
}
