// 3.1  Max pooling                                                 (the book: chapter 3, section 3.1)
//
// A feature map says where a filter found what it looks for. Often it is enough to know that it was found in some small
// window, and how clearly: keep the largest number of each window, and the map gets smaller.
//
//     yₙ_c_ij = max over a, b of  x_{n, c, i s + a, j s + b}          a, b = 0 … k − 1
//
//     x   the maps     [N, C, H, W]
//     k   the window   k rows and k columns; k is no larger than H and W
//     s   the stride   how far the window moves; with s < k windows overlap
//     y   the result   [N, C, ⌊(H − k) / s⌋ + 1, ⌊(W − k) / s⌋ + 1]
//
// Each map is pooled by itself, and there is nothing to learn. For example, with k = 2 and s = 2; the last column does
// not fill a window and is left out:
//
//     x =   1  5 −2  3  9      y =   5  3
//           4  0  1  2  9           −1 −4
//          −3 −1 −4 −6  9
//          −2 −7 −5 −8  9

import Practice

/// The largest number of each window of `k` × `k` numbers.
func maxPool(_ x: Tensor, size k: Int, stride s: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let (rows, columns) = ((x.shape[2] - k) / s + 1, (x.shape[3] - k) / s + 1)
  var y = Tensor.zeros([x.shape[0], x.shape[1], rows, columns])
  for n in 0..<x.shape[0] {
    for c in 0..<x.shape[1] {
      for i in 0..<rows {
        for j in 0..<columns {
          var largest = -Float.infinity
          for a in 0..<k {
            for b in 0..<k { largest = max(largest, x[n, c, i * s + a, j * s + b]) }
          }
          y[n, c, i, j] = largest
        }
      }
    }
  }
  return y
  // END SOLUTION
}
