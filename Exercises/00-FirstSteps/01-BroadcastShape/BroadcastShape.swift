// 0.1  The shape of a sum                                          (the book: chapter 0, section 0.3)
//
// Two tensors of different shapes can be added where broadcasting makes their shapes alike. Write the rule: given two
// shapes, what is the shape of the sum? `nil` where the shapes do not fit: that is what an optional is for.
//
// Lay the shapes one below the other, the last axes in the same column. Go from right to left:
//
//     sizes are equal          that size
//     one of them is 1         the other size: the axis of 1 is repeated
//     one of them is missing   the other size: a missing axis is as good as one of size 1
//     anything else            the shapes do not fit
//
//     a, b   shapes of any rank, also none: [] is the shape of a single number
//
// For example:      a          2  3  4            a   2  3
//                   b             3  1            b      2
//                   a + b      2  3  4            does not fit: 3 and 2
//
// An axis may have the size 0, for there are tensors without numbers. It is a size like any other: 0 and 1 give 0.

import Practice

/// The shape of the sum of two tensors; nil where their shapes do not fit.
func broadcastShape(_ a: [Int], _ b: [Int]) throws -> [Int]? {
  // BEGIN SOLUTION
  let rank = max(a.count, b.count)
  let longA = Array(repeating: 1, count: rank - a.count) + a
  let longB = Array(repeating: 1, count: rank - b.count) + b
  var result: [Int] = []
  for (sizeA, sizeB) in zip(longA, longB) {
    if sizeA == sizeB || sizeB == 1 {
      result.append(sizeA)
    } else if sizeA == 1 {
      result.append(sizeB)
    } else {
      return nil
    }
  }
  return result
  // END SOLUTION
}
