// 12.2  Prune, rewind, learn again                                 (the book: chapter 12, section 12.2)
//
// Pruning in rounds takes a share p of the weights that are left, each time the smallest ones. After the last of n rounds the
// share s of all weights is gone. Which p does that?
//
//     1 − s = (1 − p)ⁿ
//
// And one round: which survivors go is decided by the trained weights, but those that stay begin the next training with their
// early values:
//
//     k = ⌊p · n_left⌋
//     m' = m, with 0 for the k survivors of least |w|
//     w' = m' · early
//
//     early     the weights as they were early in the first training   [N]
//     trained   the weights w after the last training                  [N]; what stands where m is 0 means nothing
//     mask      m, 1 for a weight that is left                         [N]
//     p         the share of the survivors that goes, from 0 to 1
//
// Of equal ones the first goes first.
//
// For example, with two rounds to s = 0.75, p = 0.5. With early [5, 1, 7, 2, 3], trained [−9, 4, 1, 6, −2], mask [1, 0, 1, 1, 1] and
// p = 0.5, two of the four survivors go, those with 1 and −2: the mask is [1, 0, 0, 1, 0], and the weights [5, 0, 0, 2, 0].

import Foundation
import Practice

/// The share that each of n rounds takes of what is left, so that at the end the share s is gone.
func roundShare(_ s: Float, rounds n: Int) throws -> Float {
  // BEGIN SOLUTION
  return 1 - pow(1 - s, 1 / Float(n))
  // END SOLUTION
}

/// The mask after a round, and the weights that the next training begins with.
func pruneRound(
  early: Tensor, trained: Tensor, mask: Tensor, share p: Float
) throws -> (mask: Tensor, weights: Tensor) {
  // BEGIN SOLUTION
  let alive = (0..<mask.count).filter { mask[$0] != 0 }
  let k = Int(p * Float(alive.count))
  let order = alive.sorted { (abs(trained[$0]), $0) < (abs(trained[$1]), $1) }
  var new = mask
  for i in order.prefix(k) { new[i] = 0 }
  return (new, new * early)
  // END SOLUTION
}
