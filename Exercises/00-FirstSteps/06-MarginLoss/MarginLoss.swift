// 0.6  A neuron's loss for the classes −1 and 1                    (the book: chapter 0, section 0.8)
//
// The book calls the two classes 0 and 1. Many programs call them −1 and 1, and then one formula does for both. With
// the neuron's sum z and the sigmoid σ, the probability of the right class is σ(t z), and the loss of a point is
//
//     L  = −ln σ(t z) = ln(1 + e^(−t z))
//     dz = dL/dz = −t / (1 + e^(t z))
//
// Give both for every point.
//
//     z   weighted sums        [N]        t   classes, −1 or 1        [N]
//
// The results must be right for any z: e^1000 is too large for a Double, and becomes infinite. But ln(1 + e^1000) is an
// ordinary number, as near to 1000 as a Double can be. Find a way to write it that never makes a large power.
//
// For example, z = 1: with t = 1 the loss is 0.31326 and dz = −0.26894; with t = −1 they are 1.31326 and 0.73106.
//
// `exp`, `log` and `log1p(x)`, which is ln(1 + x), come with Foundation.

import Foundation
import Practice

/// The loss of each point, and its slope along z.
func marginLoss(_ z: [Double], _ t: [Double]) throws -> (loss: [Double], dz: [Double]) {
  // BEGIN SOLUTION
  let margins = zip(z, t).map { $0 * $1 }
  let losses = margins.map { log1p(exp(-abs($0))) + max(-$0, 0) }
  let slopes = zip(margins, t).map { margin, t in -t / (1 + exp(margin)) }
  return (losses, slopes)
  // END SOLUTION
}
