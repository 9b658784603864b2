import Tensors

extension Variable {
  /// The numbers with those where `mask` is true replaced by `number`.
  ///
  ///     backward:  dx = dy where the mask is false, else 0
  ///
  /// - PyTorch: `x.masked_fill(mask, number)`.
  public func replacing(with number: Float, where mask: MaskTensor) -> Variable {
    let old = shape
    return Variable(value.replacing(with: number, where: mask), op: "replacing", cost: .free, inputs: [self])
    { dy in
      [dy.replacing(with: 0, where: mask).summed(to: old)]
    }
  }

  /// The numbers with those where `mask` is true replaced by `other`'s; all three are stretched to one shape.
  ///
  ///     backward:  dx = dy where the mask is false, dother = dy where it is true, else 0
  ///
  /// - PyTorch: `torch.where(mask, other, x)`.
  public func replacing(with other: Variable, where mask: MaskTensor) -> Variable {
    let (old, oldOther) = (shape, other.shape)
    let y = value.replacing(with: other.value, where: mask)
    return Variable(y, op: "replacing", cost: .free, inputs: [self, other]) { dy in
      [
        dy.replacing(with: 0, where: mask).summed(to: old),
        dy.replacing(with: 0, where: .!mask).summed(to: oldOther),
      ]
    }
  }
}
