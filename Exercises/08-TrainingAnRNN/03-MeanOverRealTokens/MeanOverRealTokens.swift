// 8.3  The mean over real tokens                                   (the book: chapter 8, section 8.4)
//
// A network that says something at every step, what the next word is, say, has a loss for every step, and some of them are
// padding. They must count neither in the sum nor in the number that it is divided by:
//
//     L = Σ over all real steps of −ln softmax(z_{n,t})[k_{n,t}]  /  R           R = Σ_n l_n, the number of real steps
//
//     dz_{n,t,c} = (softmax(z_{n,t})_c − [c = k_{n,t}]) / R      at real steps,      0 at padding
//
//     z    scores, [N, T, C]        k    the right classes, N rows of T numbers        lengths    l_n, from 1 to T
//
// For example, N = 2, T = 2, C = 2, lengths 2 and 1, all scores 0: each of the three real steps has the loss ln 2, so
// L = ln 2 = 0.69315; with k = 0 everywhere, dz is (½ − 1)/3 = −1/6 for class 0 and 1/6 for class 1 at these three steps,
// and 0 at the fourth.
//
// Scores may be large: take the largest of a step away before `exp`. What stands in k and z at padding may be anything; k
// may even be no class there, such as −1.

import Foundation
import Practice

/// The loss, and its gradient at the scores.
func meanLoss(_ z: Tensor, targets k: [[Int]], lengths: [Int]) throws -> (loss: Float, dz: Tensor) {
  // BEGIN SOLUTION
  let count = Float(lengths.reduce(0, +))
  var loss: Float = 0
  var dz = Tensor.zeros(z.shape)
  for n in 0..<z.shape[0] {
    for t in 0..<lengths[n] {
      let scores = (0..<z.shape[2]).map { z[n, t, $0] }
      let largest = scores.max()!
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      loss += (log(sum) + largest - scores[k[n][t]]) / count
      for c in scores.indices {
        dz[n, t, c] = (exp(scores[c] - largest) / sum - (c == k[n][t] ? 1 : 0)) / count
      }
    }
  }
  return (loss, dz)
  // END SOLUTION
}
