// 4.9  A convolution's weights, backward                           (the book: chapter 4, section 4.7)
//
// A filter's weight meets many numbers: one at every place of the map, in every image of the batch. By the chain rule
// each meeting hands back its share, and the gradient of the weight is their sum.
//
//     yₙₒᵢⱼ = bₒ + Σ_c Σₐ Σ_b  w_ocab · x_{n, c, i s + a − p, j s + b − p}           0 outside the image
//
//     dw_ocab = Σₙ Σᵢ Σⱼ  dyₙₒᵢⱼ · x_{n, c, i s + a − p, j s + b − p}
//     dbₒ     = Σₙ Σᵢ Σⱼ  dyₙₒᵢⱼ
//
//     x    the images          [N, C, H, W]
//     dy   ∂L/∂y               [N, O, M_H, M_W]     how much the loss changes with each number of the maps
//     s, p stride and padding, the same for rows and columns
//     dw   ∂L/∂w               [O, C, K_H, K_W]
//     db   ∂L/∂b               [O]
//
// For example, one image and one filter of 1×2, stride 1, no padding:
//
//     x =  1 2 4      dy =  3 −1      dw₀ = 3·1 + (−1)·2 = 1      dw₁ = 3·2 + (−1)·4 = 2      db = 3 − 1 = 2
//
// It is a cross-correlation again: dy slides over x.

import Practice

/// The gradients of a convolution's weights and biases; `kernel` is `[K_H, K_W]`.
func convolutionWeightGradient(
  _ dy: Tensor, input x: Tensor, kernel k: [Int], stride s: Int, padding p: Int
) throws -> (weight: Tensor, bias: Tensor) {
  // BEGIN SOLUTION
  var dw = Tensor.zeros([dy.shape[1], x.shape[1], k[0], k[1]])
  var db = Tensor.zeros([dy.shape[1]])
  for n in 0..<dy.shape[0] {
    for o in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          let share = dy[n, o, i, j]
          db[o] += share
          for a in 0..<k[0] {
            for b in 0..<k[1] {
              let (row, column) = (i * s + a - p, j * s + b - p)
              guard row >= 0, row < x.shape[2], column >= 0, column < x.shape[3] else { continue }
              for c in 0..<x.shape[1] { dw[o, c, a, b] += share * x[n, c, row, column] }
            }
          }
        }
      }
    }
  }
  return (dw, db)
  // END SOLUTION
}
