// 7.8  Digits that were moved a little                             (the book: chapter 7, section 7.7)
//
// A five that stands two pixels further right is still a five. When there are few images to learn from, one shows the
// network each of them again and again, moved a little, and by another distance every time: this is called
// augmentation. Move the images of a batch, each by its own distance.
//
//     y_{n, c, i, j} = x_{n, c, i − d_n, j − r_n}         0 where that is outside the image
//
//     x   the images      [N, C, H, W]
//     d   how many pixels each image moves down, N whole numbers; up where it is below 0
//     r   how many pixels each image moves right, N whole numbers; left where it is below 0
//     y   moved images    [N, C, H, W]; what leaves an image is lost
//
// All channels of an image move alike. For example, one image of 2 × 3, moved by 1 to the right and by −1 down:
//
//     x =  1 2 3        y =  0 4 5
//          4 5 6             0 0 0

import Practice

/// The images, each moved by its own distance.
func shifted(_ x: Tensor, down d: [Int], right r: [Int]) throws -> Tensor {
  // BEGIN SOLUTION
  let (height, width) = (x.shape[2], x.shape[3])
  var y = Tensor.zeros(x.shape)
  for n in 0..<x.shape[0] {
    for c in 0..<x.shape[1] {
      for i in 0..<height where (0..<height).contains(i - d[n]) {
        for j in 0..<width where (0..<width).contains(j - r[n]) {
          y[n, c, i, j] = x[n, c, i - d[n], j - r[n]]
        }
      }
    }
  }
  return y
  // END SOLUTION
}
