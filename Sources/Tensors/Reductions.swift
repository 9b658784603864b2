// Sums, means and extremes along axes. Sums run in a fixed order, so they are the same bits every time.

extension Tensor {
  /// The product of the sizes before `axis`, its own, and after it; a single number counts as a row of one.
  package func split(at axis: Int) -> (outer: Int, size: Int, inner: Int) {
    if rank == 0 { return (1, 1, 1) }
    return (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }

  func removing(_ axis: Int, keep: Bool) -> [Int] {
    if rank == 0 { return [] }
    var reduced = shape
    if keep { reduced[axis] = 1 } else { reduced.remove(at: axis) }
    return reduced
  }

  /// The sum along `axis`.
  ///
  /// - PyTorch: `x.sum(dim, keepdim)`.
  public func sum(axis: Int, keepingAxis keep: Bool = false) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "sum")
    let (outer, size, inner) = split(at: axis)
    var y = Tensor(uninitialized: removing(axis, keep: keep))
    withPointer { x in
      y.withMutablePointer { y in
        if inner == 1 {
          for o in 0..<outer { y[o] = pairwiseSum(x + o * size, size) }
          return
        }
        for o in 0..<outer {
          addColumns(x + o * size * inner, rows: size, columns: inner, into: y + o * inner)
        }
      }
    }
    return y
  }

  /// The sum of all numbers.
  ///
  /// - PyTorch: `x.sum()`.
  public func sum() -> Float {
    withPointer { pairwiseSum($0, count) }
  }

  /// The mean of all numbers; NaN when there are none.
  ///
  /// - PyTorch: `x.mean()`.
  public func mean() -> Float { sum() / Float(count) }

  /// The mean along `axis`.
  ///
  /// - PyTorch: `x.mean(dim, keepdim)`.
  public func mean(axis: Int, keepingAxis keep: Bool = false) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "mean")
    return sum(axis: axis, keepingAxis: keep) * (1 / Float(split(at: axis).size))
  }

  /// The smallest and the largest number. Traps when there are none.
  public func extremes() -> (min: Float, max: Float) {
    if count == 0 { trap("extremes: the tensor is empty: \(shape)") }
    return withPointer { x in
      var (low, high) = (x[0], x[0])
      for i in 1..<max(count, 1) {
        low = Swift.min(low, x[i])
        high = Swift.max(high, x[i])
      }
      return (low, high)
    }
  }

  /// The place of the largest number along the last axis; among equals the first, and a NaN counts as largest.
  ///
  /// - PyTorch: `x.argmax(-1)`.
  public func argmax() -> IntTensor {
    guard let size = shape.last, size > 0 else { trap("argmax: nothing to choose from: \(shape)") }
    let rows = count / size
    let places = withPointer { x in
      (0..<rows).map { row in
        var best = 0
        for j in 1..<size {
          let (here, top) = (x[row * size + j], x[row * size + best])
          if here > top || (here.isNaN && !top.isNaN) { best = j }
        }
        return best
      }
    }
    return IntTensor(places, shape: Array(shape.dropLast()))
  }

  /// For `[N, C, …]`, the sum over everything but the channels: `[C]`.
  package func sumOverChannels() -> Tensor {
    let (channels, inner) = (shape[1], shape[2...].reduce(1, *))
    var y = Tensor.zeros([channels])
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: channels, grain: max(1, elementwiseGrain / max(1, shape[0] * inner))) {
          for c in $0 {
            for n in 0..<shape[0] { y[c] += pairwiseSum(x + (n * channels + c) * inner, inner) }
          }
        }
      }
    }
    return y
  }
}

/// The sum of `rows` rows of `columns` numbers each, on all threads. Cut by columns, each of which is summed from the
/// first row to the last.
func addColumns(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
) {
  let grain = rows * columns < elementwiseGrain ? columns : max(64, (columns + 7) / 8)
  Parallel.forEachRange(of: columns, grain: max(1, grain)) { range in
    addRows(
      x + range.lowerBound, rows: rows, apart: columns, width: range.count, into: y + range.lowerBound)
  }
}

/// The sum of `rows` rows of `width` numbers, `apart` from one to the next; four of them a pass, for then the sum is
/// read and written a quarter as often.
private func addRows(
  _ x: UnsafePointer<Float>, rows: Int, apart: Int, width: Int, into y: UnsafeMutablePointer<Float>
) {
  y.update(repeating: 0, count: width)
  var at = 0
  while at + 4 <= rows {
    let (a, b) = (x + at * apart, x + (at + 1) * apart)
    let (c, d) = (x + (at + 2) * apart, x + (at + 3) * apart)
    for i in 0..<width { y[i] = (((y[i] + a[i]) + b[i]) + c[i]) + d[i] }
    at += 4
  }
  while at < rows {
    let a = x + at * apart
    for i in 0..<width { y[i] += a[i] }
    at += 1
  }
}

/// A sum in blocks of 16 lanes, the blocks' sums added in halves: fast, and its error grows with the logarithm of
/// `count` instead of with `count`.
func pairwiseSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  if count <= 256 {
    var lanes = SIMD16<Float>.zero
    let whole = count / 16
    for block in 0..<whole {
      lanes += UnsafeRawPointer(x + block * 16).loadUnaligned(as: SIMD16<Float>.self)
    }
    var total = lanes.sum()
    for i in whole * 16..<count { total += x[i] }
    return total
  }
  let half = count / 2 / 16 * 16
  return pairwiseSum(x, half) + pairwiseSum(x + half, count - half)
}
