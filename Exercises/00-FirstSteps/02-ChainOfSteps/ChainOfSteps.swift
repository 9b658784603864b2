// 0.2  A chain of three steps                                      (the book: chapter 0, section 0.4)
//
// A loss is often reached by several steps, one after the other. Its slope along a parameter is the product of the
// steps' own slopes: that is the chain rule. Write it for this chain:
//
//     u = w x + b          a line
//     v = u³               something that bends
//     L = (v − t)²         how far from the target, squared
//
//     dw = dL/dw           by how much L grows, for each 1 by which w grows
//     db = dL/db           the same along b
//
// x and t are given and stay as they are. The slope of u³ is 3u².
//
// For example, x = 2, t = 5, w = 0.5, b = 1:
//
//     u = 2        v = 8        L = (8 − 5)² = 9
//
// and if b grew by 0.001, L would become 9.07218: db is about 72.

import Practice

/// The loss, and its slopes along w and b.
func lossAndSlopes(x: Double, t: Double, w: Double, b: Double) throws -> (
  loss: Double, dw: Double, db: Double
) {
  // BEGIN SOLUTION
  let u = w * x + b
  let v = u * u * u
  let dv = 2 * (v - t)
  let du = dv * 3 * u * u
  return ((v - t) * (v - t), du * x, du)
  // END SOLUTION
}
