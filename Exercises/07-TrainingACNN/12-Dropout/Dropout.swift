// 7.12  Dropout, there and back                                    (the book: chapter 7, section 7.8)
//
// While a network is trained, dropout sets each number to 0 with the probability p. What is kept is divided by 1 − p, so
// that every number keeps its mean. When the network is used, nothing is dropped and nothing is divided.
//
// Chance is given: a number u from 0 up to 1 for each number of x. Where u < p, the number is dropped.
//
//     training       mask = 1 / (1 − p)  where kept,  0  where dropped        y = mask ⊙ x
//     otherwise      mask = 1  everywhere                                     y = x
//
//     backward       dx = mask ⊙ dy
//
//     x, u, mask, y, dy, dx   all of one shape, with any number of axes        0 ≤ p < 1
//
// For example, p = 0.2, so that what is kept is divided by 0.8:
//
//     x    = 4   −2   8   1
//     u    = 0.9  0.1  0.2  0.5       the second is below 0.2, and the third is not
//     mask = 1.25  0  1.25  1.25      y = 5   0   10   1.25

import Practice

/// What the next layer sees, and the mask that made it.
func dropoutForward(
  _ x: Tensor, chance u: Tensor, probability p: Float, isTraining: Bool
) throws -> (y: Tensor, mask: Tensor) {
  // BEGIN SOLUTION
  if !isTraining { return (x, Tensor.ones(x.shape)) }
  let mask = u.map { $0 < p ? 0 : 1 / (1 - p) }
  return (x * mask, mask)
  // END SOLUTION
}

/// The gradient at x, with the mask of the way there.
func dropoutBackward(_ dy: Tensor, mask: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  dy * mask
  // END SOLUTION
}
