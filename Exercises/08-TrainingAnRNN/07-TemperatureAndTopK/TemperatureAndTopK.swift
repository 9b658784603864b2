// 8.7  Temperature and top-k                                       (the book: chapter 8, section 8.9)
//
// A language model gives scores z for what may come next. Writing means choosing one of them by chance:
//
//     1. Only the k largest scores are kept. Of equal scores the one that comes first counts as larger.
//     2. p_c = exp(z_c/τ) / Σ exp(z_j/τ) over the scores that are kept, and 0 for the rest. τ > 0 is the temperature.
//        With τ = 0 the largest score has the probability 1: greedy.
//     3. A number u from 0 up to but not including 1 is drawn. The probabilities are added up from the first on; chosen is
//        the first at which the sum is greater than u.
//
// For example, z = 0 ln 3 0 and k = 2, τ = 1: the two largest are ln 3 and the first 0, p = ¼ ¾ 0. With u = 0.2 the first is
// chosen, with u = 0.25 or 0.9 the second. With τ = ½, z/τ = 0 ln 9, and p = 0.1 0.9 0.
//
// Scores may be large, and the temperature small: take the largest score away before `exp`. Rounding may leave the whole sum a
// little below 1 and below u: then the last with a probability above 0 is chosen.

import Foundation
import Practice

/// The probabilities that the scores are chosen by.
func probabilities(_ z: [Double], temperature: Double, k: Int) throws -> [Double] {
  // BEGIN SOLUTION
  let ranked = z.indices.sorted { z[$0] == z[$1] ? $0 < $1 : z[$0] > z[$1] }
  let kept = temperature == 0 ? ranked.prefix(1) : ranked.prefix(k)
  var powers = [Double](repeating: 0, count: z.count)
  for c in kept {
    powers[c] = temperature == 0 ? 1 : exp((z[c] - z[ranked[0]]) / temperature)
  }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
  // END SOLUTION
}

/// The choice that `u` makes.
func choice(_ p: [Double], u: Double) throws -> Int {
  // BEGIN SOLUTION
  var sum = 0.0
  for (c, probability) in p.enumerated() {
    sum += probability
    if sum > u && probability > 0 { return c }
  }
  return p.lastIndex { $0 > 0 } ?? 0
  // END SOLUTION
}
