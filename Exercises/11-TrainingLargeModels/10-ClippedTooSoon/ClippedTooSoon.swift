// 11.10  Find the fault: clipped too soon                          (the book: chapter 11, section 11.4)
//
// A small network tells three kinds of points apart, which takes a few dozen steps. It is trained as one trains in float16: the loss
// is multiplied by 4,096 before the way back. Now and then a batch holds a point far outside, whose gradient is enormous; so
// gradients are clipped to a norm of 1. Since both are there, the loss hardly falls.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 11.10
//
//     points     8 numbers each
//     labels     0, 1 or 2
//     batches    which points each step sees
//     unseen     other points
//
// For example, a gradient of norm 0.5 is shorter than 1, and the step that it makes should be the same with the scale and without
// it.
//
// Mend as little as you can. The sizes, the seed, the rate, the scale and the norm stay as they are.

import Engine
import Practice

/// Trains a network on points: the loss of every step, and its labels for unseen points.
func trainScaled(
  _ points: [[Float]], labels: [Int], batches: [[Int]], unseen: [[Float]]
) throws -> (losses: [Float], labels: [Int]) {
  let model = withRandomSource(RandomSource(seed: 1110)) {
    Sequential(Linear(inFeatures: 8, outFeatures: 16), ReLU(), Linear(inFeatures: 16, outFeatures: 3))
  }
  let optimizer = SGD(model.parameters, learningRate: 0.3)
  let scale: Float = 4_096
  var losses: [Float] = []
  for batch in batches {
    let logits = model(Variable(Tensor(batch.flatMap { points[$0] }, shape: [batch.count, 8])))
    let loss = crossEntropy(logits, IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    (loss * scale).backward()
    // BEGIN SOLUTION
    for parameter in model.parameters {
      parameter.setGradient(parameter.gradient.map { $0 / scale })
    }
    clipGradients(of: model.parameters, toNorm: 1)
    // INSTEAD
    // clipGradients(of: model.parameters, toNorm: 1)
    // for parameter in model.parameters {
    //   parameter.setGradient(parameter.gradient.map { $0 / scale })
    // }
    // END SOLUTION
    optimizer.step()
    losses.append(loss.scalar)
  }
  let scores = withoutGradients {
    model(Variable(Tensor(unseen.flatMap { $0 }, shape: [unseen.count, 8])))
  }
  return (losses, scores.value.argmax().scalars)
}
