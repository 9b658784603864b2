// 2.8  One matrix, few weights                                     (the book: chapter 2, section 2.9)
//
// A sum of products for every place: a convolution could be done by a matrix too. Its rows show what sets it apart from
// any other matrix: most of their numbers are 0, for a place sees only its neighbours; and all rows hold the same few
// weights, each row a little farther to the right, for all places share one kernel.
//
//     yᵢ = Σ_t  T_it x_t          T_it = wₐ  where t = i s + a − p for some a = 0 … K − 1,   T_it = 0 elsewhere
//
//     w   the kernel   K numbers
//     s   the stride,  p  the padding
//     T   the matrix   [M, N] for an input of N numbers, with M = ⌊(N + 2p − K) / s⌋ + 1
//
// A weight that would meet a zero of the padding, t < 0 or t ≥ N, is left out. For example, w = [1, 2, 3], N = 4:
//
//     s = 1, p = 0:   1 2 3 0          s = 2, p = 1:   2 3 0 0
//                     0 1 2 3                          0 1 2 3

import Practice

/// The matrix that does what the kernel `w` does to `n` numbers.
func convolutionMatrix(_ w: [Float], input n: Int, stride s: Int, padding p: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var matrix = Tensor.zeros([(n + 2 * p - w.count) / s + 1, n])
  for i in 0..<matrix.shape[0] {
    for a in w.indices {
      let t = i * s + a - p
      if t >= 0 && t < n { matrix[i, t] = w[a] }
    }
  }
  return matrix
  // END SOLUTION
}
