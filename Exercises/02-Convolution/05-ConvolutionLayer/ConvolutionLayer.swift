// 2.5  Channels in, filters out                                    (the book: chapter 2, section 2.5)
//
// An image has several channels: red, green and blue, or the feature maps of the layer before. A filter has one kernel
// for each of them; what they find is added up into one map, and one number of the filter's own, the bias, is added.
// A layer has many filters, and each makes one channel of the result.
//
//     yₙₒᵢⱼ = bₒ + Σ_c Σₐ Σ_b  w_ocab · x_{n, c, i+a, j+b}
//
//     x   the images     [N, C, H, W]        N images of C channels
//     w   the filters    [O, C, K_H, K_W]    O filters with a kernel for each channel
//     b   the biases     [O]                 one number for each filter
//     y   the maps       [N, O, H − K_H + 1, W − K_W + 1]
//
// For example, one image of two channels, and two filters:
//
//     x₀₀ =  1 2    w₀₀ =  1 0    w₀₁ =  0 1    b = [10, 0]
//            3 4           0 1           0 0
//
//     x₀₁ =  5 6    w₁₀ =  0  0   w₁₁ =  1 0    y₀₀ = 10 + (1·1 + 1·4) + (1·6) = 21
//            7 8           0 −1          0 0    y₀₁ =  0 + (−1·4)      + (1·5) =  1
//
// y has shape [1, 2, 1, 1]. The number of a tensor of four axes is x[n, c, i, j].

import Practice

/// Applies all filters `w` to all images `x`, and adds the biases `b`.
func convolutionLayer(_ x: Tensor, weight w: Tensor, bias b: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let (filters, channels, kernelHeight, kernelWidth) = (w.shape[0], w.shape[1], w.shape[2], w.shape[3])
  var y = Tensor.zeros([x.shape[0], filters, x.shape[2] - kernelHeight + 1, x.shape[3] - kernelWidth + 1])
  for n in 0..<x.shape[0] {
    for o in 0..<filters {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          var sum = b[o]
          for c in 0..<channels {
            for row in 0..<kernelHeight {
              for column in 0..<kernelWidth { sum += w[o, c, row, column] * x[n, c, i + row, j + column] }
            }
          }
          y[n, o, i, j] = sum
        }
      }
    }
  }
  return y
  // END SOLUTION
}
