// 9.1  A saliency map by hand                                      (the book: chapter 9, section 9.1)
//
// Which pixels would change the score of a class most? The gradient of the score at the image says so. This network is
// small enough to find it without automatic differentiation: it has one hidden layer with ReLU.
//
//     a = W₁ x + b₁        h = max(0, a)        s = W₂ h + b₂
//
//     ∂s_c/∂x_p = Σ_d W₂[c, d] · g_d · W₁[d, p]        g_d = 1 where a_d > 0, else 0 (also 0 at a_d = 0)
//
// The saliency map has one number for each place of the image, the largest magnitude over its channels:
//
//     M[i, j] = max_k |∂s_c/∂x[k, i, j]|
//
//     x           an image             [C, H, W]      as a row of numbers: channel by channel, row by row
//     W₁, b₁      the hidden layer     [D, C·H·W] and [D]
//     W₂          the output layer     [K, D]         b₂ is not needed: it changes no gradient
//     c           a class, 0 … K − 1
//     the gradient   [C, H, W]         the map   [H, W]
//
// For example, an image of two channels with one row of two pixels, x = 1 2 | 3 −1, and three hidden units:
//
//     W₁ =  1 0  1 2     b₁ = −1     a = 1 + 3 − 2 − 1      =  1     g = 1     W₂[c] = −3 1 5
//           2 1  0 1           0         2 + 2 − 1          =  3         1
//           4 4 −4 4           1         4 + 8 − 12 − 4 + 1 = −3         0
//
//     the gradient: −3·(1 0 1 2) + 1·(2 1 0 1) = −1 1 | −3 −5          the map: 3 5

import Practice

/// The gradient of the score of class `c` at the image.
func scoreGradient(_ x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, of c: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var gradient = Tensor.zeros([x.count])
  for d in 0..<b1.count {
    var a = b1[d]
    for p in 0..<x.count { a += w1[d, p] * x.scalars[p] }
    if a > 0 {
      for p in 0..<x.count { gradient[p] += w2[c, d] * w1[d, p] }
    }
  }
  return gradient.reshaped(x.shape)
  // END SOLUTION
}

/// The saliency map of a gradient `[C, H, W]`.
func saliencyMap(_ gradient: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  var map = Tensor.zeros([gradient.shape[1], gradient.shape[2]])
  for k in 0..<gradient.shape[0] {
    for i in 0..<gradient.shape[1] {
      for j in 0..<gradient.shape[2] { map[i, j] = max(map[i, j], abs(gradient[k, i, j])) }
    }
  }
  return map
  // END SOLUTION
}
