// 10.7  Layer norm, backwards                                      (the book: chapter 10, section 10.6)
//
// On the way there, each step of D numbers was normed by itself, scaled and shifted:
//
//     x̂ = (x − μ) / σ         y = w ⊙ x̂ + b          μ = mean of x,  σ = √( mean of (x − μ)² + ε )
//
// Given is the gradient dy. Wanted are the gradients at x, w and b. x moves y on three ways: straight on, through μ, and
// through σ. All three together, for one step:
//
//     dx̂ = dy ⊙ w
//     dx = ( dx̂ − m₁ − x̂ m₂ ) / σ        m₁ = mean of dx̂,  m₂ = mean of dx̂ ⊙ x̂, each over the D numbers
//
//     dw = Σ_t dy_t ⊙ x̂_t                 db = Σ_t dy_t
//
//     dy, x, dx   [T, D]        w, dw, db   [D]
//
// For example, T = 1, D = 2, ε = 0: x = 1 5, so μ = 3, σ = 2 and x̂ = −1 1; with w = 1 2 and dy = 4 3:
//
//     dx̂ = 4 6      m₁ = 5      m₂ = (−4 + 6)/2 = 1      dx = (4 − 5 + 1)/2, (6 − 5 − 1)/2 = 0 0
//     dw = −4 3     db = 4 3
//
// With two numbers that must be 0: whatever they are, the norm makes −1 and 1 of them.

import Practice

/// The gradients at x, at the weight and at the bias.
func layerNormBackward(
  _ dy: Tensor, _ x: Tensor, weight w: Tensor, epsilon: Float
) throws -> (dx: Tensor, dw: Tensor, db: Tensor) {
  // BEGIN SOLUTION
  var dx = x
  var (dw, db) = (Tensor.zeros(w.shape), Tensor.zeros(w.shape))
  let width = Float(w.count)
  for t in 0..<x.shape[0] {
    let row = x.row(t).scalars
    let mean = row.reduce(0, +) / width
    let deviation = (row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / width + epsilon).squareRoot()
    let normed = row.map { ($0 - mean) / deviation }
    let inner = row.indices.map { dy[t, $0] * w[$0] }
    let m1 = inner.reduce(0, +) / width
    let m2 = row.indices.reduce(0) { $0 + inner[$1] * normed[$1] } / width
    for d in row.indices {
      dx[t, d] = (inner[d] - m1 - normed[d] * m2) / deviation
      dw[d] += dy[t, d] * normed[d]
      db[d] += dy[t, d]
    }
  }
  return (dx, dw, db)
  // END SOLUTION
}
