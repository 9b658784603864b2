import Tensors

/// `x`, no smaller and no larger than `limits` allow.
///
///     backward:  dx = dy where x lies within the limits, else 0
///
/// - PyTorch: `torch.clamp`; the gradient at a limit itself is dy there too.
public func clamp(_ x: Variable, to limits: ClosedRange<Float>) -> Variable {
  let value = x.value
  return Variable(value.clamped(to: limits), op: "clamp", inputs: [x]) { dy in
    [dy.replacing(with: 0, where: (value .< limits.lowerBound) .| (value .> limits.upperBound))]
  }
}
