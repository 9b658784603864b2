// 1.5  The memory that training needs                              (the book: chapter 1, section 1.4)
//
// To use a network, its weights must be in memory. To train it, much more:
//
//     weights        P numbers                           P   parameters
//     gradients      P numbers, one for each weight
//     optimiser      Adam keeps two numbers for each weight: the running mean of its gradient, and of its square
//     activations    what the layers gave, kept for the way back: A numbers for each of the B examples of a batch
//
// Weights, gradients and activations are numbers of b bytes: 4 for Float, 2 for half precision. What the optimiser
// keeps always has 4 bytes a number. With fewer than 4 bytes, it also keeps a copy of the weights in 4 bytes, because
// a small step would be lost in a number of 2.
//
//     weights  bP      gradients  bP      optimiser  4·2P   or, with b < 4,   4·3P      activations  bAB      in bytes
//
// For example, P = 10, A = 7, B = 3:
//
//     b = 4    weights 40    gradients 40    optimiser  80    activations 84
//     b = 2    weights 20    gradients 20    optimiser 120    activations 42
//
// Look at the first three of each line: 16 bytes a parameter, with 4-byte numbers and with 2-byte numbers alike.

import Practice

/// The bytes that training takes, in this order: weights, gradients, optimiser, activations.
func trainingMemory(
  parameters: Int, activationsPerExample: Int, batch: Int, bytesPerNumber: Int
) throws -> [Int] {
  // BEGIN SOLUTION
  let weights = parameters * bytesPerNumber
  let numbersOfOptimiser = bytesPerNumber < 4 ? 3 : 2
  return [
    weights, weights, 4 * numbersOfOptimiser * parameters, activationsPerExample * batch * bytesPerNumber,
  ]
  // END SOLUTION
}
