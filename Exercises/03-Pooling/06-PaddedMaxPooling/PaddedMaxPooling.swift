// 3.6  Max pooling with a border                                   (the book: chapter 3, section 3.1)
//
// Windows that overlap and reach over the edge: many networks begin with windows of 3, stride 2 and padding 1. In an
// average, zeros around the map do some harm; in a maximum they would be wrong, for among negative numbers 0 wins. So
// what lies outside does not take part at all, as if it were −∞.
//
//     y_c_ij = max over a, b of  x_{c, r, t}          r = i s_H + a − p_H,    t = j s_W + b − p_W
//
// over those a = 0 … k_H − 1 and b = 0 … k_W − 1 for which [r, t] lies inside the map. The place of the maximum is
// r · W + t, counted in the map without its border; of equal numbers the first counts: the upper row, then the left.
//
//     x   the maps     [C, H, W]
//     k   the window   [k_H, k_W],  s  the stride  [s_H, s_W],  p  the padding  [p_H, p_W], at most half the window
//     y   the values   [C, M_H, M_W] with M_H = ⌊(H + 2 p_H − k_H) / s_H⌋ + 1, and M_W likewise
//         the places   whole numbers, of the same shape
//
// For example, one map, k = [3, 3], s = [2, 2], p = [1, 1]; the first window holds −5 −2 −7 −4 of the map:
//
//     x =  −5 −2 −3      y =  −2 −2      places =  1 1
//          −7 −4 −6           −1 −1                7 7
//          −9 −1 −8

import Practice

/// The largest number of each window, and its place in its map; size, stride and padding are `[rows, columns]`.
func paddedMaxPool(
  _ x: Tensor, size k: [Int], stride s: [Int], padding p: [Int]
) throws -> (values: Tensor, places: IntTensor) {
  // BEGIN SOLUTION
  let (height, width) = (x.shape[1], x.shape[2])
  let shape = [x.shape[0], (height + 2 * p[0] - k[0]) / s[0] + 1, (width + 2 * p[1] - k[1]) / s[1] + 1]
  var values = Tensor.zeros(shape)
  var places: [Int] = []
  for c in 0..<shape[0] {
    for i in 0..<shape[1] {
      for j in 0..<shape[2] {
        let (top, left) = (i * s[0] - p[0], j * s[1] - p[1])
        var best: (row: Int, column: Int)?
        for row in max(top, 0)..<min(top + k[0], height) {
          for column in max(left, 0)..<min(left + k[1], width) {
            if let now = best, x[c, row, column] <= x[c, now.row, now.column] { continue }
            best = (row, column)
          }
        }
        let (row, column) = best!
        values[c, i, j] = x[c, row, column]
        places.append(row * width + column)
      }
    }
  }
  return (values, IntTensor(places, shape: shape))
  // END SOLUTION
}
