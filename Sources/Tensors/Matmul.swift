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
///   - transposeA: Whether `a` is stored with its last two axes exchanged; it is read that way, not copied.
///   - transposeB: The same for `b`.
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
    sumOfParts(m: m, n: n, k: k, into: c, sums: nil) { block, part, _ in
      block.add(a + block.rows.lowerBound * m, b, to: part, sums: nil)
    }
    return
  }
  if !transposeA && hasManyRows(m: m, n: n, k: k) {
    productOfManyRows(m: m, n: n, k: k, a, b, transposeB: transposeB, into: c)
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
func hasManyRows(m: Int, n: Int, k: Int) -> Bool { m >= 256 && k >= 16 && n >= 16 }

/// `C = A B` with many rows in A, as in a linear layer at every step of a batch of sequences. B is packed once for all
/// pieces, where OpenBLAS packs it for each, and A too.
///
/// GFLOP/s of one thread of a Zen 3 whose limit is 105, packing included, and OpenBLAS 0.3.21 in the same run:
/// 4096 × 128 · 128 × 384 93 and 82, 4096 × 512 · 512 × 128 91 and 86.
///
/// - Parameters:
///   - c: `[M, N]`; nil for a product that only `finish` wants.
///   - finish: Called with each few rows of C as soon as they are there, to do what is to be done with them while they
///     are in the cache.
func productOfManyRows(
  m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeB: Bool,
  into c: UnsafeMutablePointer<Float>?,
  finish: ((_ rows: Range<Int>, _ c: UnsafeMutablePointer<Float>) -> Void)? = nil
) {
  let packed = PackedMatrix(b, k: k, n: n, transposed: transposeB)
  let few = 96
  let threads = Parallel.threads
  let pieces = threads * max(1, min(8, m / (few * threads)))
  let room = { Storage(count: c == nil ? few * n : 0) }
  Parallel.forEachRange(of: m, pieces: pieces, room: room) { range, room in
    let step = finish == nil ? range.count : few
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let here = first..<min(range.upperBound, first + step)
      let to = c.map { $0 + first * n } ?? room.pointer
      packed.multiply(
        rows: here.count, a + first * k, lda: k, into: to, ldc: n,
        next: CKSoon(
          numbers: a + here.upperBound * k, rows: min(here.count, m - here.upperBound), down: k, width: k))
      finish?(here, to)
    }
  }
}

/// Whether to sum `C = Aᵀ B` in parts pays.
func isMuchLonger(m: Int, n: Int, k: Int) -> Bool { m * n * k >= 1 << 22 && k >= 4 * max(m, n) }

/// `C = Aᵀ B` of matrices much longer than wide, a linear layer's gradient: the products of eight parts of the K rows,
/// added up; with `sums` also A's rows. Cut by columns of A, every piece would have to copy all of B for its product anew.
///
/// - Parameter compute: Called with block after block of each part, to add its product.
func sumOfParts(
  m: Int, n: Int, k: Int, into c: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?,
  _ compute: (GradientBlock, _ part: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>?) ->
    Void
) {
  let depth = Int(CK_GRADIENT_DEPTH)
  let rows = ((k + 7) / 8 + depth - 1) / depth * depth
  let parts = (k + rows - 1) / rows
  let products = Storage(count: parts * m * n)
  let partSums = Storage(count: sums == nil ? 0 : parts * m)
  Parallel.forEachRange(of: k, grain: rows) { range in
    let part = range.lowerBound / rows
    let scratch = Storage(count: ck_gradient_count(depth, n))
    for first in stride(from: range.lowerBound, to: range.upperBound, by: depth) {
      let block = GradientBlock(
        m: m, n: n, rows: first..<min(first + depth, range.upperBound), isFirst: first == range.lowerBound,
        following: range.upperBound - min(first + depth, range.upperBound), scratch: scratch.pointer)
      compute(block, products.pointer + part * m * n, sums == nil ? nil : partSums.pointer + part * m)
    }
    withExtendedLifetime(scratch) {}
  }
  addColumns(products.pointer, rows: parts, columns: m * n, into: c)
  if let sums { addColumns(partSums.pointer, rows: parts, columns: m, into: sums) }
  withExtendedLifetime((products, partSums)) {}
}

/// As many rows of a gradient's product as are gone through at once.
struct GradientBlock {
  let m: Int
  let n: Int
  let rows: Range<Int>
  let isFirst: Bool
  /// How many rows of the same part come after these.
  let following: Int
  let scratch: UnsafeMutablePointer<Float>

  /// `C += Aᵀ B`, with these rows of A, M numbers each, and of all of B; of the first block, `C = Aᵀ B`.
  func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>?
  ) {
    let next = CKSoon(numbers: b + rows.upperBound * n, rows: min(following, rows.count), down: n, width: n)
    ck_gradient_pack(rows.lowerBound, rows.count, n, 1, b, n, 0, scratch)
    ck_gradient_gemm(m, n, rows.count, a, m, 0, scratch, c, n, sums, isFirst ? 0 : 1, next)
  }
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
