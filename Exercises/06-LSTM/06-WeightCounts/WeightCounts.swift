// 6.6  How many weights                                            (the book: chapter 6, section 6.6)
//
// Two counts. First, one layer of today's recurrent networks, as PyTorch builds it. It has as many parts as its kind
// needs: a plain RNN 1, a GRU 3, an LSTM 4. For each of its H units, each part has a weight for every input and for every
// unit, and two biases.
//
// Second, the network of 1997. Its cells stand in blocks, and each block has an input gate and an output gate. All of
// them together are the hidden units:
//
//     H = cells + 2·blocks                  cells = blocks · cells in a block
//
// Every hidden unit has a weight for every input and for every hidden unit. Every output has a weight for every cell (and
// not for the gates). Either the gates alone have one bias each, or every hidden unit and every output has.
//
// For example:
//
//     an LSTM with 3 inputs and 2 units          4·2·(3 + 2 + 2) = 56
//     1997: 2 inputs, 1 output, 1 block of 2     H = 4;  4·(2 + 4) + 2·1 = 26;  with biases of the gates 28, of all 31

import Practice

/// How many parameters one layer of today has; `parts` is 1, 3 or 4.
func recurrentWeights(parts: Int, inputs: Int, units: Int) throws -> Int {
  // BEGIN SOLUTION
  return parts * units * (inputs + units + 2)
  // END SOLUTION
}

/// How many weights a network of 1997 has.
func weights1997(
  inputs: Int, outputs: Int, blocks: Int, cellsPerBlock: Int, allUnitsHaveBiases: Bool
) throws -> Int {
  // BEGIN SOLUTION
  let cells = blocks * cellsPerBlock
  let hidden = cells + 2 * blocks
  let biases = allUnitsHaveBiases ? hidden + outputs : 2 * blocks
  return hidden * (inputs + hidden) + cells * outputs + biases
  // END SOLUTION
}
