// 10.9  A cache of keys and values                                 (the book: chapter 10, section 10.10)
//
// A model that writes adds one step at a time. All that a new step needs of the earlier ones are their keys and values: whoever
// keeps them need not read the text anew for every symbol, and gets the same numbers.
//
// Read one more step x, with a cache that holds S earlier ones:
//
//     q = W_q x        k = W_k x        v = W_v x
//     keys   ← keys with the row k below         values ← values with the row v below
//     if there are more than L rows now, the first row of each goes
//     y = W_o ( the H heads of q, which look at all rows that are in the cache now, side by side )
//
//     head h    softmax( q_h · k_{s,h} / √(D/H) ) over the rows s, times v_{s,h};      the numbers h·D/H to (h + 1)·D/H − 1
//
//     x, y   [D]        keys, values   [S, D] before, S ≤ L, and S may be 0        weights   [W_q, W_k, W_v, W_o], [D, D] each
//
// For example, D = H = 1, all weights 1 but W_v = 10, L = 3 and an empty cache. Read x = 1, then x = 2:
//
//     x = 1    keys 1      values 10         y = 10
//     x = 2    keys 1 2    values 10 20      scores 2·1, 2·2     weights 0.1192 0.8808     y = 18.81
//
// The new step looks at itself, too. `exp` comes with Foundation.

import Foundation
import Practice

/// What attention gives at the new step, and the cache after it.
func readStep(
  _ x: Tensor, keys: Tensor, values: Tensor, weights: [Tensor], heads: Int, limit: Int
) throws -> (y: Tensor, keys: Tensor, values: Tensor) {
  // BEGIN SOLUTION
  let width = x.shape[0]
  let size = width / heads
  func times(_ w: Tensor, _ x: Tensor) -> Tensor { matmul(w, x.reshaped([width, 1])).reshaped([width]) }
  func appended(_ rows: Tensor, _ row: Tensor) -> Tensor {
    let numbers = (rows.scalars + row.scalars).suffix(limit * width)
    return Tensor(Array(numbers), shape: [numbers.count / width, width])
  }
  let q = times(weights[0], x)
  let keys = appended(keys, times(weights[1], x))
  let values = appended(values, times(weights[2], x))
  var mixed = Tensor.zeros([width])
  for h in 0..<heads {
    let own = h * size..<(h + 1) * size
    let scores = (0..<keys.shape[0]).map { s in
      own.reduce(Float(0)) { $0 + q[$1] * keys[s, $1] } / Float(size).squareRoot()
    }
    let largest = scores.max()!
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    for d in own {
      mixed[d] = powers.indices.reduce(Float(0)) { $0 + powers[$1] * values[$1, d] } / sum
    }
  }
  return (times(weights[3], mixed), keys, values)
  // END SOLUTION
}
