/// Integrated gradients, as the equation has it: the slope, averaged on the straight way from a baseline to the input, times
/// the way.
///
///     aᵢ = (xᵢ − x′ᵢ) · (1/n) Σ_s ∂F_c / ∂xᵢ at x′ + (s + ½)/n · (x − x′),     s = 0 … n − 1
///
/// - Parameters:
///   - baseline: `x′`, as many numbers as `x`.
///   - steps: `n`, at least 1: the middles of equal parts.
/// - Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017.
/// - Book: section 9.3.
public func integratedGradients<Scalar: BinaryFloatingPoint>(
  at x: [Scalar], from baseline: [Scalar], steps: Int, gradient: ScoreGradient<Scalar>
) -> [Scalar] {
  if x.count != baseline.count {
    fatalError("integratedGradients: \(x.count) numbers and a baseline of \(baseline.count)")
  }
  if steps < 1 { fatalError("integratedGradients: at least 1 step is needed, given \(steps)") }
  var sum = [Scalar](repeating: 0, count: x.count)
  for step in 0..<steps {
    let share = (Scalar(step) + 0.5) / Scalar(steps)
    let slope = gradient(zip(baseline, x).map { $0 + share * ($1 - $0) })
    for i in sum.indices { sum[i] += slope[i] }
  }
  return x.indices.map { (x[$0] - baseline[$0]) * sum[$0] / Scalar(steps) }
}

/// What is missing for completeness: by how much the attributions' sum differs from the rise of the score.
///
///     gap = Σ aᵢ − (F_c(x) − F_c(x′))
///
/// - Book: section 9.3.
public func completenessGap<Scalar: BinaryFloatingPoint>(
  _ attributions: [Scalar], score: Scalar, baselineScore: Scalar
) -> Scalar {
  attributions.reduce(0, +) - (score - baselineScore)
}
