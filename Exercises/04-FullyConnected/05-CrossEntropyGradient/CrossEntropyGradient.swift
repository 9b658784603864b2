// 4.5  The gradient of the cross-entropy                           (the book: chapter 4, section 4.4)
//
// The way back begins at the loss. How does it change when one logit grows a little? For softmax and cross-entropy
// together the answer is short: what was said, less what would have been right.
//
//     L = −(1/N) Σ_n ln p_n                        p_n   the probability of the right class, from softmax
//
//     dx_nc = dL · ( y_nc − δ_nc ) / N             y = softmax(x);   δ_nc = 1 where c = t_n, else 0
//
//     x    the logits             [N, C]
//     t    the right classes      N whole numbers from 0 to C − 1
//     dL   the upstream gradient: how what comes after the loss changes with it; 1 when nothing comes after
//     dx   the gradient           [N, C]
//
// For example, x = [0, 0, 0.6931] with y = [0.25, 0.25, 0.5], t = 2 and dL = 1:   dx = [0.25, 0.25, −0.5].
// The right class wants a larger score, the others want smaller ones; together they are 0. In a batch of 2 each row is
// half of that, and dL = 3 makes it three times as large.
//
// Softmax must be right for large scores too: see exercise 4.3. `exp` comes with Foundation.

import Foundation
import Practice

/// How the mean cross-entropy, times `upstream`, changes with each logit.
func crossEntropyGradient(_ x: Tensor, targets t: [Int], upstream dL: Float) throws -> Tensor {
  // BEGIN SOLUTION
  var dx = Tensor.zeros(x.shape)
  let factor = dL / Float(x.shape[0])
  for n in 0..<x.shape[0] {
    var largest = x[n, 0]
    for c in 0..<x.shape[1] { largest = max(largest, x[n, c]) }
    var sum: Float = 0
    for c in 0..<x.shape[1] { sum += exp(x[n, c] - largest) }
    for c in 0..<x.shape[1] {
      dx[n, c] = factor * (exp(x[n, c] - largest) / sum - (c == t[n] ? 1 : 0))
    }
  }
  return dx
  // END SOLUTION
}
