// 10.4  Many heads                                                 (the book: chapter 10, section 10.4)
//
// H heads look at a sequence at once, each with its own part of the numbers. The E numbers of a step are laid out head by
// head: head h has the numbers h·D to (h + 1)·D − 1, with D = E/H.
//
//     splitHeads:  [N, T, E] → [N, H, T, D]        split_{n,h,t,d} = x_{n,t, h·D + d}
//     joinHeads:   [N, H, T, D] → [N, T, E]        the way back: all numbers stand where they stood before
//     manyHeads:   each head attends by itself, with its part of queries, keys and values; the outputs are joined
//
//         y = join of  softmax(Q_h K_hᵀ / √D) V_h
//
//     q    [N, T, E]        k, v    [N, S, E]        y    [N, T, E]        N texts, which know nothing of each other
//
// For example, N = 1, T = 2, E = 4 and H = 2:
//
//     x =  1 2 3 4        head 0:  1 2        head 1:  3 4
//          5 6 7 8                 5 6                 7 8
//
// In memory the numbers of a split tensor stand in the order 1 2 5 6 3 4 7 8: `reshaped` alone, which leaves all numbers in
// their order, is not enough. Nothing is masked here.

import Foundation
import Practice

/// Each vector cut into parts, one for each head: `[N, T, E]` → `[N, H, T, E/H]`.
func splitHeads(_ x: Tensor, heads: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let (n, t, width) = (x.shape[0], x.shape[1], x.shape[2] / heads)
  return x.reshaped([n, t, heads, width]).permuted([0, 2, 1, 3])
  // END SOLUTION
}

/// The parts of all heads, put side by side again: `[N, H, T, D]` → `[N, T, H·D]`.
func joinHeads(_ x: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let (n, heads, t, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
  return x.permuted([0, 2, 1, 3]).reshaped([n, t, heads * width])
  // END SOLUTION
}

/// What the heads see, side by side: `[N, T, E]`.
func manyHeads(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let (q, k, v) = try (
    splitHeads(q, heads: heads), splitHeads(k, heads: heads), splitHeads(v, heads: heads)
  )
  let scores = matmul(q, k.transposed()) / Float(q.shape[3]).squareRoot()
  var weights = scores.scalars
  let keys = k.shape[2]
  for start in stride(from: 0, to: weights.count, by: keys) {
    let row = weights[start..<start + keys]
    let largest = row.max()!
    let sum = row.reduce(0) { $0 + exp($1 - largest) }
    for s in row.indices { weights[s] = exp(weights[s] - largest) / sum }
  }
  return try joinHeads(matmul(Tensor(weights, shape: scores.shape), v))
  // END SOLUTION
}
