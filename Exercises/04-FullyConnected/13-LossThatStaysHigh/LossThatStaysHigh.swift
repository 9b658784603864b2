// 4.13  Find the fault: a loss that stays high                      (the book: chapter 4, section 4.3)
//
// Somebody has written a reader of small digits: two linear layers, ten scores, cross-entropy, plain gradient descent.
// It compiles, it runs, and the loss falls. But it falls slowly, and however long it trains, it stays above 1.46. The data
// are fine; ten times the rate was tried, and so were more epochs and a wider layer, and nothing helped.
//
// One thing in this file is wrong. Check it as it is, look at the curve, and find it:
//
//     ./workbook check 4.13
//
//     x         the images                    [M, 49]    digits of 7 × 7 pixels, from 0 to 1
//     labels    what digits they are          M whole numbers from 0 to 9
//     batches   which images each step sees   lists of places in x
//     unseen    other images                  [U, 49]
//
// The loss of one example with the scores z and the right class t is what section 4.3 says:
//
//     L = −ln (e^{z_t} / Σ_k e^{z_k})
//
// For example, ten equal scores give L = ln 10 = 2.303. What is the least that L can be here? Which scores would give it?
//
// Mend as little as you can. The data, the batches and the rate come from the check and stay as they are.

import Engine
import Practice

/// Two layers that give each image ten numbers, one for each digit.
private final class Reader: Module {
  let hidden = Linear(inFeatures: 49, outFeatures: 32)
  let output = Linear(inFeatures: 32, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    let features = relu(hidden(images))
    // BEGIN SOLUTION
    return output(features)
    // INSTEAD
    // return softmax(output(features))
    // END SOLUTION
  }
}

/// Trains a reader: the loss of every step, and what it then reads in images that it never saw.
func trainReader(
  _ x: Tensor, labels: [Int], batches: [[Int]], learningRate: Double, unseen: Tensor
) throws -> (losses: [Float], readings: [Int]) {
  let reader = withRandomSource(RandomSource(seed: 413)) { Reader() }
  let optimizer = SGD(reader.parameters, learningRate: learningRate)
  var losses: [Float] = []
  for batch in batches {
    let images = Variable(x.rows(batch))
    let targets = IntTensor(batch.map { labels[$0] }, shape: [batch.count])
    let loss = crossEntropy(reader(images), targets)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.value.scalar)
  }
  let answers = withoutGradients { reader(Variable(unseen)).value }
  return (losses, answers.argmax(axis: 1).scalars)
}
