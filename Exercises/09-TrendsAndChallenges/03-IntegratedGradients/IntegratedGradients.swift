// 9.3  Integrated gradients                                        (the book: chapter 9, section 9.3)
//
// The gradient at the image says what a small change would do. Integrated gradients asks how the score came about on
// the way from a baseline x′, a grey image for example, to the image x: it takes the mean of the gradients along the
// straight line between them, and multiplies it by the way that each number has gone. The integral becomes a sum of m
// steps, each measured in its middle (the midpoint rule):
//
//     I_p = (x_p − x′_p) · (1/m) Σ_i ∂F/∂x_p at x′ + α_i (x − x′)          α_i = (i + ½)/m,  i = 0 … m − 1
//
// The parts should add up to what they explain, F(x) − F(x′). With few steps something is missing, or too much:
//
//     gap = Σ_p I_p − (F(x) − F(x′))
//
// The network is that of exercise 9.1 with a single score:
//
//     a = W₁ x + b₁        F(x) = Σ_d w₂[d] · max(0, a_d)
//     ∂F/∂x_p = Σ_d w₂[d] · g_d · W₁[d, p]        g_d = 1 where a_d > 0, else 0
//
//     x, x′   [P]      W₁ [D, P]      b₁, w₂ [D]      the attributions I   [P]
//
// For example, one number and one unit: x′ = 0, x = 2, W₁ = 1, b₁ = −1, w₂ = 3, so F(2) − F(0) = 3 − 0.
//
//     m = 4:  at 0.25, 0.75, 1.25 and 1.75 the slope is 0, 0, 3 and 3;  I = 2 · 6/4 = 3,  the gap is 0
//     m = 1:  at 1 the unit is just closed, the slope is 0;             I = 0,            the gap is −3

import Practice

/// The attribution of each number of `x`, with `steps` steps of the midpoint rule.
func integratedGradients(
  _ x: Tensor, from baseline: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, steps m: Int
) throws -> Tensor {
  // BEGIN SOLUTION
  var sum = Tensor.zeros([x.count])
  for i in 0..<m {
    let alpha = (Float(i) + 0.5) / Float(m)
    for d in 0..<b1.count {
      var a = b1[d]
      for p in 0..<x.count { a += w1[d, p] * (baseline[p] + alpha * (x[p] - baseline[p])) }
      if a > 0 {
        for p in 0..<x.count { sum[p] += w2[d] * w1[d, p] }
      }
    }
  }
  return (x - baseline) * sum / Float(m)
  // END SOLUTION
}

/// How much more the attributions add up to than the score has risen.
func completenessGap(
  _ attributions: Tensor, _ x: Tensor, from baseline: Tensor, w1: Tensor, b1: Tensor, w2: Tensor
) throws -> Float {
  // BEGIN SOLUTION
  func score(_ x: Tensor) -> Float {
    var score: Float = 0
    for d in 0..<b1.count {
      var a = b1[d]
      for p in 0..<x.count { a += w1[d, p] * x[p] }
      score += w2[d] * max(0, a)
    }
    return score
  }
  return attributions.scalars.reduce(0, +) - (score(x) - score(baseline))
  // END SOLUTION
}
