// 3.2  Where the maximum was                                       (the book: chapter 3, section 3.1)
//
// Max pooling keeps the largest number of each window and forgets where it stood. To learn, a network must know: only
// the number that was kept had a say in the result (chapter 4 makes use of it). So keep the place as well.
//
//     p_ij = the place of the largest number in window (i, j),    y_ij = the number there
//
// A place is one whole number: row · W + column, counted in the input x, not in the window. When several numbers of a
// window are largest, the first counts: the one in the upper row, and in one row the one on the left.
//
//     x   one map      [H, W]
//     k   the window   k × k,  s  the stride
//     y   the values   [⌊(H − k) / s⌋ + 1, ⌊(W − k) / s⌋ + 1]
//     p   the places   whole numbers, of the same shape
//
// For example, k = 2, s = 2; the windows' largest numbers stand at [0, 1] and [1, 3]: 0·4 + 1 = 1 and 1·4 + 3 = 7.
//
//     x =  1 5 −2 3      y =  5 8      p =  1 7
//          5 0  1 8
//
// An IntTensor is made from an array of whole numbers and a shape: IntTensor([1, 7], shape: [1, 2]).

import Practice

/// The largest number of each window of `k` × `k` numbers, and its place in `x`.
func maxPoolPlaces(_ x: Tensor, size k: Int, stride s: Int) throws -> (values: Tensor, places: IntTensor) {
  // BEGIN SOLUTION
  let (rows, columns) = ((x.shape[0] - k) / s + 1, (x.shape[1] - k) / s + 1)
  var values = Tensor.zeros([rows, columns])
  var places: [Int] = []
  for i in 0..<rows {
    for j in 0..<columns {
      var (bestRow, bestColumn) = (i * s, j * s)
      for row in i * s..<i * s + k {
        for column in j * s..<j * s + k where x[row, column] > x[bestRow, bestColumn] {
          (bestRow, bestColumn) = (row, column)
        }
      }
      values[i, j] = x[bestRow, bestColumn]
      places.append(bestRow * x.shape[1] + bestColumn)
    }
  }
  return (values, IntTensor(places, shape: [rows, columns]))
  // END SOLUTION
}
