// 2.1  Cross-correlation in one dimension                          (the book: chapter 2, section 2.1)
//
// Slide a short list of weights, the kernel, along a longer list of numbers. At every place, multiply what lies on
// top of each other and add.
//
//     yᵢ = w₀ xᵢ + w₁ xᵢ₊₁ + … + w_{K−1} xᵢ₊K₋₁  =  Σₐ wₐ xᵢ₊ₐ          a = 0 … K − 1
//
//     x   the input    N numbers
//     w   the kernel   K numbers, K from 1 to N
//     y   the result   N − K + 1 numbers: one for each place where the whole kernel lies on the input
//
// For example, x = [1, 2, 4, 7] and w = [−1, 1] give y = [1, 2, 3]:
//
//     y₀ = (−1)·1 + 1·2 = 1      y₁ = (−1)·2 + 1·4 = 2      y₂ = (−1)·4 + 1·7 = 3
//
// This kernel subtracts each number from the next, so it shows how fast the input climbs.

import Practice

/// Slides the kernel `w` along `x`.
func crossCorrelate1d(_ x: [Float], _ w: [Float]) throws -> [Float] {
  // BEGIN SOLUTION
  var y = [Float](repeating: 0, count: x.count - w.count + 1)
  for i in y.indices {
    for a in w.indices { y[i] += w[a] * x[i + a] }
  }
  return y
  // END SOLUTION
}
