// 6.5  The forget bias                                             (the book: chapter 6, section 6.5)
//
// A layer as PyTorch builds it has two bias vectors, b_ih and b_hh, and each gate adds both. They begin with random
// numbers. You want every forget gate to begin with the bias b. What counts is the sum: b_ih + b_hh = b.
//
// Change the two vectors so that this holds for every forget gate, and leave all other numbers as they are. How you share
// b between the two is up to you.
//
//     b_ih, b_hh    the parts i, f, g, o one after the other, H numbers each        [4·H]
//
// For example, H = 1 and b = 2:
//
//     b_ih =  0.1 −0.3  0.2  0.4        becomes, say,        0.1  2   0.2  0.4
//     b_hh =  0.5  0.6 −0.1  0.3                             0.5  0  −0.1  0.3

import Practice

/// Both bias vectors, with forget gates that begin with the bias b.
func forgetBiases(_ b: Float, biasIh: Tensor, biasHh: Tensor) throws -> (biasIh: Tensor, biasHh: Tensor) {
  // BEGIN SOLUTION
  let size = biasIh.count / 4
  var (ih, hh) = (biasIh, biasHh)
  for k in size..<2 * size { (ih[k], hh[k]) = (b, 0) }
  return (ih, hh)
  // END SOLUTION
}
