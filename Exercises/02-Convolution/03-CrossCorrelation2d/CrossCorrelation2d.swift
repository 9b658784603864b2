// 2.3  Cross-correlation in two dimensions                         (the book: chapter 2, section 2.2)
//
// Lay a small kernel on the top left corner of an image, multiply what lies on top of each other, and add. Move one
// to the right and do it again; at the end of the row, go one down. The sums are the feature map.
//
//     yᵢⱼ = Σₐ Σ_b  w_ab · x_{i+a, j+b}          a = 0 … K_H − 1,  b = 0 … K_W − 1
//
//     x   the image         [H, W]
//     w   the kernel        [K_H, K_W], no larger than the image; it need not be square
//     y   the feature map   [H − K_H + 1, W − K_W + 1]
//
// For example:
//
//     x =  1 2 3      w =  1 2      y₀₀ = 1·1 + 2·2 + 0·4 + 1·5 = 10      y =  10 14
//          4 5 6           0 1                                                 22 26
//          7 8 9
//
// A tensor's numbers are x[i, j]; its shape is an array, so x.shape[0] is H.

import Practice

/// Slides the kernel `w` over the image `x`.
func crossCorrelate2d(_ x: Tensor, _ w: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros([x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1])
  for i in 0..<y.shape[0] {
    for j in 0..<y.shape[1] {
      var sum: Float = 0
      for a in 0..<w.shape[0] {
        for b in 0..<w.shape[1] { sum += w[a, b] * x[i + a, j + b] }
      }
      y[i, j] = sum
    }
  }
  return y
  // END SOLUTION
}
