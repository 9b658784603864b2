// 4.4  Cross-entropy from logits                                   (the book: chapter 4, section 4.3)
//
// How wrong are the scores of a batch? Take the probability that softmax gives to the right class t_n of each example.
// Its logarithm with the sign turned is 0 when the network is sure and right, and the larger the surer it is of
// something wrong. The loss is the mean over the examples:
//
//     p_n = e^{x_n,t_n} / Σ_k e^{x_nk}             L = −(1/N) Σ_n ln p_n
//
//     x   the logits          [N, C]       N examples, C classes
//     t   the right classes   N whole numbers from 0 to C − 1
//     L   the loss            one number
//
// For a class that is far from likely, p_n is 0 in Float, and its logarithm is −∞, though the loss is an ordinary
// number. So write the logarithm out. With m_n, the largest score of the row,
//
//     −ln p_n = m_n + ln Σ_k e^{x_nk − m_n} − x_n,t_n
//
// For example, x = [0, 0, 0.6931], with the powers 1, 1, 2:
//
//     t = 2    p = 2/4    L = ln 2 = 0.69315          t = 0    p = 1/4    L = ln 4 = 1.38629
//
// and both together, as a batch of 2, have the loss (0.69315 + 1.38629) / 2 = 1.03972.
//
// `exp` and `log`, the natural logarithm, come with Foundation.

import Foundation
import Practice

/// The mean cross-entropy of a batch of logits and the right classes.
func crossEntropyLoss(_ x: Tensor, targets t: [Int]) throws -> Float {
  // BEGIN SOLUTION
  var total: Float = 0
  for n in 0..<x.shape[0] {
    var largest = x[n, 0]
    for c in 0..<x.shape[1] { largest = max(largest, x[n, c]) }
    var sum: Float = 0
    for c in 0..<x.shape[1] { sum += exp(x[n, c] - largest) }
    total += log(sum) + (largest - x[n, t[n]])
  }
  return total / Float(x.shape[0])
  // END SOLUTION
}
