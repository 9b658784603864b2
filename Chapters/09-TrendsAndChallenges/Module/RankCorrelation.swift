/// How alike two maps order their places: Spearman's rank correlation.
///
///     ρ = Σ (rᵢ − r̄)(sᵢ − s̄) / √(Σ (rᵢ − r̄)² · Σ (sᵢ − s̄)²),     r, s the ranks of a and b
///
/// Equal numbers share the mean of their ranks. 1 where the order is the same, −1 where it is turned round, about 0 where
/// the two have nothing to do with each other.
///
/// - Parameters:
///   - a: At least one number.
///   - b: As many.
/// - Returns: From −1 to 1; 0 where one of the two is the same everywhere and orders nothing.
/// - PyTorch: none; `scipy.stats.spearmanr(a, b)`, which gives NaN there.
/// - Source: Spearman, "The proof and measurement of association between two things", 1904.
/// - Book: section 9.5.
public func rankCorrelation<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Double {
  if a.count != b.count || a.isEmpty { fatalError("rankCorrelation: \(a.count) and \(b.count) numbers") }
  let (r, s) = (ranks(of: a), ranks(of: b))
  let mean = Double(a.count - 1) / 2
  var (rr, ss, rs) = (0.0, 0.0, 0.0)
  for (x, y) in zip(r, s) {
    rr += (x - mean) * (x - mean)
    ss += (y - mean) * (y - mean)
    rs += (x - mean) * (y - mean)
  }
  return rr > 0 && ss > 0 ? rs / (rr * ss).squareRoot() : 0
}

/// The rank of each number, from 0; equal ones share the mean of theirs.
func ranks<Scalar: BinaryFloatingPoint>(of x: [Scalar]) -> [Double] {
  let order = x.indices.sorted { x[$0] < x[$1] }
  var ranks = [Double](repeating: 0, count: x.count)
  var first = 0
  while first < order.count {
    var end = first + 1
    while end < order.count, x[order[end]] == x[order[first]] { end += 1 }
    for place in first..<end { ranks[order[place]] = Double(first + end - 1) / 2 }
    first = end
  }
  return ranks
}
