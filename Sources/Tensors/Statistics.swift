// Spread, running sums, and reductions over several axes at once.

extension Tensor {
  /// The mean square distance from the mean, `Σ (x − x̄)² / (n − correction)`.
  ///
  /// - Parameter correction: 1 for the estimate from a sample, 0 for the numbers themselves.
  /// - PyTorch: `x.var(correction)`.
  public func variance(correction: Int = 1) -> Float {
    let center = withPointer { x in (0..<count).reduce(0.0) { $0 + Double(x[$1]) } } / Double(count)
    let squares = withPointer { x in
      (0..<count).reduce(0.0) { $0 + (Double(x[$1]) - center) * (Double(x[$1]) - center) }
    }
    return Float(squares / Double(Swift.max(count - correction, 0)))
  }

  /// The variance along `axis`.
  ///
  /// - PyTorch: `x.var(dim, correction, keepdim)`.
  public func variance(axis: Int, correction: Int = 1, keepingAxis keep: Bool = false) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "variance")
    let centered = self - mean(axis: axis, keepingAxis: true)
    let degrees = Float(Swift.max(split(at: axis).size - correction, 0))
    return (centered * centered).sum(axis: axis, keepingAxis: keep) / degrees
  }

  /// The root of the variance.
  ///
  /// - PyTorch: `x.std(correction)`.
  public func standardDeviation(correction: Int = 1) -> Float {
    variance(correction: correction).squareRoot()
  }

  /// The root of the variance along `axis`.
  ///
  /// - PyTorch: `x.std(dim, correction, keepdim)`.
  public func standardDeviation(axis: Int, correction: Int = 1, keepingAxis keep: Bool = false) -> Tensor {
    variance(axis: axis, correction: correction, keepingAxis: keep).squareRoot()
  }

  /// The sum over several axes.
  ///
  /// - PyTorch: `x.sum(dims, keepdim)`.
  public func sum(axes: [Int], keepingAxes keep: Bool = false) -> Tensor {
    let resolved = Set(axes.map { resolve(axis: $0, rank: rank, "sum") })
    var y = self
    for axis in resolved.sorted(by: >) { y = y.sum(axis: axis, keepingAxis: keep) }
    return y
  }

  /// The mean over several axes.
  ///
  /// - PyTorch: `x.mean(dims, keepdim)`.
  public func mean(axes: [Int], keepingAxes keep: Bool = false) -> Tensor {
    let resolved = Set(axes.map { resolve(axis: $0, rank: rank, "mean") })
    return sum(axes: axes, keepingAxes: keep) * (1 / Float(resolved.reduce(1) { $0 * split(at: $1).size }))
  }

  /// At each place, the sum of the numbers up to it along `axis`.
  ///
  /// - PyTorch: `x.cumsum(dim)`.
  public func cumulativeSum(axis: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "cumulativeSum")
    if rank == 0 { return self }
    let (outer, size, inner) = split(at: axis)
    var y = self
    // In double precision: in single, the sum of 20 million ones stays at 2²⁴.
    var totals = [Double](repeating: 0, count: inner)
    y.withMutablePointer { y in
      totals.withUnsafeMutableBufferPointer { totals in
        for o in 0..<outer {
          for i in 0..<inner { totals[i] = 0 }
          for s in 0..<size {
            let row = y + (o * size + s) * inner
            for i in 0..<inner {
              totals[i] += Double(row[i])
              row[i] = Float(totals[i])
            }
          }
        }
      }
    }
    return y
  }

  /// Each number to the power of `exponent`.
  ///
  /// - PyTorch: `x.pow(exponent)`.
  public func power(_ exponent: Float) -> Tensor {
    switch exponent {
    case 0: return Tensor.ones(shape)
    case 1: return self
    case 2: return apply { $0 * $0 }
    case 3: return apply { $0 * $0 * $0 }
    case 0.5: return squareRoot()
    case -0.5: return apply { 1 / $0.squareRoot() }
    case -1: return apply { 1 / $0 }
    default: return apply { powerOf($0, exponent) }
    }
  }

  /// Each number, no smaller and no larger than `limits` allow.
  ///
  /// - PyTorch: `x.clamp(min, max)`.
  public func clamped(to limits: ClosedRange<Float>) -> Tensor {
    let (low, high) = (limits.lowerBound, limits.upperBound)
    return apply { $0 < low ? low : ($0 > high ? high : $0) }
  }
}
