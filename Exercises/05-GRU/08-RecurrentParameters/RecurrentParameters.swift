// 5.8  The parameters of recurrent layers                          (the book: chapter 5, section 5.5)
//
// A recurrent layer has, for each of its sums, a weight matrix for the input, one for the state, and in PyTorch and in the
// engine two biases. A plain RNN has one sum, a GRU three. Layers may be stacked: the second reads the states of the
// first. And a layer may read the sequence in both directions, with weights of its own for each; then the next layer
// reads both directions' states side by side.
//
//     one direction of one layer:   sums · ( H·D' + H·H + 2H )      D' numbers come in, H is the size of its state
//
//     D' = D            in the first layer
//     D' = H            in the others, with one direction
//     D' = 2H           in the others, with two directions
//
// For example, a GRU with D = 2, H = 3:
//
//     one layer, one direction      3·(3·2 + 3·3 + 2·3) = 63
//     two layers, one direction     63 + 3·(3·3 + 3·3 + 2·3) = 135
//     two layers, two directions    2·63 + 2·3·(3·6 + 3·3 + 2·3) = 324

import Practice

/// How many parameters a recurrent layer has that makes so many sums a step: 1 for a plain RNN, 3 for a GRU.
func recurrentParameters(
  sums: Int, inputSize: Int, hiddenSize: Int, layers: Int, isBidirectional: Bool
) throws -> Int {
  // BEGIN SOLUTION
  let directions = isBidirectional ? 2 : 1
  var total = 0
  for layer in 0..<layers {
    let width = layer == 0 ? inputSize : directions * hiddenSize
    total += directions * sums * hiddenSize * (width + hiddenSize + 2)
  }
  return total
  // END SOLUTION
}
