internal import CKernels

/// The right side of matrix products, laid out once for many rows on the left; see `packed_gemm.c`.
struct PackedMatrix {
  private let numbers: Tensor
  let k: Int
  let n: Int

  /// - Parameters:
  ///   - b: K × N numbers, or N × K with `transposed`; the rows follow one another.
  init(_ b: UnsafePointer<Float>, k: Int, n: Int, transposed: Bool) {
    (self.k, self.n) = (k, n)
    numbers = Tensor(uninitialized: [ck_packed_count(k, n)])
    let (depth, panel) = (Int(CK_PACKED_DEPTH), Int(CK_PACKED_PANEL))
    let panels = (n + panel - 1) / panel
    let packed = numbers.storage.pointer
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

  /// `C = A B`, or `C += A B`, on one thread.
  func multiply(
    rows: Int, _ a: UnsafePointer<Float>, lda: Int, into c: UnsafeMutablePointer<Float>, ldc: Int,
    adding: Bool
  ) {
    withExtendedLifetime(numbers) {
      ck_packed_gemm(rows, k, n, a, lda, numbers.storage.pointer, c, ldc, adding ? 1 : 0)
    }
  }

  /// How many time steps of so many rows are best multiplied at once.
  static func stepsAtOnce(rows: Int) -> Int { ck_packed_gemm_group(rows) }

  /// `C = A B` for `steps` time steps, those of A and C so far apart, on one thread.
  func multiply(
    steps: Int, rows: Int, _ a: UnsafePointer<Float>, step: Int, lda: Int,
    into c: UnsafeMutablePointer<Float>, step cStep: Int, ldc: Int
  ) {
    withExtendedLifetime(numbers) {
      ck_packed_gemm_steps(
        steps, rows, k, n, a, step, lda, numbers.storage.pointer, c, cStep, ldc, 0)
    }
  }
}
