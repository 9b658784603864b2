// 10.6  Layer norm, and its simpler sister                         (the book: chapter 10, section 10.6)
//
// Layer norm brings the D numbers of each step to mean 0 and variance 1, then scales and shifts them by what it has learned.
// RMS norm leaves out the mean and the shift, and does as well in many large models:
//
//     layerNorm:  μ_t = (1/D) Σ_d x_td          σ²_t = (1/D) Σ_d (x_td − μ_t)²
//                 y_td = w_d (x_td − μ_t) / √(σ²_t + ε) + b_d
//
//     rmsNorm:    y_td = w_d x_td / √( (1/D) Σ_d x_td² + ε )
//
//     x, y   [T, D]        w, b   [D]        ε a small number, so that nothing is divided by 0
//
// Each step stands by itself: the other steps have no part in it.
//
// For example, T = 1 and D = 4, with w = 1 1 1 2, b = 0 0 0 10 and ε = 0:
//
//     x = 1 3 5 7        μ = 4, σ² = (9 + 1 + 1 + 9)/4 = 5        layerNorm   −1.3416 −0.4472 0.4472 12.6833
//                        (1/D) Σ x² = 84/4 = 21                   rmsNorm      0.2182  0.6547 1.0911  3.0551
//
// The numbers of a step may lie far from 0, and close together. Then the variance as "mean of the squares minus the square of
// the mean" has no correct digit left: take the mean away first, as the formula does.

import Practice

/// Each row with mean 0 and variance 1, and then scaled and shifted: `[T, D]` → `[T, D]`.
func layerNorm(_ x: Tensor, weight w: Tensor, bias b: Tensor, epsilon: Float) throws -> Tensor {
  // BEGIN SOLUTION
  var y = x
  let width = Float(x.shape[1])
  for t in 0..<x.shape[0] {
    let row = x.row(t).scalars
    let mean = row.reduce(0, +) / width
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / width
    let deviation = (variance + epsilon).squareRoot()
    for d in row.indices { y[t, d] = w[d] * (row[d] - mean) / deviation + b[d] }
  }
  return y
  // END SOLUTION
}

/// Each row divided by the root of its mean square, and then scaled: `[T, D]` → `[T, D]`.
func rmsNorm(_ x: Tensor, weight w: Tensor, epsilon: Float) throws -> Tensor {
  // BEGIN SOLUTION
  var y = x
  for t in 0..<x.shape[0] {
    let row = x.row(t).scalars
    let square = row.reduce(0) { $0 + $1 * $1 } / Float(row.count)
    for d in row.indices { y[t, d] = w[d] * row[d] / (square + epsilon).squareRoot() }
  }
  return y
  // END SOLUTION
}
