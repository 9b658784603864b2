import Tensors

extension Variable {
  /// The given places along `axis`, in the given order, repeats allowed.
  ///
  ///     backward:  dx = at each place the sum of dy where it was taken
  ///
  /// - PyTorch: `x.index_select(axis, indices)`.
  public func selecting(_ indices: [Int], axis: Int) -> Variable {
    let old = shape
    return Variable(value.selecting(indices, axis: axis), op: "selecting", cost: .free, inputs: [self]) {
      dy in
      [Tensor.zeros(old).adding(dy, at: indices, axis: axis)]
    }
  }

  /// One number for each place of `indices`: the one that lies there along `axis`, and at the same place otherwise.
  ///
  ///     y[i][j] = x[i][ indices[i][j] ]      for axis 1
  ///     backward:  dx = at each place the sum of dy where it was taken
  ///
  /// - Returns: Of the shape of `indices`.
  /// - PyTorch: `x.gather(axis, indices)`.
  public func gathered(_ indices: IntTensor, axis: Int) -> Variable {
    let old = shape
    return Variable(value.gathered(indices, axis: axis), op: "gathered", cost: .free, inputs: [self]) { dy in
      [Tensor.zeros(old).scatterAdding(dy, at: indices, axis: axis)]
    }
  }
}
