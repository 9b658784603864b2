// 4.10  A convolution's input, backward                            (the book: chapter 4, section 4.7)
//
// A number of the input lies under several places of the kernel, and under all filters. Each sum it went into hands back
// its share: dy times the weight that lay on it.
//
//     yₙₒᵢⱼ = bₒ + Σ_c Σₐ Σ_b  w_ocab · x_{n, c, i s + a − p, j s + b − p}           0 outside the image
//
//     dx_{n, c, r, t} = Σₒ Σ  w_ocab · dyₙₒᵢⱼ      over all i, j, a, b with  i s + a − p = r  and  j s + b − p = t
//
//     dy   ∂L/∂y               [N, O, M_H, M_W]     how much the loss changes with each number of the maps
//     w    the filters         [O, C, K_H, K_W]
//     s, p stride and padding, the same for rows and columns
//     dx   ∂L/∂x               [N, C, H, W] for an input of size [H, W]
//
// A number that no window reached gets 0. For example, one filter of 1×2, stride 1, no padding, H = 1 and W = 3:
//
//     w =  5 7      dy =  3 −1      dx =  5·3   7·3 + 5·(−1)   7·(−1)  =  15  16  −7
//
// The middle number lay under both weights: under the second at place 0, under the first at place 1.

import Practice

/// The gradient of a convolution's input; `size` is `[H, W]`.
func convolutionInputGradient(
  _ dy: Tensor, weight w: Tensor, size: [Int], stride s: Int, padding p: Int
) throws -> Tensor {
  // BEGIN SOLUTION
  var dx = Tensor.zeros([dy.shape[0], w.shape[1], size[0], size[1]])
  for n in 0..<dy.shape[0] {
    for o in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          let share = dy[n, o, i, j]
          for a in 0..<w.shape[2] {
            for b in 0..<w.shape[3] {
              let (row, column) = (i * s + a - p, j * s + b - p)
              guard row >= 0, row < size[0], column >= 0, column < size[1] else { continue }
              for c in 0..<w.shape[1] { dx[n, c, row, column] += share * w[o, c, a, b] }
            }
          }
        }
      }
    }
  }
  return dx
  // END SOLUTION
}
