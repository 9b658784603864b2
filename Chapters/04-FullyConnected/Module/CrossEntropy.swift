/// The softmax of each row: probabilities from scores.
///
///     yₙ꜀ = exp(xₙ꜀ − mₙ) / Σₖ exp(xₙₖ − mₙ),        mₙ the largest score of the row
///
/// Without the `mₙ`, which cancels, the powers of large scores would be infinite.
///
/// - Parameter x: The scores, `[N, C]`, called logits.
/// - Returns: `[N, C]`; every row sums to 1.
/// - PyTorch: `torch.softmax(x, dim=1)`.
/// - Book: section 4.3.
@inlinable
public func softmax<Scalar: Real>(_ x: Matrix<Scalar>) -> Matrix<Scalar> {
  var y = x
  for n in 0..<x.rows {
    let largest = largestScore(x, row: n)
    var sum: Scalar = 0
    for c in 0..<x.columns {
      y[n, c] = Scalar.exp(x[n, c] - largest)
      sum += y[n, c]
    }
    for c in 0..<x.columns { y[n, c] /= sum }
  }
  return y
}

/// The mean cross-entropy of logits and the right classes.
///
///     L = (1/N) Σₙ (ln Σₖ exp xₙₖ − xₙₜ),        t the right class of example n
///
/// - Parameters:
///   - x: The logits, `[N, C]`.
///   - t: The right classes, `N` of them. Traps when there are more or fewer.
/// - PyTorch: `torch.nn.functional.cross_entropy(x, t)`.
/// - Book: section 4.3.
@inlinable
public func crossEntropy<Scalar: Real>(_ x: Matrix<Scalar>, _ t: [Int]) -> Scalar {
  requireOneTargetARow(x, t)
  return t.indices.reduce(0) { $0 + (logSumExp(x, row: $1) - x[$1, t[$1]]) } / Scalar(x.rows)
}

/// The gradient of the mean cross-entropy: what was said, less what would have been right.
///
///     dxₙ꜀ = (yₙ꜀ − δₙ꜀) / N,        y = softmax(x);  δₙ꜀ = 1 where c = tₙ, else 0
///
/// - Parameters:
///   - x: The logits, `[N, C]`.
///   - t: The right classes, `N` of them. Traps when there are more or fewer.
/// - Returns: `[N, C]`; every row sums to 0.
/// - PyTorch: what autograd does at `cross_entropy`.
/// - Book: section 4.4.
@inlinable
public func crossEntropyGradient<Scalar: Real>(_ x: Matrix<Scalar>, _ t: [Int]) -> Matrix<Scalar> {
  requireOneTargetARow(x, t)
  var dx = softmax(x)
  for n in 0..<x.rows { dx[n, t[n]] -= 1 }
  for i in dx.scalars.indices { dx.scalars[i] /= Scalar(x.rows) }
  return dx
}

/// `ln Σₖ exp xₙₖ = mₙ + ln Σₖ exp(xₙₖ − mₙ)`, for scores of any size.
@inlinable
func logSumExp<Scalar: Real>(_ x: Matrix<Scalar>, row n: Int) -> Scalar {
  let largest = largestScore(x, row: n)
  return largest + Scalar.log((0..<x.columns).reduce(0) { $0 + Scalar.exp(x[n, $1] - largest) })
}

@inlinable
func largestScore<Scalar: Real>(_ x: Matrix<Scalar>, row n: Int) -> Scalar {
  (0..<x.columns).reduce(-.infinity) { max($0, x[n, $1]) }
}

@inlinable
func requireOneTargetARow<Scalar: Real>(_ x: Matrix<Scalar>, _ t: [Int]) {
  if t.count != x.rows || t.contains(where: { $0 < 0 || $0 >= x.columns }) {
    fatalError(
      "crossEntropy: logits [\(x.rows), \(x.columns)] and \(t.count) classes, from \(t.min() ?? 0) to \(t.max() ?? 0)"
    )
  }
}
