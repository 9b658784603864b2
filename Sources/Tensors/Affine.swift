internal import CKernels

// A linear layer, and what may follow it. Where there are many rows, a few of them at a time go through all of it while
// they are in the cache. To multiply a gradient by GELU's slope, say, took 3 % of a small transformer's step in a pass of
// its own, and takes 1 % so.

/// `x Wᵀ + b`, plus `other` if given.
///
/// - Parameters:
///   - x: `[M, D]`
///   - weight: `[O, D]`
///   - bias: `[O]`
///   - other: `[M, O]`
package func affineProduct(_ x: Tensor, _ weight: Tensor, bias: Tensor?, plus other: Tensor? = nil) -> Tensor
{
  let (m, n, k) = (x.shape[0], weight.shape[0], weight.shape[1])
  guard bias != nil || other != nil, hasManyRows(m: m, n: n, k: k) else {
    var y = matmul(x, weight, transposeB: true)
    if let bias { y.addToRows(bias) }
    return other.map { $0 + y } ?? y
  }
  var y = Tensor(uninitialized: [m, n])
  let (added, others) = (bias?.storage.pointer, other?.storage.pointer)
  withExtendedLifetime((x, weight, bias, other)) {
    y.withMutablePointer { y in
      productOfManyRows(
        m: m, n: n, k: k, x.storage.pointer, weight.storage.pointer, transposeB: true, into: y
      ) {
        rows, y in
        add(added, toRows: rows.count, of: y, width: n)
        if let others { ck_add(others + rows.lowerBound * n, y, y, rows.count * n) }
      }
    }
  }
  return y
}

/// `gelu(x Wᵀ + b)`, and GELU's derivative there if wanted. What GELU is taken of is not kept.
package func affineGELU(
  _ x: Tensor, _ weight: Tensor, bias: Tensor?, withSlope: Bool
) -> (y: Tensor, slope: Tensor?) {
  let (m, n, k) = (x.shape[0], weight.shape[0], weight.shape[1])
  guard hasManyRows(m: m, n: n, k: k) else {
    let h = affineProduct(x, weight, bias: bias)
    return withSlope ? h.geluWithSlope() : (h.gelu(), nil)
  }
  var (y, slope) = (Tensor(uninitialized: [m, n]), Tensor(uninitialized: withSlope ? [m, n] : [0]))
  let added = bias?.storage.pointer
  withExtendedLifetime((x, weight, bias)) {
    y.withMutablePointer { y in
      slope.withMutablePointer { slope in
        productOfManyRows(
          m: m, n: n, k: k, x.storage.pointer, weight.storage.pointer, transposeB: true, into: nil
        ) { rows, h in
          let (at, count) = (rows.lowerBound * n, rows.count * n)
          add(added, toRows: rows.count, of: h, width: n)
          if withSlope { ck_gelu_slope(h, y + at, slope + at, count) } else { ck_gelu(h, y + at, count) }
        }
      }
    }
  }
  return (y, withSlope ? slope : nil)
}

private func add(
  _ bias: UnsafePointer<Float>?, toRows rows: Int, of y: UnsafeMutablePointer<Float>, width: Int
) {
  guard let bias else { return }
  for r in 0..<rows { ck_axpy(1, bias, y + r * width, width) }
}

/// The gradients of `f(x Wᵀ + b)`, for the gradient `dy` at its result: with `dh = dy ∘ f'`,
///
///     dx = dh W,  dW = dhᵀ x,  db = Σ dh over the rows
///
/// - Parameters:
///   - dy: `[M, O]`
///   - slope: `f'`, `[M, O]`; nil where f is no more than its argument.
///   - x: `[M, D]`
///   - weight: `[O, D]`
package func affineGradients(
  dy: Tensor, slope: Tensor?, x: Tensor, weight: Tensor, needs: (input: Bool, weight: Bool, bias: Bool)
) -> (x: Tensor?, weight: Tensor?, bias: Tensor?) {
  let (rows, units, width) = (dy.shape[0], dy.shape[1], x.shape[1])
  guard needs.weight, isMuchLonger(m: units, n: width, k: rows), hasManyRows(m: rows, n: width, k: units)
  else {
    let dh = slope.map { dy * $0 } ?? dy
    return (
      needs.input ? matmul(dh, weight) : nil, needs.weight ? matmul(dh, x, transposeA: true) : nil,
      needs.bias ? dh.sum(axis: 0) : nil
    )
  }
  var dx = Tensor(uninitialized: needs.input ? [rows, width] : [0])
  var (dw, db) = (Tensor(uninitialized: weight.shape), Tensor(uninitialized: [needs.bias ? units : 0]))
  let (dy_, slope_, x_) = (dy.storage.pointer, slope?.storage.pointer, x.storage.pointer)
  let packed =
    needs.input ? weight.withPointer { PackedMatrix($0, k: units, n: width, transposed: false) } : nil
  withExtendedLifetime((dy, slope, x)) {
    dx.withMutablePointer { dx in
      dw.withMutablePointer { dw in
        db.withMutablePointer { db in
          sumOfParts(m: units, n: width, k: rows, into: dw, sums: needs.bias ? db : nil) {
            block, part, sums in
            let (first, count) = (block.rows.lowerBound, block.rows.count)
            // Rows of `dh`, read by both products while they are in the cache.
            var dh = UnsafePointer(dy_ + first * units)
            let room = Storage(count: slope_ == nil ? 0 : count * units)
            if let slope_ {
              ck_multiply(dh, slope_ + first * units, room.pointer, count * units)
              dh = UnsafePointer(room.pointer)
            }
            packed?.multiply(
              rows: count, dh, lda: units, into: dx + first * width, ldc: width,
              next: CKSoon(
                numbers: dy_ + block.rows.upperBound * units, rows: min(count, block.following), down: units,
                width: units))
            block.add(dh, x_, to: part, sums: sums)
            withExtendedLifetime(room) {}
          }
        }
      }
    }
  }
  return (needs.input ? dx : nil, dw, needs.bias ? db : nil)
}
