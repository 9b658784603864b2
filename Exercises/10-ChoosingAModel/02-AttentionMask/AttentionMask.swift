// 10.2  Who may look at whom                                       (the book: chapter 10, section 10.3)
//
// A model that writes must not look ahead, and no step may look at padding. A mask says for each query and each key whether
// the one may look at the other; what is forbidden gets the weight 0, and the others share the whole 1.
//
// `attentionMask(queries:keys:length:)`: the T queries are the last T of S steps, as when a text is read on: query t stands
// at place S − T + t, counted from 0. It may look at key s
//
//     if s ≤ S − T + t        it does not lie ahead
//     and s < length          it is no padding
//
// `maskedSoftmax(_:mask:)`: the weights of scores s, `[T, S]`, under a mask of T rows:
//
//     p_ts = exp(s_ts) / Σ_r exp(s_tr)        r over the allowed keys of query t; p_ts = 0 where s is forbidden
//
// A query that may look at nothing takes nothing: its row is all 0. Scores may be in the hundreds, forbidden ones as well.
//
// For example, T = 2, S = 4, length 3: query 0 stands at place 2, query 1 at place 3.
//
//     mask   ✓ ✓ ✓ ·        scores   1 0 0 5        p   0.5761 0.2119 0.2119 0
//            ✓ ✓ ✓ ·                 0 0 0 7            0.3333 0.3333 0.3333 0

import Foundation
import Practice

/// T rows of S: true where query t may look at key s.
func attentionMask(queries: Int, keys: Int, length: Int) throws -> [[Bool]] {
  // BEGIN SOLUTION
  return (0..<queries).map { t in
    (0..<keys).map { s in s <= keys - queries + t && s < length }
  }
  // END SOLUTION
}

/// The weights `[T, S]`.
func maskedSoftmax(_ scores: Tensor, mask: [[Bool]]) throws -> Tensor {
  // BEGIN SOLUTION
  var weights = Tensor.zeros(scores.shape)
  for t in 0..<scores.shape[0] {
    let allowed = (0..<scores.shape[1]).filter { mask[t][$0] }
    guard let largest = allowed.map({ scores[t, $0] }).max() else { continue }
    let sum = allowed.reduce(0) { $0 + exp(scores[t, $1] - largest) }
    for s in allowed { weights[t, s] = exp(scores[t, s] - largest) / sum }
  }
  return weights
  // END SOLUTION
}
