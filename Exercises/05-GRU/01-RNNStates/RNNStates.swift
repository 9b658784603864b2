// 5.1  The states of a plain RNN                                   (the book: chapter 5, section 5.1)
//
// A recurrent network reads one step after the other. Each new state is made of the step's input and of the state
// before it, always with the same weights:
//
//     h_t = tanh( x_t Wᵀ + h_{t−1} Uᵀ + b )        t = 1 … T;   h_0 is given
//
//     x    the inputs             [T, N, D]      T steps, N sequences side by side, D numbers each
//     h_0  the first state        [N, H]
//     W    weights of the input   [H, D]
//     U    weights of the state   [H, H]
//     b    biases                 [H]
//     the states h_1 … h_T        [T, N, H]
//
// For example, one number everywhere: x = 1, 0 with W = 0.5, U = 2, b = 0 and h_0 = 0:
//
//     h_1 = tanh(0.5·1 + 2·0) = 0.4621        h_2 = tanh(0.5·0 + 2·0.4621) = 0.7278
//
// `tanh` comes with Foundation. x[t, n, d] is one number; so is states[t, n, o].

import Foundation
import Practice

/// The states after every step.
func rnnStates(_ x: Tensor, initial h0: Tensor, w: Tensor, u: Tensor, bias b: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let (steps, count, size) = (x.shape[0], x.shape[1], u.shape[0])
  var states = Tensor.zeros([steps, count, size])
  for t in 0..<steps {
    for n in 0..<count {
      for o in 0..<size {
        var sum = b[o]
        for d in 0..<x.shape[2] { sum += w[o, d] * x[t, n, d] }
        for i in 0..<size { sum += u[o, i] * (t == 0 ? h0[n, i] : states[t - 1, n, i]) }
        states[t, n, o] = tanh(sum)
      }
    }
  }
  return states
  // END SOLUTION
}
