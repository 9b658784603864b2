// 6.3  The way back through a step of an LSTM                      (the book: chapter 6, section 6.3)
//
// A step computed its parts i, f, g, o, the cell state c = f ⊙ c_before + i ⊙ g, and h = o ⊙ tanh(c). Back come two
// gradients: dh of the hidden state, and dc of the cell state from the step after. Two things reach the cell:
//
//     dc_all = dc + dh o (1 − tanh²(c))                  straight from the step after, and through h
//
// From there it goes to the cell before, and to the four sums inside the parts (before σ or tanh):
//
//     dc_before = dc_all f
//     da_i = dc_all g        · i (1 − i)
//     da_f = dc_all c_before · f (1 − f)
//     da_g = dc_all i        · (1 − g²)
//     da_o = dh tanh(c)      · o (1 − o)
//
//     dh, dc, c_before   [H]        parts   the rows i, f, g, o   [4, H]
//     da                 [4, H]     dc_before   [H]
//
// For example, one unit with i = f = o = 0.5, g = 0, c_before = 2, so c = 1 and tanh(c) = 0.762; dh = 1, dc = 1:
//
//     dc_all = 1 + 0.5·(1 − 0.58) = 1.21        dc_before = 0.605        da_f = 1.21·2·0.25 = 0.605

import Foundation
import Practice

/// The gradients of the four sums, and of the cell state before.
func lstmStepBackward(
  dh: Tensor, dc: Tensor, parts: Tensor, cellBefore: Tensor
) throws -> (da: Tensor, dcBefore: Tensor) {
  // BEGIN SOLUTION
  let size = dh.count
  var (da, dcBefore) = (Tensor.zeros([4, size]), Tensor.zeros([size]))
  for k in 0..<size {
    let (i, f, g, o) = (parts[0, k], parts[1, k], parts[2, k], parts[3, k])
    let shown = tanh(f * cellBefore[k] + i * g)
    let all = dc[k] + dh[k] * o * (1 - shown * shown)
    da[0, k] = all * g * i * (1 - i)
    da[1, k] = all * cellBefore[k] * f * (1 - f)
    da[2, k] = all * i * (1 - g * g)
    da[3, k] = dh[k] * shown * o * (1 - o)
    dcBefore[k] = all * f
  }
  return (da, dcBefore)
  // END SOLUTION
}
