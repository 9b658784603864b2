/// `Σ_k (aᵢₖ − Z_a) (bⱼₖ − Z_b)`, with nothing but whole numbers, and the zero points outside of the innermost loop:
///
///     Σ_k aᵢₖ bⱼₖ  −  Z_a Σ_k bⱼₖ  −  Z_b Σ_k aᵢₖ  +  K Z_a Z_b
///
/// The sums over b are known beforehand: b holds the weights. A symmetric weight has Z_b = 0, and two of the four terms
/// are gone.
///
/// - Parameters:
///   - a: `[N][K]`, of eight bits.
///   - b: `[O][K]`, of eight bits.
/// - Returns: `[N][O]`, in 32 bits.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 2.3.
/// - Book: section 12.7.
public func integerProduct(_ a: [[Int]], zeroPoint za: Int, _ b: [[Int]], zeroPoint zb: Int) -> [[Int32]] {
  let rowSums = b.map { row in row.reduce(0, +) }
  return a.map { x in
    let sum = zb == 0 ? 0 : x.reduce(0, +)
    return b.indices.map { j in
      var products: Int32 = 0
      for k in x.indices { products += Int32(x[k]) * Int32(b[j][k]) }
      return products - Int32(za * rowSums[j]) - Int32(zb * sum) + Int32(x.count * za * zb)
    }
  }
}

/// A linear layer in whole numbers: the input is rounded as it comes, the weight was rounded before, one scale for each
/// row. Only at the end a sum becomes a real number.
///
///     yⱼ = S_x S_wⱼ Σ_k (qx_k − Z_x) qw_jk + bⱼ
///
/// - Parameters:
///   - x: `[K]`
///   - weight: `[O][K]`
///   - bias: `[O]`
/// - Book: section 12.7.
public func integerLayer(_ x: [Float], weight: [[Float]], bias: [Float]) -> [Float] {
  let forInput = PlainQuantization.affine(low: x.min() ?? 0, high: x.max() ?? 0)
  let forRows = perChannel(weight)
  let qx = x.map { forInput.wholeNumber($0) }
  let qw = zip(weight, forRows).map { row, form in row.map { form.wholeNumber($0) } }
  let sums = integerProduct([qx], zeroPoint: forInput.zeroPoint, qw, zeroPoint: 0)[0]
  return sums.indices.map { j in forInput.scale * forRows[j].scale * Float(sums[j]) + bias[j] }
}
