// 3.4  Global average pooling                                      (the book: chapter 3, section 3.3)
//
// A window as large as the whole map: one number is left of each. It says how much of its feature there is in the
// image, and no longer where. Networks end with it because what follows has then one weight for each channel, not one
// for each place of each channel, and because it takes maps of any size.
//
//     yₙ_c = 1 / (H W) · Σᵢ Σⱼ  x_{n, c, i, j}
//
//     x   the maps     [N, C, H, W]
//     y   the means    [N, C]
//
// For example, one image with two channels:
//
//     x₀₀ =  1 2 3      x₀₁ =  0 −6  0      y =  3.5  −0.5
//            4 5 6             0  0  3

import Practice

/// The mean of each channel of each image.
func globalAveragePool(_ x: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros([x.shape[0], x.shape[1]])
  for n in 0..<x.shape[0] {
    for c in 0..<x.shape[1] {
      var sum: Float = 0
      for i in 0..<x.shape[2] {
        for j in 0..<x.shape[3] { sum += x[n, c, i, j] }
      }
      y[n, c] = sum / Float(x.shape[2] * x.shape[3])
    }
  }
  return y
  // END SOLUTION
}
