// 6.9  Peepholes                                                   (the book: chapter 6, section 6.8)
//
// In an LSTM the gates see what the cell shows, h, but not the cell itself. With peepholes they see it: each gate adds its
// own cell's state, times a weight. Input and forget gate see the cell state before the step; the output gate is the last
// to decide, and sees the new one:
//
//     i = σ(a_i + p_i ⊙ c_before)
//     f = σ(a_f + p_f ⊙ c_before)
//     c = f ⊙ c_before + i ⊙ tanh(a_g)
//     o = σ(a_o + p_o ⊙ c)
//     h = o ⊙ tanh(c)
//
//     a          the sums from input and state, the rows a_i, a_f, a_g, a_o        [4, H]
//     p          the peephole weights, the rows p_i, p_f, p_o                      [3, H]
//     c_before   [H]        h, c   [H]
//
// For example, one unit with a = 0 everywhere, p = (1, −1, 2) and c_before = 1:
//
//     i = σ(1) = 0.731    f = σ(−1) = 0.269    c = 0.269·1 + 0.731·0 = 0.269    o = σ(2·0.269) = 0.631    h = 0.166
//
// From Gers and Schmidhuber, "Recurrent nets that time and count", IJCNN 2000.

import Foundation
import Practice

/// The states after a step of an LSTM with peepholes.
func peepholeStep(sums a: Tensor, peepholes p: Tensor, cell: Tensor) throws -> (hidden: Tensor, cell: Tensor)
{
  // BEGIN SOLUTION
  func gate(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
  var (h, c) = (cell, cell)
  for k in 0..<cell.count {
    let i = gate(a[0, k] + p[0, k] * cell[k])
    let f = gate(a[1, k] + p[1, k] * cell[k])
    c[k] = f * cell[k] + i * tanh(a[2, k])
    h[k] = gate(a[3, k] + p[2, k] * c[k]) * tanh(c[k])
  }
  return (h, c)
  // END SOLUTION
}
