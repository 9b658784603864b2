import Tensors

extension Variable {
  /// The axes in another order: axis `i` of the result is axis `axes[i]` here.
  ///
  ///     backward:  dx = dy with the axes put back
  ///
  /// - PyTorch: `x.permute(axes)`.
  public func permuted(_ axes: [Int]) -> Variable {
    let y = value.permuted(axes)
    var back = [Int](repeating: 0, count: rank)
    for (i, axis) in axes.enumerated() { back[axis < 0 ? axis + rank : axis] = i }
    return Variable(y, op: "permuted", cost: .free, inputs: [self]) { dy in [dy.permuted(back)] }
  }

  /// Two axes exchanged.
  ///
  ///     backward:  dx = dy with the same two exchanged
  ///
  /// - PyTorch: `x.transpose(a, b)`.
  public func transposed(_ a: Int = -2, _ b: Int = -1) -> Variable {
    Variable(value.transposed(a, b), op: "transposed", cost: .free, inputs: [self]) { dy in
      [dy.transposed(a, b)]
    }
  }
}
