// 5.10  Find the faults: it stays at one sixth                     (the book: chapter 5, section 5.6)
//
// A GRU is to learn the adding problem with short sequences, which takes it a few hundred steps. Here its loss jumps about,
// and never falls below 1/6, what always answering 1 would get. No shape is wrong, and nothing stops it.
//
// Two things in this file are wrong. Check it as it is, look at the curve, and find both:
//
//     ./workbook check 5.10
//
//     x         the sequences                        [M, T, 2]    T steps of a number and a mark each
//     sums      the sum of the two marked numbers    [M, 1]
//     batches   which sequences each step sees       lists of places in x
//     unseen    other sequences                      [U, T, 2]
//
//     the state of a sequence is made of its own steps, one after the other:     h_t = GRU( x_t, h_{t−1} )
//     the answer is made of its last state:                                      y   = h_T Wᵀ + b
//
// For example, the answer to a sequence must be the same whichever sequences are asked about beside it.
//
// When you change one thing, check again before you change the next.

import Engine
import Practice

/// Trains a GRU to add: the loss of every step, and its answers to the unseen sequences, [U, 1].
func trainAdder(
  _ x: Tensor, sums: Tensor, batches: [[Int]], unseen: Tensor
) throws -> (losses: [Float], answers: Tensor) {
  return withRandomSource(RandomSource(seed: 510)) {
    // BEGIN SOLUTION
    let gru = GRU(inputSize: 2, hiddenSize: 16, batchFirst: true)
    // INSTEAD
    // let gru = GRU(inputSize: 2, hiddenSize: 16)
    // END SOLUTION
    let fc = Linear(inFeatures: 16, outFeatures: 1)
    // BEGIN SOLUTION
    let optimizer = Adam(gru.parameters + fc.parameters, learningRate: 0.01)
    // INSTEAD
    // let optimizer = Adam(gru.parameters + fc.parameters, learningRate: 10)
    // END SOLUTION

    func answers(_ x: Tensor) -> Variable {
      let (count, length) = (x.shape[0], x.shape[1])
      let states = gru(Variable(x)).output
      return fc(states.sliced(length - 1..<length, axis: 1).reshaped([count, 16]))
    }

    var losses: [Float] = []
    for batch in batches {
      let loss = squaredError(answers(x.rows(batch)), sums.rows(batch))
      optimizer.clearGradients()
      loss.backward()
      clipGradients(of: optimizer.parameters, toNorm: 1)
      optimizer.step()
      losses.append(loss.scalar)
    }
    return (losses, withoutGradients { answers(unseen).value })
  }
}
