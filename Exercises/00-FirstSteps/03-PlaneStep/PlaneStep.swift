// 0.3  A step with several inputs                                  (the book: chapter 0, section 0.5)
//
// A line has one input. Here each example has D of them, with a weight for each:
//
//     yₙ = w₀ xₙ₀ + w₁ xₙ₁ + … + b
//     L  = 1/N Σₙ (yₙ − tₙ)²
//
// Make one step of gradient descent. Each weight has a slope of its own: the book's formula for a line, with that
// weight's input.
//
//     w_d ← w_d − η dw_d          b ← b − η db
//
//     x   inputs        [N, D]        t   targets      [N]
//     w   weights       [D]           η   learning rate
//
// All slopes are taken at the same place, before anything moves.
//
// For example, N = 1, D = 2, x = [[2, 3]], t = [1], w = [1, 0], b = 0, η = 0.25: y = 2, the error is 1, the slopes are
// [4, 6] and 2, and the step leads to w = [0, −1.5] and b = −0.5.
//
// `x[n, d]` is a number of a tensor; `var w = w` makes a copy that may be changed, as in `w[d] -= 1`.

import Practice

/// Weights and bias after one step of gradient descent.
func planeStep(_ x: Tensor, _ t: Tensor, w: Tensor, b: Float, learningRate: Float) throws -> (
  w: Tensor, b: Float
) {
  // BEGIN SOLUTION
  let (N, D) = (x.shape[0], x.shape[1])
  var dw = Tensor.zeros([D])
  var db: Float = 0
  for n in 0..<N {
    var y = b
    for d in 0..<D { y += w[d] * x[n, d] }
    let slope = 2 * (y - t[n]) / Float(N)
    for d in 0..<D { dw[d] += slope * x[n, d] }
    db += slope
  }
  return (w - learningRate * dw, b - learningRate * db)
  // END SOLUTION
}
