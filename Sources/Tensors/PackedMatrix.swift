internal import CKernels

/// The right side of matrix products, laid out once for many rows on the left; see `packed_gemm.c`.
struct PackedMatrix {
  private let storage: Storage
  let k: Int
  let n: Int

  /// Packed on all threads.
  ///
  /// - Parameters:
  ///   - b: K × N numbers, or N × K with `transposed`; the rows follow one another.
  init(_ b: UnsafePointer<Float>, k: Int, n: Int, transposed: Bool) {
    (self.k, self.n) = (k, n)
    storage = Storage(count: ck_packed_count(k, n))
    let (depth, panel) = (Int(CK_PACKED_DEPTH), ck_packed_panel())
    let panels = (n + panel - 1) / panel
    let packed = storage.pointer
    // Block after block of K; in each the panels lie one after another, so any run of them can be packed by itself.
    for k0 in stride(from: 0, to: k, by: depth) {
      let here = min(depth, k - k0)
      Parallel.forEachRange(of: panels, grain: max(1, (1 << 15) / (here * panel))) { range in
        let n0 = range.lowerBound * panel
        ck_pack(
          b + (transposed ? n0 * k + k0 : k0 * n + n0), transposed ? k : n, transposed ? 1 : 0, here,
          min(n, range.upperBound * panel) - n0, packed + (k0 * panels + range.lowerBound * here) * panel)
      }
    }
  }

  /// Packed on this thread, its rows `ldb` apart.
  init(_ b: UnsafePointer<Float>, ldb: Int, k: Int, n: Int, transposed: Bool) {
    (self.k, self.n) = (k, n)
    storage = Storage(count: ck_packed_count(k, n))
    ck_pack(b, ldb, transposed ? 1 : 0, k, n, storage.pointer)
  }

  /// `C = A B`, or `C += A B`, on one thread; with `k` or `n`, of the first rows or columns of B alone.
  ///
  /// - Parameter next: What will be wanted after this, to be fetched meanwhile.
  func multiply(
    rows: Int, _ a: UnsafePointer<Float>, lda: Int, k: Int? = nil, n: Int? = nil,
    into c: UnsafeMutablePointer<Float>, ldc: Int, adding: Bool = false, next: CKSoon = CKSoon()
  ) {
    multiply(
      CKSteps(steps: 1, rows: rows, a_step: 0, c_step: 0), k: k, n: n, a, lda: lda, into: c, ldc: ldc,
      adding: adding, next: next)
  }

  /// How many time steps of so many rows are best multiplied at once.
  static func stepsAtOnce(rows: Int) -> Int { ck_packed_gemm_group(rows) }

  /// `C = A B` for `steps` time steps, those of A and C so far apart, on one thread.
  func multiply(
    steps: Int, rows: Int, _ a: UnsafePointer<Float>, step: Int, lda: Int,
    into c: UnsafeMutablePointer<Float>, step cStep: Int, ldc: Int
  ) {
    multiply(
      CKSteps(steps: steps, rows: rows, a_step: step, c_step: cStep), k: nil, n: nil, a, lda: lda, into: c,
      ldc: ldc, adding: false, next: CKSoon())
  }

  private func multiply(
    _ steps: CKSteps, k: Int?, n: Int?, _ a: UnsafePointer<Float>, lda: Int,
    into c: UnsafeMutablePointer<Float>, ldc: Int, adding: Bool, next: CKSoon
  ) {
    withExtendedLifetime(storage) {
      ck_packed_gemm(
        steps, k ?? self.k, n ?? self.n, a, lda, CKPacked(numbers: storage.pointer, k: self.k, n: self.n), c,
        ldc, adding ? 1 : 0, next)
    }
  }
}
