import Tensors

extension Variable {
  /// The same numbers in another shape; one size may be -1.
  ///
  ///     backward:  dy in the old shape
  ///
  /// - PyTorch: `x.reshape(shape)`.
  public func reshaped(_ newShape: [Int]) -> Variable {
    let old = shape
    return Variable(value.reshaped(newShape), op: "reshaped", cost: .free, inputs: [self]) { dy in
      [dy.reshaped(old)]
    }
  }

  /// The same numbers with the axes from `axis` on merged into one: `[N, C, H, W]` from 1 is `[N, C·H·W]`.
  ///
  /// - PyTorch: `x.flatten(start_dim)`.
  public func flattened(from axis: Int = 0) -> Variable {
    let old = shape
    return Variable(value.flattened(from: axis), op: "flattened", cost: .free, inputs: [self]) { dy in
      [dy.reshaped(old)]
    }
  }
}
