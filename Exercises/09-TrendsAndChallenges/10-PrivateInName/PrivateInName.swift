// 9.10  Find the faults: private in name only                      (the book: chapter 9, section 9.7)
//
// A reader of small digits is trained by DP-SGD, with clip C and noise multiplier σ. The accountant has been told both,
// and has worked out an ε. But the reader learns next to nothing. A colleague then mended one line, and it read well;
// until somebody exchanged a single image of the 600, and the weights moved as far as sixty images together should be
// able to move them.
//
// Two things in this file are wrong. Check it as it is, look at the curve, and find both:
//
//     ./workbook check 9.10
//
//     images    the digits                     [M, 49]    7 × 7 pixels, from 0 to 1
//     labels    what digits they are           M whole numbers from 0 to 9
//     batches   which images each step sees    each image is in a batch with the same probability, so that
//                                              their sizes differ; B = expectedBatchSize is the mean
//
// What a step of DP-SGD does, with g_n the gradient of example n, all parameters together, and z from the normal
// distribution:
//
//     g_n ← g_n · min(1, C/|g_n|)
//     w   ← w − η ( Σ_n g_n + σ C z ) / B
//
// so that one example can move the weights by ηC/B at most, and the noise of each weight has the deviation ησC/B.
//
// For example, with C = 1, η = 1 and B = 4, four examples of gradient 3, one weight and no noise: w falls by 4·1/4 = 1.
// If one of them had the gradient −3, w would fall by 0.5: it has moved by 2ηC/B, and no example can do more.
//
// When you change one thing, check again before you change the next.

import Engine
import Practice

/// The mean loss of some of the images, and the gradients of the parameters, clipped together to the norm `clip`.
private func clippedGradients(
  _ reader: Linear, _ images: Tensor, _ labels: [Int], clip: Float
) -> (loss: Float, gradients: [Tensor]) {
  for parameter in reader.parameters { parameter.clearGradient() }
  let loss = crossEntropy(reader(Variable(images)), IntTensor(labels))
  loss.backward()
  clipGradients(of: reader.parameters, toNorm: Double(clip))
  return (loss.scalar, reader.parameters.map { $0.gradient! })
}

/// Trains a reader: the mean loss of every step, and the reader's weights [10, 49] and biases [10] at the end.
func trainPrivately(
  _ images: Tensor, labels: [Int], batches: [[Int]], expectedBatchSize: Int, clip: Float,
  noiseMultiplier: Float, learningRate: Float, noiseSeed: Int
) throws -> (losses: [Float], weight: Tensor, bias: Tensor) {
  let reader = withRandomSource(RandomSource(seed: 910)) { Linear(inFeatures: 49, outFeatures: 10) }
  let parameters = reader.parameters
  var stream = RandomStream(seed: UInt64(noiseSeed))
  var losses: [Float] = []
  for batch in batches {
    var sums = parameters.map { Tensor.zeros($0.shape) }
    var loss: Float = 0
    // BEGIN SOLUTION
    let pieces = batch.map { [$0] }
    // INSTEAD
    // let pieces = [batch]
    // END SOLUTION
    for piece in pieces {
      let part = clippedGradients(reader, images.rows(piece), piece.map { labels[$0] }, clip: clip)
      loss += part.loss
      for i in sums.indices { sums[i] += part.gradients[i] }
    }
    losses.append(loss / Float(pieces.count))
    for (i, parameter) in parameters.enumerated() {
      let noise = stream.normal(shape: parameter.shape) * (noiseMultiplier * clip)
      // BEGIN SOLUTION
      let gradient = (sums[i] + noise) / Float(expectedBatchSize)
      // INSTEAD
      // let gradient = sums[i] + noise
      // END SOLUTION
      parameter.value = parameter.value - gradient * learningRate
    }
  }
  return (losses, parameters[0].value, parameters[1].value)
}
