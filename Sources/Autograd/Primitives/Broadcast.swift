import Tensors

extension Variable {
  /// The same numbers, repeated along axes of size 1 to fill `newShape`.
  ///
  ///     backward:  dx = dy, summed over the axes that were stretched
  ///
  /// Traps when the shape does not stretch to the new one.
  ///
  /// - PyTorch: `x.expand(newShape)`; copied here.
  public func broadcast(to newShape: [Int]) -> Variable {
    let old = shape
    return Variable(value.broadcast(to: newShape), op: "broadcast", cost: .free, inputs: [self]) { dy in
      [dy.summed(to: old)]
    }
  }
}
