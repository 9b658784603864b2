import Foundation

extension PrivacyAccountant {
  /// `log A` for an order between two whole numbers.
  ///
  /// The expectation is split where the two densities are equal, at z₀, and each half is a series in binomial
  /// coefficients that alternate in sign from i = α on:
  ///
  ///     A = Σᵢ C(α, i) [ q^i (1−q)^(α−i) e^((i²−i)/2σ²) ½ erfc((i − z₀)/(√2 σ))
  ///                    + q^j (1−q)^i     e^((j²−j)/2σ²) ½ erfc((z₀ − j)/(√2 σ)) ],    j = α − i
  ///     z₀ = σ² log(1/q − 1) + ½
  ///
  /// - Source: Mironov, Talwar, Zhang 2019, section 3.3; Opacus' `_compute_log_a_for_frac_alpha`, which keeps the signs
  ///   too.
  func logMomentBetween(_ order: Double) -> Double {
    let middle = noise * noise * log(1 / rate - 1) + 0.5
    let root = 2.0.squareRoot() * noise
    // Positive and negative terms apart: their sums are subtracted once, at the end.
    var (positive, negative): ([Double], [Double]) = ([], [])
    var (coefficient, sign) = (0.0, 1.0)
    for step in 0..<10_000 {
      let (i, j) = (Double(step), order - Double(step))
      let first =
        coefficient + i * log(rate) + j * log1p(-rate) + (i * i - i) / (2 * noise * noise)
        + logHalfErfc((i - middle) / root)
      let second =
        coefficient + j * log(rate) + i * log1p(-rate) + (j * j - j) / (2 * noise * noise)
        + logHalfErfc((middle - j) / root)
      if sign > 0 { positive += [first, second] } else { negative += [first, second] }
      if step > Int(order), max(first, second) < -35 { break }
      // C(α, i + 1) = C(α, i) (α − i)/(i + 1)
      coefficient += log(abs(j)) - log(i + 1)
      if j < 0 { sign = -sign }
    }
    let (plus, minus) = (logSum(positive), logSum(negative))
    return plus + log1p(-exp(minus - plus))
  }

  /// `log(½ erfc x)`, also where `erfc` itself is too small for a number.
  private func logHalfErfc(_ x: Double) -> Double {
    if x < 20 { return log(0.5 * erfc(x)) }
    let square = x * x
    // The beginning of its asymptotic series; the next term is below 10⁻⁷ here.
    return -square - log(2 * x * Double.pi.squareRoot()) - 1 / (2 * square) + 5 / (8 * square * square)
  }
}
