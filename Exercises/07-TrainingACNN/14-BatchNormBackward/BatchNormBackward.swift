// 7.14  Batch norm, backwards                                      (the book: chapter 7, section 7.9)
//
// On the way there, a batch of N examples with D features was normalised feature by feature, scaled and shifted:
//
//     x̂ = (x − μ) / σ         y = w x̂ + b          μ = mean of x,  σ = √( mean of (x − μ)² + ε ),  over the N examples
//
// Given is the gradient dy. Wanted are the gradients at x, w and b. An x moves y in three ways: directly, through μ and
// through σ; and μ and σ are those of the whole batch, so that it moves the results of the other examples too. For one
// feature, all together:
//
//     dx̂ = w dy
//     dx = ( dx̂ − m₁ − x̂ m₂ ) / σ        m₁ = mean of dx̂,  m₂ = mean of dx̂ x̂,  over the N examples
//
//     dw = Σ_n dy_n x̂_n                   db = Σ_n dy_n
//
//     dy, x, dx   [N, D]        w, dw, db   [D]
//
// For example, N = 2, D = 2, ε = 0: x = 1 0 and 5 4, so μ = 3 2, σ = 2 2 and x̂ = −1 −1 and 1 1. With w = 1 2, and dy = 4 3
// and 2 −1:
//
//     dx̂ = 4 6 and 2 −2       m₁ = 3 2      m₂ = −1 −4
//     dx = (4 − 3 − 1)/2 = 0  for each of the four        dw = −2 −4      db = 6 2
//
// With two examples dx must be 0: whatever their numbers are, the norm makes −1 and 1 of them.

import Practice

/// The gradients at x, at the weight and at the bias.
func batchNormBackward(
  _ dy: Tensor, _ x: Tensor, weight w: Tensor, epsilon: Float
) throws -> (dx: Tensor, dw: Tensor, db: Tensor) {
  // BEGIN SOLUTION
  var dx = x
  var (dw, db) = (Tensor.zeros(w.shape), Tensor.zeros(w.shape))
  let examples = 0..<x.shape[0]
  let n = Float(x.shape[0])
  for d in 0..<x.shape[1] {
    let mean = examples.reduce(0) { $0 + x[$1, d] } / n
    let variance = examples.reduce(0) { $0 + (x[$1, d] - mean) * (x[$1, d] - mean) } / n
    let deviation = (variance + epsilon).squareRoot()
    let normed = examples.map { (x[$0, d] - mean) / deviation }
    let inner = examples.map { w[d] * dy[$0, d] }
    let m1 = inner.reduce(0, +) / n
    let m2 = examples.reduce(0) { $0 + inner[$1] * normed[$1] } / n
    for i in examples {
      dx[i, d] = (inner[i] - m1 - normed[i] * m2) / deviation
      dw[d] += dy[i, d] * normed[i]
      db[d] += dy[i, d]
    }
  }
  return (dx, dw, db)
  // END SOLUTION
}
