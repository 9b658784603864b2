/// Many products at once, one for each place of the axes before the last two; see `matmul`.
func batchedMatmul(
  _ a: Tensor, _ b: Tensor, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
) -> Tensor {
  let (leadA, leadB) = (Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
  guard let lead = Tensor.broadcast(leadA, leadB) else {
    trap("matmul: batches do not fit: \(a.shape) × \(b.shape)")
  }
  // One matrix on the right, as in a linear layer: all rows on the left are one tall matrix.
  if b.rank == 2 && !transposeA {
    return matmul(a.reshaped([lead.reduce(m, *), k]), b, transposeB: transposeB).reshaped(lead + [m, n])
  }
  var c = Tensor(uninitialized: lead + [m, n])
  let (offsetsA, offsetsB) = (matrixOffsets(leadA, in: lead), matrixOffsets(leadB, in: lead))
  let products = offsetsA.count
  a.withPointer { a in
    b.withPointer { b in
      c.withMutablePointer { c in
        if products == 1 {
          parallelGEMM(m: m, n: n, k: k, a, b, transposeA: transposeA, transposeB: transposeB, into: c)
          return
        }
        Parallel.forEachRange(of: products, grain: max(1, (1 << 19) / max(m * n * k, 1))) { range in
          for i in range {
            gemm(
              m: m, n: n, k: k, a + offsetsA[i] * m * k, lda: transposeA ? m : k, transposeA: transposeA,
              b + offsetsB[i] * k * n, ldb: transposeB ? k : n, transposeB: transposeB, into: c + i * m * n,
              ldc: n)
          }
        }
      }
    }
  }
  return c
}

/// For each matrix of a batch `lead`, which one of a batch of shape `source` is multiplied there.
private func matrixOffsets(_ source: [Int], in lead: [Int]) -> [Int] {
  var offsets = [0]
  for (size, step) in zip(lead, Tensor.steps(of: source, stretchedTo: lead)) {
    offsets = offsets.flatMap { base in (0..<size).map { base + $0 * step } }
  }
  return offsets
}
