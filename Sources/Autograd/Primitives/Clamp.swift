import Tensors

/// `x`, no smaller and no larger than `limits` allow.
///
///     backward:  dx = dy where x lies between the limits, else 0
///
/// - PyTorch: `torch.clamp`; the gradient at a limit itself and at NaN is 0 there too (since 2.15; before, dy at a limit).
public func clamp(_ x: Variable, to limits: ClosedRange<Float>) -> Variable {
  let value = x.value
  return Variable(value.clamped(to: limits), op: "clamp", cost: .perResult(), inputs: [x]) { dy in
    let isInside = (value .> limits.lowerBound) .& (value .< limits.upperBound)
    return [Tensor.zeros(dy.shape).replacing(with: dy, where: isInside)]
  }
}
