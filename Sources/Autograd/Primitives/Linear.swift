import Tensors

/// The affine map `y = x Wᵀ + b`.
///
///     backward:  dx = dy W,  dW = dyᵀ x,  db = Σ dy over all rows
///
/// - Parameters:
///   - x: `[…, D]`
///   - weight: `[O, D]`
///   - bias: `[O]`
/// - Returns: `[…, O]`
/// - PyTorch: `torch.nn.functional.linear`.
/// - Book: chapter 4.
public func linear(_ x: Variable, _ weight: Variable, bias: Variable? = nil) -> Variable {
  let (xShape, wShape) = (x.shape, weight.shape)
  if wShape.count != 2 || xShape.isEmpty || xShape.last != wShape[1] {
    trap("linear: input \(xShape) does not fit weight \(wShape): […, D] and [O, D] are needed")
  }
  if let bias, bias.shape != [wShape[0]] {
    trap("linear: bias \(bias.shape) does not fit weight \(wShape): [\(wShape[0])] is needed")
  }
  let x2 = x.value.reshaped([-1, wShape[1]])
  let w = weight.value
  let y = affineProduct(x2, w, bias: bias?.value)
  let needs = (x.requiresGradient, weight.requiresGradient)
  return Variable(
    y.reshaped(xShape.dropLast() + [wShape[0]]), op: "linear",
    inputs: [x, weight] + (bias.map { [$0] } ?? [])
  ) { dy in
    let dy2 = dy.reshaped([-1, wShape[0]])
    let dx = needs.0 ? matmul(dy2, w).reshaped(xShape) : nil
    if bias == nil { return [dx, needs.1 ? matmul(dy2, x2, transposeA: true) : nil] }
    if !needs.1 { return [dx, nil, dy2.sum(axis: 0)] }
    let (dw, db) = affineGradients(dy: dy2, x: x2)
    return [dx, dw, db]
  }
}
