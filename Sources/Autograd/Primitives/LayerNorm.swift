import Tensors

/// Each example brought to mean 0 and variance 1 over its last axes, then scaled and shifted:
/// `y = (x − μ) / √(σ² + ε) · w + b`.
///
///     x̂ = (x − μ) / √(σ² + ε),  dx̂ = dy · w
///     backward:  dx = (dx̂ − mean dx̂ − x̂ · mean(dx̂ · x̂)) / √(σ² + ε),  dw = Σ dy · x̂,  db = Σ dy
///
/// - Parameters:
///   - x: `[…, normalizedShape…]`
///   - normalizedShape: The sizes of the last axes; means are taken over them.
///   - weight: Of shape `normalizedShape`; nil for 1.
///   - bias: Of shape `normalizedShape`; nil for 0.
///   - epsilon: `ε`, above 0: it keeps the division safe where a example has nearly the same number everywhere.
/// - PyTorch: `torch.nn.functional.layer_norm`.
/// - Source: Ba, Kiros, Hinton, "Layer normalization", arXiv 1607.06450.
/// - Book: chapter 10.
public func layerNorm(
  _ x: Variable, normalizedShape: [Int], weight: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5
) -> Variable {
  normalizeRows("layerNorm", x, normalizedShape, weight, bias, epsilon: epsilon, isCentered: true)
}

/// Each example brought to mean square 1 over its last axes, then scaled: `y = x / √(mean x² + ε) · w`.
///
///     x̂ = x / √(mean x² + ε),  dx̂ = dy · w
///     backward:  dx = (dx̂ − x̂ · mean(dx̂ · x̂)) / √(mean x² + ε),  dw = Σ dy · x̂
///
/// - Parameters:
///   - x: `[…, normalizedShape…]`
///   - normalizedShape: The sizes of the last axes; means are taken over them.
///   - weight: Of shape `normalizedShape`; nil for 1.
///   - epsilon: `ε`, above 0: it keeps the division safe where an example is nearly 0 everywhere.
/// - PyTorch: `torch.nn.functional.rms_norm`; `eps=None` there is 1.19e-7, the default here.
/// - Source: Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019.
/// - Book: chapter 10.
public func rmsNorm(
  _ x: Variable, normalizedShape: [Int], weight: Variable? = nil, epsilon: Float = .ulpOfOne
) -> Variable {
  normalizeRows("rmsNorm", x, normalizedShape, weight, nil, epsilon: epsilon, isCentered: false)
}

private func normalizeRows(
  _ op: String, _ x: Variable, _ normalizedShape: [Int], _ weight: Variable?, _ bias: Variable?,
  epsilon: Float,
  isCentered: Bool
) -> Variable {
  let shape = x.shape
  if normalizedShape.isEmpty || Array(shape.suffix(normalizedShape.count)) != normalizedShape {
    trap("\(op): input \(shape) does not end in \(normalizedShape)")
  }
  for (name, parameter) in [("weight", weight), ("bias", bias)] {
    if let parameter, parameter.shape != normalizedShape {
      trap("\(op): \(name) \(parameter.shape) where \(normalizedShape) is needed")
    }
  }
  let norm = RowNormalization(width: normalizedShape.reduce(1, *), epsilon: epsilon, isCentered: isCentered)
  let (xValue, w) = (x.value, weight?.value)
  let (y, mean, inverseDeviation) = norm.forward(xValue, scale: w, shift: bias?.value)
  let needs = (x.requiresGradient, weight?.requiresGradient ?? false, bias?.requiresGradient ?? false)
  let given = (weight != nil, bias != nil)
  let inputs = [x] + [weight, bias].compactMap { $0 }
  return Variable(y, op: op, cost: .perResult(), inputs: inputs) { dy in
    let (dx, dw, db) = norm.backward(
      dy: dy, x: xValue, scale: w, mean: mean, inverseDeviation: inverseDeviation, needsInput: needs.0,
      needsScale: needs.1, needsShift: needs.2)
    return [dx] + (given.0 ? [dw?.reshaped(normalizedShape)] : [])
      + (given.1 ? [db?.reshaped(normalizedShape)] : [])
  }
}
