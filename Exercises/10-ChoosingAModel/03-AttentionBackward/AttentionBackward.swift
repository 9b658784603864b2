// 10.3  One head of attention, backwards                           (the book: chapter 10, section 10.2)
//
// On the way there, queries, keys and values made scores, weights and an output:
//
//     S = Q Kᵀ / √D        P = softmax of each row of S        Y = P V
//
// Given are the gradient dY at the output and the weights P. Wanted are the gradients at queries, keys and values. Two
// products of matrices lie on the way, and a softmax between them:
//
//     through P V:          dV = Pᵀ dY                          dP = dY Vᵀ
//     through the softmax:  dS_ts = p_ts (dP_ts − Σ_r p_tr dP_tr)
//     through Q Kᵀ / √D:    dQ = dS K / √D                      dK = dSᵀ Q / √D
//
//     dY [T, E]        P, dP, dS [T, S]        Q, dQ [T, D]        K, dK [S, D]        V, dV [S, E]
//
// For example, one query, two keys, D = E = 1: Q = 1, K = 1.0986, 0 (so that P = ¾, ¼), V = 1, 3, and dY = 2:
//
//     dV = ¾·2, ¼·2 = 1.5, 0.5            dP = 2·1, 2·3 = 2, 6         Σ p dP = ¾·2 + ¼·6 = 3
//     dS = ¾·(2 − 3), ¼·(6 − 3) = −0.75, 0.75
//     dQ = −0.75·1.0986 + 0.75·0 = −0.824      dK = −0.75·1, 0.75·1
//
// Where a mask forbids a pair, its weight is 0, and so is all that the formulas make of it.

import Practice

/// The gradients at queries, keys and values.
func attentionBackward(
  _ dy: Tensor, weights p: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor
) throws -> (dq: Tensor, dk: Tensor, dv: Tensor) {
  // BEGIN SOLUTION
  let dp = matmul(dy, v.transposed())
  var ds = dp
  for t in 0..<p.shape[0] {
    var mean: Float = 0
    for s in 0..<p.shape[1] { mean += p[t, s] * dp[t, s] }
    for s in 0..<p.shape[1] { ds[t, s] = p[t, s] * (dp[t, s] - mean) }
  }
  ds = ds / Float(q.shape[1]).squareRoot()
  return (matmul(ds, k), matmul(ds.transposed(), q), matmul(p.transposed(), dy))
  // END SOLUTION
}
