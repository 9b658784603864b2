// 5.9  The adding problem                                          (the book: chapter 5, section 5.6)
//
// Data for the adding problem, as a recurrent layer reads it: step by step, and at each step one number and one mark for
// every sequence of the batch. The numbers come one sequence a row; the layer wants the steps first. Two steps of each
// sequence are marked by 1, the others by 0, and the answer is the sum of the two marked numbers.
//
//     numbers   the random numbers          [N, T]
//     first     the first marked step       N whole numbers from 0 to T − 1
//     second    the second marked step      N whole numbers from 0 to T − 1, each different from the first
//
//     inputs    [T, N, 2]        inputs[t, n, 0] the number, inputs[t, n, 1] the mark
//     sums      [N, 1]
//
// For example, two sequences of three steps:
//
//     numbers =  0.1 0.2 0.3     first = 0, 1     second = 2, 2          sums =  0.1 + 0.3 = 0.4
//                0.4 0.5 0.6                                                     0.5 + 0.6 = 1.1
//
//     inputs[0] =  0.1 1     inputs[1] =  0.2 0     inputs[2] =  0.3 1
//                  0.4 0                  0.5 1                  0.6 1

import Practice

/// The inputs of a batch, step by step, and the sums to be answered.
func addingBatch(_ numbers: Tensor, first: [Int], second: [Int]) throws -> (inputs: Tensor, sums: Tensor) {
  // BEGIN SOLUTION
  let (count, length) = (numbers.shape[0], numbers.shape[1])
  var inputs = Tensor.zeros([length, count, 2])
  var sums = Tensor.zeros([count, 1])
  for n in 0..<count {
    for t in 0..<length { inputs[t, n, 0] = numbers[n, t] }
    for mark in [first[n], second[n]] {
      inputs[mark, n, 1] = 1
      sums[n, 0] += numbers[n, mark]
    }
  }
  return (inputs, sums)
  // END SOLUTION
}
