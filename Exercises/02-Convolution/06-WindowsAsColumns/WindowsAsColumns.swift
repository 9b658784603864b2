// 2.6  Windows as columns of a matrix                              (the book: chapter 2, section 2.6)
//
// Computers are best at one thing: the product of two large matrices. A convolution becomes one when every window of
// the image, that is everything the kernel lies on at one place, is written out as a column. This is called im2col.
//
//     X_{(c, a, b), (i, j)} = x_{c, i s + a − p, j s + b − p}          0 outside the image
//     Y = W X                                                         W holds one filter in each row
//
//     x   one image        [C, H, W]
//     w   the filters      [O, C, K_H, K_W]
//     X   the windows      [C·K_H·K_W, M_H·M_W]    rows in the order of c, then a, then b; columns of i, then j
//     y   the maps         [O, M_H, M_W]           M_H = ⌊(H + 2p − K_H) / s⌋ + 1, and M_W likewise
//
// s is the stride and p the padding, the same for rows and columns. For example, one channel, a kernel of [2, 2],
// stride 1, padding 0; the first column of X is the window in the top left corner:
//
//     x =  1 2 3      X =  1 2      with the filter  1 0      Y = 1·1 + 0·2 + 0·4 + 2·5 = 11,
//          4 5 6           2 3                       0 2          1·2 + 0·3 + 0·5 + 2·6 = 14
//                          4 5
//                          5 6
//
// Write the windows first; then the convolution as one call of matmul. matmul(A, B) is the product of two matrices.

import Practice

/// All windows of an image, as the columns of a matrix; `kernel` is `[K_H, K_W]`.
func windowColumns(_ x: Tensor, kernel: [Int], stride s: Int, padding p: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let (channels, height, width) = (x.shape[0], x.shape[1], x.shape[2])
  let mapHeight = (height + 2 * p - kernel[0]) / s + 1
  let mapWidth = (width + 2 * p - kernel[1]) / s + 1
  var columns = Tensor.zeros([channels * kernel[0] * kernel[1], mapHeight * mapWidth])
  for c in 0..<channels {
    for a in 0..<kernel[0] {
      for b in 0..<kernel[1] {
        for i in 0..<mapHeight {
          for j in 0..<mapWidth {
            let (row, column) = (i * s + a - p, j * s + b - p)
            guard row >= 0, row < height, column >= 0, column < width else { continue }
            columns[(c * kernel[0] + a) * kernel[1] + b, i * mapWidth + j] = x[c, row, column]
          }
        }
      }
    }
  }
  return columns
  // END SOLUTION
}

/// Applies the filters `w` to one image, by one product.
func convolveByProduct(_ x: Tensor, weight w: Tensor, stride s: Int, padding p: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let columns = try windowColumns(x, kernel: [w.shape[2], w.shape[3]], stride: s, padding: p)
  let mapHeight = (x.shape[1] + 2 * p - w.shape[2]) / s + 1
  return matmul(w.flattened(from: 1), columns).reshaped([w.shape[0], mapHeight, -1])
  // END SOLUTION
}
