// 5.5  The two gates of a GRU                                      (the book: chapter 5, section 5.5)
//
// A gate is a number between 0 and 1 for each unit: a sigmoid of what a plain RNN would send through tanh. A GRU has
// two of them, r (reset) and z (update). PyTorch keeps their weights one below the other in one matrix, r first, then
// z, then the candidate's; and it has two biases, one beside the input and one beside the state:
//
//     r = σ( x W_irᵀ + b_ir + h W_hrᵀ + b_hr )        W_ir: rows 0 … H − 1 of weightIh,    b_ir: the same of biasIh
//     z = σ( x W_izᵀ + b_iz + h W_hzᵀ + b_hz )        W_iz: rows H … 2H − 1                (and so for W_h·, b_h·)
//     σ(a) = 1 / (1 + e⁻ᵃ)
//
//     x          the input         [N, D]         weightIh   [3H, D]        biasIh   [3H]
//     h          the state before  [N, H]         weightHh   [3H, H]        biasHh   [3H]
//     r and z                      [N, H] each
//
// The rows 2H … 3H − 1 are the candidate's, and are not needed here. For example, H = D = 1, x = 1, h = 0.5:
//
//     weightIh = 2, −1, 5     weightHh = −2, 4, 5     biasIh = 0, 1, 5     biasHh = 1, −1, 5
//     r = σ(2·1 + 0 − 2·0.5 + 1) = σ(2) = 0.8808          z = σ(−1·1 + 1 + 4·0.5 − 1) = σ(1) = 0.7311
//
// `exp` comes with Foundation; a tensor has `.sigmoid()`.

import Foundation
import Practice

/// The reset gate and the update gate.
func gruGates(
  _ x: Tensor, state h: Tensor, weightIh: Tensor, weightHh: Tensor, biasIh: Tensor, biasHh: Tensor
) throws -> (reset: Tensor, update: Tensor) {
  // BEGIN SOLUTION
  let size = h.shape[1]
  let sums =
    matmul(x, weightIh.transposed()) + biasIh + matmul(h, weightHh.transposed()) + biasHh
  var (reset, update) = (Tensor.zeros(h.shape), Tensor.zeros(h.shape))
  for n in 0..<h.shape[0] {
    for o in 0..<size {
      reset[n, o] = 1 / (1 + exp(-sums[n, o]))
      update[n, o] = 1 / (1 + exp(-sums[n, size + o]))
    }
  }
  return (reset, update)
  // END SOLUTION
}
