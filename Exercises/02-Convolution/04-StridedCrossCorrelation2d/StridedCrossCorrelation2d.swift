// 2.4  Stride, padding and dilation                                (the book: chapter 2, section 2.4)
//
// The same sliding kernel as in 2.3, with three choices, each made for the rows and for the columns apart:
//
//     stride    s = [s_H, s_W]   how far the kernel moves from one place to the next
//     padding   p = [p_H, p_W]   zeros around the image: p_H rows above and below, p_W columns left and right
//     dilation  d = [d_H, d_W]   how far apart the kernel's weights lie
//
//     yᵢⱼ = Σₐ Σ_b  w_ab · x_{r, c}          r = i s_H + a d_H − p_H,    c = j s_W + b d_W − p_W
//
// with a = 0 … K_H − 1 and b = 0 … K_W − 1. Where r or c lies outside the image, x_{r, c} counts as 0.
//
//     x   the image         [H, W]
//     w   the kernel        [K_H, K_W]
//     y   the feature map   [M_H, M_W] with M_H = ⌊(H + 2 p_H − d_H (K_H − 1) − 1) / s_H⌋ + 1, and M_W likewise;
//                           the kernel always fits onto the padded image
//
// For example, with stride [2, 2], padding [1, 1], dilation [1, 1]:
//
//     x =  1 2 3      w =  1 2      y₁₀ = 1·0 + 2·4 + 0·0 + 1·7 = 15      y =   1  3
//          4 5 6           0 1                                                 15 26
//          7 8 9
//
// In y₁₀ the left column of the kernel lies on the zeros beside the image.

import Practice

/// Slides the kernel `w` over the image `x`; each of the three choices is `[rows, columns]`.
func crossCorrelate2d(
  _ x: Tensor, _ w: Tensor, stride s: [Int], padding p: [Int], dilation d: [Int]
) throws -> Tensor {
  // BEGIN SOLUTION
  let (height, width) = (x.shape[0], x.shape[1])
  let rows = (height + 2 * p[0] - d[0] * (w.shape[0] - 1) - 1) / s[0] + 1
  let columns = (width + 2 * p[1] - d[1] * (w.shape[1] - 1) - 1) / s[1] + 1
  var y = Tensor.zeros([rows, columns])
  for i in 0..<rows {
    for j in 0..<columns {
      var sum: Float = 0
      for a in 0..<w.shape[0] {
        let r = i * s[0] + a * d[0] - p[0]
        guard r >= 0, r < height else { continue }
        for b in 0..<w.shape[1] {
          let c = j * s[1] + b * d[1] - p[1]
          guard c >= 0, c < width else { continue }
          sum += w[a, b] * x[r, c]
        }
      }
      y[i, j] = sum
    }
  }
  return y
  // END SOLUTION
}
