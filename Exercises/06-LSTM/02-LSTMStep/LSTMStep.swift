// 6.2  One step of an LSTM                                         (the book: chapter 6, section 6.2)
//
// The four parts of a step are known: the input gate i, the forget gate f, the candidate g and the output gate o. The
// cell keeps a part of what it has and takes a part of what is new; the hidden state is a part of what the cell holds:
//
//     c = f ⊙ c_before + i ⊙ g
//     h = o ⊙ tanh(c)                      ⊙ multiplies number by number
//
//     parts      the rows i, f, g, o       [4, H]
//     c_before   the cell state before     [H]
//     h, c       the states after          [H]
//
// For example, one unit:
//
//     i = 0.5, f = 0.75, g = −1, o = 0.5, c_before = 2        c = 0.75·2 + 0.5·(−1) = 1
//                                                             h = 0.5·tanh(1) = 0.381

import Foundation
import Practice

/// The hidden state and the cell state after a step.
func lstmStep(parts: Tensor, cell: Tensor) throws -> (hidden: Tensor, cell: Tensor) {
  // BEGIN SOLUTION
  let (i, f, g, o) = (parts.row(0), parts.row(1), parts.row(2), parts.row(3))
  let c = f * cell + i * g
  return (o * c.map { tanh($0) }, c)
  // END SOLUTION
}
