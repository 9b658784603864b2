internal import CKernels
internal import COpenBLAS

/// The product of two matrices, `Cᵢⱼ = Σₖ Aᵢₖ Bₖⱼ`.
///
///     backward:  dA = dC Bᵀ,  dB = Aᵀ dC
///
/// - Parameters:
///   - a: `[…, M, K]`, or `[…, K, M]` with `transposeA`. Axes before the last two count products; they are matched as in
///     arithmetic, an axis of size 1 stretching.
///   - b: `[…, K, N]`, or `[…, N, K]` with `transposeB`.
/// - Returns: `[…, M, N]`.
/// - PyTorch: `a @ b`, `a.T @ b`, `a @ b.T`.
/// - Book: chapter 4.
public func matmul(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) -> Tensor {
  let (m, n, k) = productSizes(a.shape, b.shape, transposeA: transposeA, transposeB: transposeB)
  if a.rank != 2 || b.rank != 2 {
    return batchedMatmul(a, b, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
  }
  var c = Tensor(uninitialized: [m, n])
  a.withPointer { a in
    b.withPointer { b in
      c.withMutablePointer { c in
        parallelGEMM(m: m, n: n, k: k, a, b, transposeA: transposeA, transposeB: transposeB, into: c)
      }
    }
  }
  return c
}

/// `x Wᵀ + b`, a linear layer. Where the product is computed in pieces of rows, the bias is added to each while it is
/// still in the cache.
///
/// - Parameters:
///   - x: `[M, D]`
///   - weight: `[O, D]`
///   - bias: `[O]`
package func affineProduct(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> Tensor {
  let (m, n, k) = (x.shape[0], weight.shape[0], weight.shape[1])
  guard let added = bias, hasManyRows(m: m, n: n, k: k) else {
    var y = matmul(x, weight, transposeB: true)
    if let bias { y.addToRows(bias) }
    return y
  }
  var y = Tensor(uninitialized: [m, n])
  x.withPointer { x in
    weight.withPointer { w in
      added.withPointer { bias in
        y.withMutablePointer { y in
          productOfManyRows(m: m, n: n, k: k, x, w, transposeB: true, bias: bias, into: y)
        }
      }
    }
  }
  return y
}

/// The gradients of a linear layer's weight and bias: `dW = dyᵀ x`, `[O, D]`, and `db = Σ dy` over the rows, `[O]`; the
/// sum is taken while the product reads `dy` anyway.
///
/// - Parameters:
///   - dy: `[M, O]`
///   - x: `[M, D]`
package func affineGradients(dy: Tensor, x: Tensor) -> (weight: Tensor, bias: Tensor) {
  let (k, m, n) = (dy.shape[0], dy.shape[1], x.shape[1])
  guard isMuchLonger(m: m, n: n, k: k) else { return (matmul(dy, x, transposeA: true), dy.sum(axis: 0)) }
  var (dw, db) = (Tensor(uninitialized: [m, n]), Tensor(uninitialized: [m]))
  dy.withPointer { dy in
    x.withPointer { x in
      dw.withMutablePointer { dw in
        db.withMutablePointer { sumOfParts(m: m, n: n, k: k, dy, x, into: dw, sums: $0) }
      }
    }
  }
  return (dw, db)
}

/// The sizes of a product; traps when the shapes do not fit.
func productSizes(
  _ a: [Int], _ b: [Int], transposeA: Bool, transposeB: Bool
) -> (m: Int, n: Int, k: Int) {
  if a.count < 2 || b.count < 2 { trap("matmul: two matrices are needed: \(a) × \(b)") }
  let (m, k) = transposeA ? (a[a.count - 1], a[a.count - 2]) : (a[a.count - 2], a[a.count - 1])
  let (k2, n) = transposeB ? (b[b.count - 1], b[b.count - 2]) : (b[b.count - 2], b[b.count - 1])
  if k != k2 {
    let marks = (transposeA ? "ᵀ" : "", transposeB ? "ᵀ" : "")
    trap("matmul: inner dimensions differ: \(a)\(marks.0) × \(b)\(marks.1)")
  }
  return (m, n, k)
}

/// `C = A B`, cut into pieces of C for the threads. Large products only; the cut depends on the shape alone.
package func parallelGEMM(
  m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeA: Bool = false,
  transposeB: Bool = false, into c: UnsafeMutablePointer<Float>
) {
  if m <= 4 && transposeB && !transposeA {
    // 2^17 numbers of B are worth a thread's while.
    Parallel.forEachRange(of: n, grain: max(1, (1 << 17) / max(k, 1))) { columns in
      ck_few_rows(
        m, columns.count, k, a, k, b + columns.lowerBound * k, k, c + columns.lowerBound, n)
    }
    return
  }
  if transposeA && !transposeB && isMuchLonger(m: m, n: n, k: k) {
    sumOfParts(m: m, n: n, k: k, a, b, into: c, sums: nil)
    return
  }
  if !transposeA && hasManyRows(m: m, n: n, k: k) {
    productOfManyRows(m: m, n: n, k: k, a, b, transposeB: transposeB, bias: nil, into: c)
    return
  }
  let work = m * n * k
  let pieces = work < 1 << 20 ? 1 : min(8, max(m, n) / 32)
  let lda = transposeA ? m : k
  let ldb = transposeB ? k : n
  if pieces <= 1 {
    gemm(
      m: m, n: n, k: k, a, lda: lda, transposeA: transposeA, b, ldb: ldb, transposeB: transposeB, into: c,
      ldc: n)
  } else if m >= n {
    let rows = ((m + pieces - 1) / pieces + 15) / 16 * 16
    Parallel.forEachRange(of: m, grain: rows) { range in
      gemm(
        m: range.count, n: n, k: k, a + (transposeA ? range.lowerBound : range.lowerBound * k), lda: lda,
        transposeA: transposeA, b, ldb: ldb, transposeB: transposeB, into: c + range.lowerBound * n, ldc: n)
    }
  } else {
    let columns = ((n + pieces - 1) / pieces + 15) / 16 * 16
    Parallel.forEachRange(of: n, grain: columns) { range in
      gemm(
        m: m, n: range.count, k: k, a, lda: lda, transposeA: transposeA,
        b + (transposeB ? range.lowerBound * k : range.lowerBound), ldb: ldb, transposeB: transposeB,
        into: c + range.lowerBound, ldc: n)
    }
  }
}

/// Whether to pack B pays.
private func hasManyRows(m: Int, n: Int, k: Int) -> Bool { m >= 256 && k >= 16 && n >= 16 }

/// `C = A B`, plus `bias` in each row, with many rows in A, as in a linear layer at every step of a batch of sequences.
/// B is packed once for all pieces, where OpenBLAS packs it for each, and A too.
///
/// GFLOP/s of one thread of a Zen 3 whose limit is 105, packing included, and OpenBLAS 0.3.21 in the same run:
/// 4096 × 128 · 128 × 384 93 and 82, 4096 × 512 · 512 × 128 91 and 86.
private func productOfManyRows(
  m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeB: Bool,
  bias: UnsafePointer<Float>?, into c: UnsafeMutablePointer<Float>
) {
  let packed = PackedMatrix(b, k: k, n: n, transposed: transposeB)
  let rows = (m / 24 + 47) / 48 * 48
  Parallel.forEachRange(of: m, grain: max(48, rows)) { range in
    let rows = c + range.lowerBound * n
    packed.multiply(
      rows: range.count, a + range.lowerBound * k, lda: k, into: rows, ldc: n)
    if let bias { for r in 0..<range.count { ck_axpy(1, bias, rows + r * n, n) } }
  }
}

/// Whether to sum `C = Aᵀ B` in parts pays.
private func isMuchLonger(m: Int, n: Int, k: Int) -> Bool { m * n * k >= 1 << 22 && k >= 4 * max(m, n) }

/// `C = Aᵀ B` of matrices much longer than wide, a linear layer's gradient: the sum of the products of eight parts of
/// the rows; with `sums` also that of A's rows. Cut by columns of A, every piece would have to copy all of B for its
/// product anew.
///
/// GFLOP/s of a thread, in a slower spell than above, for parts of 512 rows: 128 × 384 75 and OpenBLAS's 71, 512 × 128 75
/// and 72.
private func sumOfParts(
  m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?
) {
  let depth = Int(CK_PACKED_DEPTH)
  let rows = ((k + 7) / 8 + depth - 1) / depth * depth
  let parts = (k + rows - 1) / rows
  let products = Storage(count: parts * m * n)
  let partSums = Storage(count: sums == nil ? 0 : parts * m)
  Parallel.forEachRange(of: k, grain: rows) { range in
    let (at, part) = (range.lowerBound, range.lowerBound / rows)
    let scratch = Storage(count: ck_gradient_scratch(n))
    ck_gradient_gemm(
      m, n, 1, range.count, a + at * m, m, 0, b + at * n, 0, n, products.pointer + part * m * n, n,
      sums == nil ? nil : partSums.pointer + part * m, scratch.pointer)
    withExtendedLifetime(scratch) {}
  }
  addColumns(products.pointer, rows: parts, columns: m * n, into: c)
  if let sums { addColumns(partSums.pointer, rows: parts, columns: m, into: sums) }
  withExtendedLifetime((products, partSums)) {}
}

/// `C = A B + beta C` on one thread, by OpenBLAS. Matrices are row by row, their rows `ld` numbers apart.
package func gemm(
  m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int, transposeA: Bool = false,
  _ b: UnsafePointer<Float>, ldb: Int, transposeB: Bool = false, beta: Float = 0,
  into c: UnsafeMutablePointer<Float>, ldc: Int
) {
  _ = Parallel.oneBLASThread
  if m == 0 || n == 0 { return }
  if k == 0 {
    if beta == 0 { for i in 0..<m { (c + i * ldc).update(repeating: 0, count: n) } }
    return
  }
  cblas_sgemm(
    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(m),
    blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
}
