// 5.6  One step of a GRU, as PyTorch has it                        (the book: chapter 5, section 5.5)
//
// One step from PyTorch's packed weights: the gates r and z as in exercise 5.5, then the candidate state, then the final
// state. The reset gate acts on what the state adds to the candidate, its bias included:
//
//     h̃ = tanh( x W_inᵀ + b_in + r ⊙ ( h W_hnᵀ + b_hn ) )      rows 2H … 3H − 1 of the weights and biases
//     h ← (1 − z) ⊙ h̃ + z ⊙ h                                  z near 1 keeps the old state
//
//     x    the input          [N, D]        weightIh   [3H, D]        biasIh   [3H]        the order is r, z, h̃
//     h    the state before   [N, H]        weightHh   [3H, H]        biasHh   [3H]
//     the state after         [N, H]
//
// For example, H = D = 1, x = 1, h = 0.5, with r = 0.8808 and z = 0.7311 as in exercise 5.5:
//
//     weightIh[2] = 1     biasIh[2] = 0     weightHh[2] = −2     biasHh[2] = 0.5
//     h̃ = tanh(1·1 + 0 + 0.8808·(−2·0.5 + 0.5)) = tanh(0.5596) = 0.5077
//     h ← 0.2689·0.5077 + 0.7311·0.5 = 0.5021
//
// `exp` and `tanh` come with Foundation; a tensor has `.sigmoid()` and `.tanh()`.

import Foundation
import Practice

/// The state after the step.
func gruStep(
  _ x: Tensor, state h: Tensor, weightIh: Tensor, weightHh: Tensor, biasIh: Tensor, biasHh: Tensor
) throws -> Tensor {
  // BEGIN SOLUTION
  let size = h.shape[1]
  let fromInput = matmul(x, weightIh.transposed()) + biasIh
  let fromState = matmul(h, weightHh.transposed()) + biasHh
  var after = h
  for n in 0..<h.shape[0] {
    for o in 0..<size {
      let r = 1 / (1 + exp(-(fromInput[n, o] + fromState[n, o])))
      let z = 1 / (1 + exp(-(fromInput[n, size + o] + fromState[n, size + o])))
      let candidate = tanh(fromInput[n, 2 * size + o] + r * fromState[n, 2 * size + o])
      after[n, o] = (1 - z) * candidate + z * h[n, o]
    }
  }
  return after
  // END SOLUTION
}
