// 9.2  A map by covering                                           (the book: chapter 9, section 9.2)
//
// Occlusion asks without any gradient: cover a part of the image, and see how far the score falls. A window of k × k
// pixels is set to one number, first in the upper left corner, then s pixels further along the row, and so on, row by
// row, as far as the whole window stays inside the image. There are
//
//     R = ( (H − k)/s + 1 ) · ( (W − k)/s + 1 )          both divisions rounded down
//
// copies of the image, each with one window covered. A network, which is not part of this exercise, gives each copy its
// score. Every pixel then gets the mean over the windows that covered it of
//
//     score of the whole image − score of the copy
//
// and 0 where no window has been.
//
//     x        the image                  [H, W]
//     k, s     window and stride;         k is at most H and W
//     copies   one after the other        [R, H, W]
//     scores   of the copies              R numbers
//     the map                             [H, W]
//
// For example, H = 2, W = 4, k = 2 and s = 1: R = 3 windows, beginning in columns 0, 1 and 2. With the fill 9:
//
//     x = 1 2 3 4     copies   9 9 3 4     1 9 9 4     1 2 9 9
//         5 6 7 8              9 9 7 8     5 9 9 8     5 6 9 9
//
// If the whole image has the score 10 and the copies have 7, 10 and 4, the score falls by 3, 0 and 6. Both rows of the
// map are 3, (3 + 0)/2 = 1.5, (0 + 6)/2 = 3 and 6.

import Practice

/// Copies of the image, each with one window covered.
func coveredCopies(_ x: Tensor, size k: Int, stride s: Int, fill: Float) throws -> Tensor {
  // BEGIN SOLUTION
  let (height, width) = (x.shape[0], x.shape[1])
  var pixels: [Float] = []
  var count = 0
  for top in stride(from: 0, through: height - k, by: s) {
    for left in stride(from: 0, through: width - k, by: s) {
      var copy = x
      for i in top..<top + k {
        for j in left..<left + k { copy[i, j] = fill }
      }
      pixels += copy.scalars
      count += 1
    }
  }
  return Tensor(pixels, shape: [count, height, width])
  // END SOLUTION
}

/// The map that the scores of the copies make.
func occlusionMap(
  _ scores: [Float], whole: Float, height: Int, width: Int, size k: Int, stride s: Int
) throws -> Tensor {
  // BEGIN SOLUTION
  var sums = Tensor.zeros([height, width])
  var windows = Tensor.zeros([height, width])
  var copy = 0
  for top in stride(from: 0, through: height - k, by: s) {
    for left in stride(from: 0, through: width - k, by: s) {
      for i in top..<top + k {
        for j in left..<left + k {
          sums[i, j] += whole - scores[copy]
          windows[i, j] += 1
        }
      }
      copy += 1
    }
  }
  return sums / windows.map { max($0, 1) }
  // END SOLUTION
}
