// 4.3  Softmax, also for large scores                              (the book: chapter 4, section 4.3)
//
// The last linear layer gives a score for each class, the logits: any numbers, positive or negative. Softmax makes
// probabilities of them, row by row: all positive, with the sum 1, and the larger the score the larger the probability.
//
//     y_nc = e^{x_nc} / Σ_k e^{x_nk}
//
//     x   the logits          [N, C]       N examples, C classes
//     y   the probabilities   [N, C]
//
// As it stands, the formula fails: e^89 is too large for a Float, and ∞ / ∞ is not a number. But the same number taken
// from all scores of a row changes nothing in y, because it cancels. So take away the largest score m_n of the row:
//
//     y_nc = e^{x_nc − m_n} / Σ_k e^{x_nk − m_n}
//
// Now the largest power is e⁰ = 1, and nothing can grow too large.
//
// For example, the row x = [1, 1, 1.6931], and 0.6931 is ln 2: less the largest score, the powers are 0.5, 0.5 and 1,
// their sum is 2, and y = [0.25, 0.25, 0.5]. The row [1000, 1000, 1000.6931] gives nearly the same.
//
// `exp` comes with Foundation.

import Foundation
import Practice

/// The probabilities that belong to a batch of logits.
func softmaxRows(_ x: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros(x.shape)
  for n in 0..<x.shape[0] {
    var largest = x[n, 0]
    for c in 0..<x.shape[1] { largest = max(largest, x[n, c]) }
    var sum: Float = 0
    for c in 0..<x.shape[1] {
      y[n, c] = exp(x[n, c] - largest)
      sum += y[n, c]
    }
    for c in 0..<x.shape[1] { y[n, c] /= sum }
  }
  return y
  // END SOLUTION
}
