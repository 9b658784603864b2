// 5.11  Find the fault: never the same answer twice                (the book: chapter 5, section 5.1)
//
// A GRU reads five numbers and is to say their sum. That is easy: the state has to begin at zero and to grow. The loss
// falls a little, and then no further. And somebody who asked about the same sequences twice got two answers.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 5.11
//
//     batches   sequences to learn from      one tensor [T, N, 1] for each step
//     sums      what should be said          one tensor [N, 1] for each step
//     tests     sequences to be asked about  tensors [T, N, 1]
//
//     h_0 = 0       h_t = GRU( x_t, h_{t−1} )       y = h_T Wᵀ + b
//
// For example, two sequences of different batches have nothing to do with each other: the answer to the second is the
// same whether the first was read before it or not.

import Engine
import Practice

/// Trains a GRU to add up: the loss of every step, and its answers to the tests, one tensor [N, 1] for each.
func trainSummer(
  _ batches: [Tensor], sums: [Tensor], tests: [Tensor]
) throws -> (losses: [Float], answers: [Tensor]) {
  return withRandomSource(RandomSource(seed: 511)) {
    let gru = GRU(inputSize: 1, hiddenSize: 12)
    let fc = Linear(inFeatures: 12, outFeatures: 1)
    let optimizer = Adam(gru.parameters + fc.parameters, learningRate: 0.01)
    // BEGIN SOLUTION
    // INSTEAD
    // var state: Variable?
    // END SOLUTION

    func answers(_ x: Tensor) -> Variable {
      // BEGIN SOLUTION
      let last = gru(Variable(x)).hidden
      // INSTEAD
      // let last = gru(Variable(x), initial: state).hidden
      // state = last.detached()
      // END SOLUTION
      return fc(last.reshaped([x.shape[1], 12]))
    }

    var losses: [Float] = []
    for (x, target) in zip(batches, sums) {
      let loss = squaredError(answers(x), target)
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.scalar)
    }
    return (losses, withoutGradients { tests.map { answers($0).value } })
  }
}
