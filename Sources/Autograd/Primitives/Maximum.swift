import Tensors

extension Variable {
  /// The largest number along `axis`.
  ///
  ///     backward:  each dy goes to the place its maximum came from, the first among equals; elsewhere 0
  ///
  /// - PyTorch: `x.max(axis, keepdim).values`.
  public func maximum(axis: Int, keepingAxis keep: Bool = false) -> Variable {
    extreme(value.maximum(axis: axis, keepingAxis: true), axis: axis, keep: keep, "maximum")
  }

  /// The smallest number along `axis`.
  ///
  ///     backward:  each dy goes to the place its minimum came from, the first among equals; elsewhere 0
  ///
  /// - PyTorch: `x.min(axis, keepdim).values`.
  public func minimum(axis: Int, keepingAxis keep: Bool = false) -> Variable {
    extreme(value.minimum(axis: axis, keepingAxis: true), axis: axis, keep: keep, "minimum")
  }

  private func extreme(
    _ found: (values: Tensor, places: IntTensor), axis: Int, keep: Bool, _ op: String
  ) -> Variable {
    let (old, kept) = (shape, found.places.shape)
    var reduced = kept
    if !keep { reduced.remove(at: resolve(axis: axis, rank: rank, op)) }
    return Variable(found.values.reshaped(reduced), op: op, cost: .perInput(), inputs: [self]) { dy in
      [Tensor.zeros(old).scatterAdding(dy.reshaped(kept), at: found.places, axis: axis)]
    }
  }
}
