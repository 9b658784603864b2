import Tensors

/// The product of two matrices, or of many: `C = A B` for each place of the axes before the last two.
///
///     backward:  dA = dC Bᵀ,  dB = Aᵀ dC, summed over the axes that were stretched
///
/// - Parameters:
///   - a: `[…, M, K]`, or `[…, K, M]` with `transposeA`.
///   - b: `[…, K, N]`, or `[…, N, K]` with `transposeB`.
///   - transposeA: Whether `a` is stored with its last two axes exchanged; it is read that way, not copied.
///   - transposeB: The same for `b`.
/// - Returns: `[…, M, N]`
/// - PyTorch: `a @ b`; at least two axes on either side.
/// - Book: chapter 4.
public func matmul(
  _ a: Variable, _ b: Variable, transposeA: Bool = false, transposeB: Bool = false
) -> Variable {
  let (x, y) = (a.value, b.value)
  let needs = (a.requiresGradient, b.requiresGradient)
  let product = matmul(x, y, transposeA: transposeA, transposeB: transposeB)
  let inner = x.shape[x.rank - (transposeA ? 2 : 1)]
  return Variable(product, op: "matmul", cost: .perResult(2 * inner - 1), inputs: [a, b]) { dy in
    var (da, db): (Tensor?, Tensor?) = (nil, nil)
    if needs.0 {
      let full =
        transposeA
        ? matmul(y, dy, transposeA: transposeB, transposeB: true) : matmul(dy, y, transposeB: !transposeB)
      da = full.summed(to: x.shape)
    }
    if needs.1 {
      if y.rank == 2 && x.rank > 2 && !transposeA {
        // One matrix for the whole batch: its gradient is one product over all rows.
        let (rows, up) = (x.reshaped([-1, x.shape[x.rank - 1]]), dy.reshaped([-1, dy.shape[dy.rank - 1]]))
        db = transposeB ? matmul(up, rows, transposeA: true) : matmul(rows, up, transposeA: true)
      } else {
        let full =
          transposeB
          ? matmul(dy, x, transposeA: true, transposeB: transposeA) : matmul(x, dy, transposeA: !transposeA)
        db = full.summed(to: y.shape)
      }
    }
    return [da, db]
  }
}
