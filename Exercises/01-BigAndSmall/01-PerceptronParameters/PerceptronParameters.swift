// 1.1  Counting the parameters of a perceptron                     (the book: chapter 1, section 1.2)
//
// A linear layer turns D_in numbers into D_out. Each of its outputs is a sum of all inputs, every input with a weight
// of its own; and most layers add one more number, the bias, to each output.
//
//     y = W x + b        W   the weights   [D_out, D_in]
//                        b   the biases    [D_out]
//
// A multi-layer perceptron is a row of linear layers: what comes out of one goes into the next. Between them stands a
// function without parameters. The list D₀, D₁, …, D_L says how many numbers there are before, between and behind the
// layers. Its parameters are all weights and all biases:
//
//     P = Σₗ ( D_{l−1} D_l + D_l )          l = 1 … L          without biases:   P = Σₗ D_{l−1} D_l
//
// For example, the sizes [3, 4, 2] with biases:
//
//     3 → 4    3·4 weights and 4 biases    16
//     4 → 2    4·2 weights and 2 biases    10        together 26
//
// Only one size means no layer at all, and so no parameters.

import Practice

/// How many parameters a perceptron of these sizes has.
func perceptronParameters(sizes: [Int], hasBias: Bool) throws -> Int {
  // BEGIN SOLUTION
  var count = 0
  for (inputs, outputs) in zip(sizes, sizes.dropFirst()) {
    count += inputs * outputs + (hasBias ? outputs : 0)
  }
  return count
  // END SOLUTION
}
