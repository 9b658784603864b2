// 12.8  Find the fault: weights that come back                     (the book: chapter 12, section 12.2)
//
// A small reader of digits learns for a while. Then four of five weights are taken away, those nearest to 0, and it learns on, so
// that the others make up for it. At the end the weights are counted: many more than one in five are there again.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 12.8
//
//     images      digits of 7×7 pixels                                  [N, 49]
//     labels      what digit each one is
//     batches     which digits each step sees
//     pruneAfter  after how many steps the weights are taken away
//
// For example, of the 49·32 weights of the first layer round(0.8 · 1568) = 1254 are to be 0 at the end, and 314 are left.
//
// Mend as little as you can. The data, the sizes, the seed, the optimiser and its rate stay as they are.

import Engine
import Practice

/// Trains a reader, prunes it on the way: the loss of every step, and at the end the weights and biases of its two layers.
func prunedReader(
  _ images: Tensor, labels: [Int], batches: [[Int]], pruneAfter: Int
) throws -> (losses: [Float], state: [Tensor]) {
  let (hidden, output) = withRandomSource(RandomSource(seed: 128)) {
    (Linear(inFeatures: 49, outFeatures: 32), Linear(inFeatures: 32, outFeatures: 10))
  }
  let weights = [hidden.weight, output.weight]
  let optimizer = Adam(hidden.parameters + output.parameters, learningRate: 0.01)
  // 1 for a weight that is there.
  var masks = weights.map { Tensor.ones($0.shape) }

  var losses: [Float] = []
  for (step, batch) in batches.enumerated() {
    if step == pruneAfter {
      masks = weights.map { magnitudeMask(of: $0.value, amount: 0.8) }
      for (weight, mask) in zip(weights, masks) { weight.value = weight.value * mask }
    }
    let x = Variable(images.rows(batch))
    let loss = crossEntropy(output(relu(hidden(x))), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    // BEGIN SOLUTION
    optimizer.step()
    // What was taken away stays at 0.
    for (weight, mask) in zip(weights, masks) { weight.value = weight.value * mask }
    // INSTEAD
    // // What was taken away learns nothing more.
    // for (weight, mask) in zip(weights, masks) { weight.setGradient(weight.gradient.map { $0 * mask }) }
    // optimizer.step()
    // END SOLUTION
    losses.append(loss.scalar)
  }
  return (losses, [hidden.weight.value, hidden.bias!.value, output.weight.value, output.bias!.value])
}
