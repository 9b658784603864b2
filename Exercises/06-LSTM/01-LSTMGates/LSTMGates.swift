// 6.1  The gates of an LSTM                                        (the book: chapter 6, section 6.2)
//
// An LSTM has four parts, and each looks at the input x and at the hidden state h of the step before:
//
//     i = σ(W_ii x + b_ii + W_hi h + b_hi)        input gate         what is let in
//     f = σ(W_if x + b_if + W_hf h + b_hf)        forget gate        what is kept
//     g = tanh(W_ig x + b_ig + W_hg h + b_hg)     candidate          what could be let in
//     o = σ(W_io x + b_io + W_ho h + b_ho)        output gate        what is shown
//
// σ(a) = 1 / (1 + e^(−a)). As in PyTorch, the weights of the four parts lie one below the other, in this order:
//
//     x      the input                    [D]            W_ih   i, f, g, o below each other    [4·H, D]
//     h      the hidden state before      [H]            W_hh   i, f, g, o below each other    [4·H, H]
//                                                        b_ih, b_hh                            [4·H]
//     result                              [4, H]         one row for each part: i, f, g, o
//
// For example, D = 1 and H = 1, with x = 1, h = 0.5, no biases,
//
//     W_ih =  1        W_hh =  0        sums   1        i = σ(1)    = 0.731
//             0                2               1        f = σ(1)    = 0.731
//             2               −4               0        g = tanh(0) = 0
//            −1                2               0        o = σ(0)    = 0.5
//
// `exp` and `tanh` come with Foundation. No `matmul` here: write the sums as loops.

import Foundation
import Practice

/// Input gate, forget gate, candidate and output gate of one step.
func lstmGates(
  _ x: Tensor, hidden h: Tensor, weightIh: Tensor, weightHh: Tensor, biasIh: Tensor, biasHh: Tensor
) throws -> Tensor {
  // BEGIN SOLUTION
  let size = h.count
  var parts = Tensor.zeros([4, size])
  for row in 0..<4 * size {
    var sum = biasIh[row] + biasHh[row]
    for j in 0..<x.count { sum += weightIh[row, j] * x[j] }
    for j in 0..<size { sum += weightHh[row, j] * h[j] }
    parts[row / size, row % size] = row / size == 2 ? tanh(sum) : 1 / (1 + exp(-sum))
  }
  return parts
  // END SOLUTION
}
