// 3.3  Average pooling                                             (the book: chapter 3, section 3.2)
//
// Instead of the largest number of each window, keep the mean. It forgets how clear the clearest find was, and keeps
// how much there was in all. With padding, one has to decide whether the zeros around the map count as numbers.
//
//     yₙ_c_ij = 1/m · Σₐ Σ_b  x_{n, c, i s + a − p, j s + b − p}          a, b = 0 … k − 1
//
// Outside the map x counts as 0. With countsPadding, m is k²; without it, m is how many numbers of the window lie
// inside the map.
//
//     x   the maps     [N, C, H, W]
//     k   the window,  s  the stride,  p  the padding on all four sides, at most k / 2
//     y   the result   [N, C, ⌊(H + 2p − k) / s⌋ + 1, ⌊(W + 2p − k) / s⌋ + 1]
//
// For example, k = 2, s = 2, p = 1: every window holds one number of this map, and three zeros of the padding.
//
//     x =  4  8      countsPadding:   1 2      not:   4  8
//         12 16                       3 4            12 16

import Practice

/// The mean of each window of `k` × `k` numbers.
func averagePool(
  _ x: Tensor, size k: Int, stride s: Int, padding p: Int, countsPadding: Bool
) throws -> Tensor {
  // BEGIN SOLUTION
  let (height, width) = (x.shape[2], x.shape[3])
  var y = Tensor.zeros([x.shape[0], x.shape[1], (height + 2 * p - k) / s + 1, (width + 2 * p - k) / s + 1])
  for n in 0..<y.shape[0] {
    for c in 0..<y.shape[1] {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          var sum: Float = 0
          var inside = 0
          for row in max(i * s - p, 0)..<min(i * s - p + k, height) {
            for column in max(j * s - p, 0)..<min(j * s - p + k, width) {
              sum += x[n, c, row, column]
              inside += 1
            }
          }
          y[n, c, i, j] = sum / Float(countsPadding ? k * k : inside)
        }
      }
    }
  }
  return y
  // END SOLUTION
}
