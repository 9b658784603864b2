// 10.8  A block of a GPT                                           (the book: chapter 10, section 10.6)
//
// A GPT is a stack of blocks. In each, the steps first exchange what they know, by causal attention of H heads, and then each
// works on it by itself. Before either half stands a norm, and around either leads a way that changes nothing:
//
//     u = norm(x, g₁)          A = u W_aᵀ = [Q  K  V], D columns each
//     y = x + heads(Q, K, V) W_oᵀ
//     z = y + gelu( norm(y, g₂) W₁ᵀ ) W₂ᵀ
//
//     norm(x, g)_td = g_d (x_td − μ_t) / √(σ²_t + 10⁻⁵)             mean and variance of step t
//     head h        = softmax( Q_h K_hᵀ / √(D/H), causal ) V_h      columns h·D/H to (h + 1)·D/H − 1 of each
//     gelu(a)       = a (1 + erf(a/√2)) / 2
//
//     x, y, z   [T, D]        weights   [g₁, W_a, W_o, g₂, W₁, W₂]
//     g₁, g₂ [D]      W_a [3D, D]      W_o [D, D]      W₁ [F, D]      W₂ [D, F]
//
// There are no biases. Step t looks at the steps 0 to t.
//
// For example, T = 1, D = 2, H = F = 1: one step looks at itself alone, so what counts is V. With x = 1 3, all g = 1, the last
// two rows of W_a 1 0 and 0 2, W_o the identity, W₁ = 0 1, W₂ = 2 −1 (a column):
//
//     u = −1 1      V = −1 2      y = 0 5      norm(y) = −1 1      gelu(1) = 0.8413      z = 1.6827 4.1587
//
// `erf` and `exp` come with Foundation.

import Foundation
import Practice

// BEGIN SOLUTION
private func norm(_ x: Tensor, _ g: Tensor) -> Tensor {
  var y = x
  for t in 0..<x.shape[0] {
    let row = x.row(t).scalars
    let mean = row.reduce(0, +) / Float(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(row.count)
    for d in row.indices { y[t, d] = g[d] * (row[d] - mean) / (variance + 1e-5).squareRoot() }
  }
  return y
}

/// The output of head `h`, into its columns of `y`.
private func attend(_ a: Tensor, head h: Int, of heads: Int, into y: inout Tensor) {
  let (steps, width) = (y.shape[0], y.shape[1])
  let size = width / heads
  for t in 0..<steps {
    let scores = (0...t).map { s in
      (0..<size).reduce(Float(0)) { $0 + a[t, h * size + $1] * a[s, width + h * size + $1] }
        / Float(size).squareRoot()
    }
    let largest = scores.max()!
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    for d in 0..<size {
      y[t, h * size + d] =
        powers.indices.reduce(Float(0)) { $0 + powers[$1] * a[$1, 2 * width + h * size + d] } / sum
    }
  }
}
// INSTEAD
// // Your own smaller functions may stand here.
// END SOLUTION

/// `[T, D]` → `[T, D]`
func block(_ x: Tensor, weights: [Tensor], heads: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let a = matmul(norm(x, weights[0]), weights[1].transposed())
  var mixed = Tensor.zeros(x.shape)
  for h in 0..<heads { attend(a, head: h, of: heads, into: &mixed) }
  let y = x + matmul(mixed, weights[2].transposed())
  let hidden = matmul(norm(y, weights[3]), weights[4].transposed())
    .map { $0 * (1 + erf($0 / Float(2).squareRoot())) / 2 }
  return y + matmul(hidden, weights[5].transposed())
  // END SOLUTION
}
