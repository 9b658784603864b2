// 4.12  Average pooling, backward                                  (the book: chapter 4, section 4.7)
//
// In a mean all numbers of the window have the same say: each counts for 1/k² of the result. So the gradient of a window
// is shared out evenly, and a number that lies in several windows gets a share of each.
//
//     yₙ_c_ij = 1/k² · Σₐ Σ_b  x_{n, c, i s + a, j s + b}          a, b = 0 … k − 1
//
//     dx_{n, c, r, t} = Σ dyₙ_c_ij / k²      over all windows (i, j) in which [r, t] lies
//
//     k    the window, k × k,  s  the stride; with s < k windows overlap
//     dy   ∂L/∂y               [N, C, ⌊(H − k) / s⌋ + 1, ⌊(W − k) / s⌋ + 1]
//     dx   ∂L/∂x               [N, C, H, W] for maps of `size` [H, W]
//
// A number that lies in no window gets 0. The numbers of x are not needed. For example, k = 2, s = 1, H = 2, W = 4; the
// last but one column lies in the last two windows, (8 + 12) / 4 = 5:
//
//     dy =  4 8 12      dx =  1 3 5 3
//                             1 3 5 3

import Practice

/// The gradient of average pooling's input; `size` is `[H, W]`.
func averagePoolGradient(_ dy: Tensor, size: [Int], window k: Int, stride s: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var dx = Tensor.zeros([dy.shape[0], dy.shape[1], size[0], size[1]])
  for n in 0..<dy.shape[0] {
    for c in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          let share = dy[n, c, i, j] / Float(k * k)
          for row in i * s..<i * s + k {
            for column in j * s..<j * s + k { dx[n, c, row, column] += share }
          }
        }
      }
    }
  }
  return dx
  // END SOLUTION
}
