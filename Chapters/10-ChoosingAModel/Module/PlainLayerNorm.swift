/// What layer norm has learned: a factor and a shift for each number of a step.
///
/// - Book: section 10.6.
public struct NormWeights<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// `w` and `b`, `D` numbers each.
  public var weight, bias: [Scalar]

  public init(weight: [Scalar], bias: [Scalar]) { (self.weight, self.bias) = (weight, bias) }
}

/// Layer norm at work on one sequence, with all that was computed on the way.
///
/// - Book: section 10.6.
public struct NormStep<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// Each step with mean 0 and variance 1, `[T, D]`.
  public let normalized: [[Scalar]]
  /// `1 / √(σ² + ε)` of each step.
  public let inverseDeviation: [Scalar]
  /// `[T, D]`
  public let output: [[Scalar]]
}

/// Brings the numbers of each step to mean 0 and variance 1, then scales and shifts them.
///
///     μ = mean of x     σ² = mean of (x − μ)²     x̂ = (x − μ) / √(σ² + ε)     y = x̂ ⊙ w + b
///
/// Each step by itself: neither the other steps nor the other sequences of the batch have a part in it.
///
/// - Parameter x: `[T, D]`
/// - PyTorch: `torch.nn.LayerNorm(D, eps)`.
/// - Source: Ba, Kiros, Hinton, "Layer normalization", arXiv 1607.06450.
/// - Book: section 10.6.
public func plainLayerNorm<Scalar: BinaryFloatingPoint & Sendable>(
  _ x: [[Scalar]], _ w: NormWeights<Scalar>, epsilon: Scalar = 1e-5
) -> NormStep<Scalar> {
  var (normalized, inverses) = ([[Scalar]](), [Scalar]())
  for step in x {
    if step.count != w.weight.count {
      fatalError("plainLayerNorm: steps of \(step.count) numbers for a norm of \(w.weight.count)")
    }
    let mean = step.reduce(0, +) / Scalar(step.count)
    let variance = step.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Scalar(step.count)
    let inverse = 1 / (variance + epsilon).squareRoot()
    normalized.append(step.map { ($0 - mean) * inverse })
    inverses.append(inverse)
  }
  let output = normalized.map { step in step.indices.map { step[$0] * w.weight[$0] + w.bias[$0] } }
  return NormStep(normalized: normalized, inverseDeviation: inverses, output: output)
}

/// The way back through layer norm.
///
///     dx̂ = dy ⊙ w
///     dx = (dx̂ − mean of dx̂ − x̂ · mean of (dx̂ ⊙ x̂)) / √(σ² + ε)
///     dw += dy ⊙ x̂      db += dy
///
/// The two means are there because `x` also moves `μ` and `σ`.
///
/// - Parameters:
///   - dy: `[T, D]`
///   - gradients: To these the weights' gradients are added.
/// - Returns: The gradient of `x`, `[T, D]`.
/// - Book: section 10.6.
public func plainLayerNormBackward<Scalar: BinaryFloatingPoint & Sendable>(
  dy: [[Scalar]], _ step: NormStep<Scalar>, _ w: NormWeights<Scalar>,
  addingTo gradients: inout NormWeights<Scalar>
) -> [[Scalar]] {
  dy.indices.map { t in
    let normalized = step.normalized[t]
    let count = Scalar(normalized.count)
    for d in normalized.indices {
      gradients.weight[d] += dy[t][d] * normalized[d]
      gradients.bias[d] += dy[t][d]
    }
    let inner = normalized.indices.map { dy[t][$0] * w.weight[$0] }
    let mean = inner.reduce(0, +) / count
    let along = dot(inner, normalized) / count
    return normalized.indices.map { (inner[$0] - mean - normalized[$0] * along) * step.inverseDeviation[t] }
  }
}
