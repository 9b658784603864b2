// 10.1  One head of attention                                      (the book: chapter 10, section 10.2)
//
// Each step of a sequence asks a question, its query, and every step has a key that answers. The better a key fits the
// query, the more of that step's value is taken:
//
//     s_ts = q_t · k_s / √D                            how well key s fits query t
//     p_ts = exp(s_ts) / Σ_r exp(s_tr)                 how much of value s step t takes
//     y_t  = Σ_s p_ts v_s                              what it gets
//
//     q    queries    [T, D]        k    keys    [S, D]        v    values    [S, E]
//     y    the output [T, E]        p    the weights [T, S]; each row sums to 1
//
// For example, one query and two keys, D = 4 and E = 1:
//
//     q = 2 0 1 0      k =  1 5 0 0      v = 10      s = 2/2, 0/2 = 1, 0
//                          −1 0 2 3          20      p = 0.7311, 0.2689      y = 0.7311·10 + 0.2689·20 = 12.689
//
// T, S, D and E may all differ. Scores may be in the hundreds, where exp is too large for a Float: take away the largest
// score of a row first, which changes no weight. `exp` comes with Foundation.

import Foundation
import Practice

/// The output `[T, E]` and the weights `[T, S]`.
func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> (output: Tensor, weights: Tensor) {
  // BEGIN SOLUTION
  let scores = matmul(q, k.transposed()) / Float(q.shape[1]).squareRoot()
  var weights = scores
  for t in 0..<q.shape[0] {
    let row = scores.row(t).scalars
    let largest = row.max()!
    let powers = row.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    for s in powers.indices { weights[t, s] = powers[s] / sum }
  }
  return (matmul(weights, v), weights)
  // END SOLUTION
}
