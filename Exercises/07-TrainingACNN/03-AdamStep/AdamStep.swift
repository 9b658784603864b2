// 7.3  A step of Adam                                              (the book: chapter 7, section 7.4)
//
// Some weights have gradients a thousand times as large as others, and one learning rate cannot suit both. Adam keeps
// two running means for each weight: m of the gradient, and v of its square. The root of v is how large the gradient
// usually is; divided by it, all weights take steps of about the same length.
//
//     m ← β₁ m + (1 − β₁) g
//     v ← β₂ v + (1 − β₂) g²
//
//     m̂ = m / (1 − β₁ᵗ)           v̂ = v / (1 − β₂ᵗ)
//
//     w ← w − η m̂ / (√v̂ + ε)
//
//     w, g, m, v   weights, gradient and the two means, all of one shape; m and v are 0 before the first step
//     t            the number of this step, from 1
//     η            the learning rate; β₁ and β₂ say how slowly the means forget; ε keeps the division from 0/0
//
// The hats correct the means for having begun at 0. They are for this step only: m and v go on without them.
//
// For example, the first step of w = 1, with g = 2, η = 0.1, β₁ = 0.9, β₂ = 0.99 and a large ε of 0.5:
//
//     m = 0.1·2 = 0.2           v = 0.01·4 = 0.04
//     m̂ = 0.2 / 0.1 = 2         v̂ = 0.04 / 0.01 = 4
//     w = 1 − 0.1 · 2 / (2 + 0.5) = 0.92
//
// `x.squareRoot()` is the root of a number, and `pow(x, y)` of Foundation is x to the power of y.

import Foundation
import Practice

/// The weights and the two means after step number `t`.
func adamStep(
  _ w: Tensor, gradient g: Tensor, mean m: Tensor, square v: Tensor, step t: Int,
  learningRate: Float, beta1: Float, beta2: Float, epsilon: Float
) throws -> (w: Tensor, m: Tensor, v: Tensor) {
  // BEGIN SOLUTION
  let mean = beta1 * m + (1 - beta1) * g
  let square = beta2 * v + (1 - beta2) * (g * g)
  let meanHat = mean / (1 - pow(beta1, Float(t)))
  let squareHat = square / (1 - pow(beta2, Float(t)))
  return (w - learningRate * meanHat / (squareHat.map { $0.squareRoot() } + epsilon), mean, square)
  // END SOLUTION
}
