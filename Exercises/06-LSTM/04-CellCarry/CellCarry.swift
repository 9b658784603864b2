// 6.4  What a cell carries                                         (the book: chapter 6, section 6.4)
//
// The direct path from the cell state after step s to that after step t leads through the forget gates of the steps
// between. If the state after step s changes a little, this share of the change is left after step t:
//
//     carry_k = f_{s+1, k} · f_{s+2, k} · … · f_{t, k}        for each unit k
//
//     f      the forget gates, one row a step      [T, H]        steps are counted from 0
//     s, t   0 ≤ s ≤ t < T
//     carry                                        [H]
//
// Nothing lies between when s = t: the whole change is left, carry = 1.
//
// For example, four steps and two units, from s = 0 to t = 2:
//
//     f =  0.1  0.2
//          0.5  1           carry = 0.5·0.5   1·0.25  =  0.25  0.25
//          0.5  0.25
//          0.9  0.9

import Practice

/// The product of the forget gates between two steps.
func cellCarry(_ forgetGates: Tensor, from s: Int, to t: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var carry = Tensor.ones([forgetGates.shape[1]])
  for step in 0..<forgetGates.shape[0] where step > s && step <= t {
    carry = carry * forgetGates.row(step)
  }
  return carry
  // END SOLUTION
}
