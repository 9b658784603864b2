/// A gradient made no longer than `limit`; its direction stays.
///
///     g · min(1, C / |g|)
///
/// - Book: section 9.7.
public func clipped<Scalar: BinaryFloatingPoint>(_ gradient: [Scalar], to limit: Scalar) -> [Scalar] {
  if !(limit > 0) { fatalError("clipped: the limit must be above 0, given \(limit)") }
  let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return norm > limit ? gradient.map { $0 * (limit / norm) } : gradient
}

/// The gradient of a step of DP-SGD: every example's is clipped by itself, then they are added, then comes noise, and only
/// then the division.
///
///     g = (Σ_e clipped(g_e) + σ C z) / n
///
/// Clipping the mean instead would leave the share of a single example as large as it likes to be.
///
/// - Parameters:
///   - gradients: One for each example, all parameters as one row of numbers.
///   - limit: C
///   - noise: `σ C z`, as many numbers as a gradient has.
///   - size: n
/// - Source: Abadi et al., "Deep learning with differential privacy", CCS 2016, algorithm 1.
/// - Book: section 9.7.
public func privateGradient<Scalar: BinaryFloatingPoint>(
  of gradients: [[Scalar]], clippedTo limit: Scalar, noise: [Scalar], dividedBy size: Scalar
) -> [Scalar] {
  if let bad = gradients.first(where: { $0.count != noise.count }) {
    fatalError("privateGradient: a gradient of \(bad.count) numbers and noise of \(noise.count)")
  }
  var sum = noise
  for gradient in gradients {
    for (i, number) in clipped(gradient, to: limit).enumerated() { sum[i] += number }
  }
  return sum.map { $0 / size }
}
