// 4.11  Max pooling, backward                                      (the book: chapter 4, section 4.7)
//
// Only the largest number of a window had a say in the result: a small change of any other changes nothing. So the
// whole gradient of the window goes to the one place where the maximum was, and all others get 0 from it.
//
//     dx_{n, c, r, t} = Σ dyₙ_c_ij      over all windows (i, j) whose maximum stood at [r, t]
//
//     x    the maps that were pooled     [N, C, H, W]
//     k    the window, k × k,  s  the stride; with s < k windows overlap
//     dy   ∂L/∂y                         [N, C, ⌊(H − k) / s⌋ + 1, ⌊(W − k) / s⌋ + 1]
//     dx   ∂L/∂x                         [N, C, H, W]
//
// When several numbers of a window are largest, the first gets all: the upper row, and in one row the left (3.2). A
// number that was largest in several windows gets all of their gradients, added up. For example, k = 2, s = 1; 9 is
// the largest of both windows on the left and in the middle:
//
//     x =  1 9 2 5      dy =  10 20 30      dx =  0 30  0 0
//          3 4 7 8                                0  0  0 30

import Practice

/// The gradient of max pooling's input.
func maxPoolGradient(_ dy: Tensor, input x: Tensor, size k: Int, stride s: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var dx = Tensor.zeros(x.shape)
  for n in 0..<dy.shape[0] {
    for c in 0..<dy.shape[1] {
      for i in 0..<dy.shape[2] {
        for j in 0..<dy.shape[3] {
          var (bestRow, bestColumn) = (i * s, j * s)
          for row in i * s..<i * s + k {
            for column in j * s..<j * s + k where x[n, c, row, column] > x[n, c, bestRow, bestColumn] {
              (bestRow, bestColumn) = (row, column)
            }
          }
          dx[n, c, bestRow, bestColumn] += dy[n, c, i, j]
        }
      }
    }
  }
  return dx
  // END SOLUTION
}
