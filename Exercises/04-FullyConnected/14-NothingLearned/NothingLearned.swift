// 4.14  Find the faults: nothing is learned                         (the book: chapter 4, section 4.4)
//
// One linear layer, softmax, cross-entropy and its gradient, all by hand as in 4.1 to 4.6, and it should learn to read
// small digits. Its loss jumps about instead, and in the end it reads hardly better than by guessing. No shape is wrong,
// and nothing stops it.
//
// Two things in this file are wrong. Check it as it is, look at the curve and at the first loss, and find both:
//
//     ./workbook check 4.14
//
//     x         the images                    [M, 49]    digits of 7 × 7 pixels, from 0 to 1
//     labels    what digits they are          M whole numbers from 0 to 9
//     batches   which images each step sees   lists of places in x, N in each
//
//     z = x Wᵀ + b                        the scores, [N, 10]
//     y = softmax(z)                      the probabilities of the ten digits, for each image
//     L = −(1/N) Σ_n ln y_{n, t_n}
//     dz = (y − δ) / N                    δ is 1 at the right digit of each image, else 0
//     W ← W − η dzᵀ x,  b ← b − η Σ_n dz_n
//
// For example, W and b begin as zeros. Then all scores are equal, every digit has the probability 1/10, and the first
// loss must be ln 10 = 2.303, whatever the images are.
//
// When you change one thing, check again before you change the next: a curve answers one question at a time.

import Foundation
import Practice

/// Trains one linear layer: its weights and biases, and the loss of every batch before its step.
func trainByHand(_ x: Tensor, labels: [Int], batches: [[Int]]) throws -> (
  weight: Tensor, bias: Tensor, losses: [Float]
) {
  // BEGIN SOLUTION
  let learningRate: Float = 2
  // INSTEAD
  // let learningRate: Float = 2e3
  // END SOLUTION
  var weight = Tensor.zeros([10, 49])
  var bias = Tensor.zeros([10])
  var losses: [Float] = []
  for batch in batches {
    let images = x.rows(batch)
    let scores = matmul(images, weight.transposed()) + bias
    // BEGIN SOLUTION
    let probabilities = scores.softmax(axis: 1)
    // INSTEAD
    // let probabilities = scores.softmax(axis: 0)
    // END SOLUTION
    var gradient = probabilities
    var loss: Float = 0
    for (n, place) in batch.enumerated() {
      loss -= log(max(probabilities[n, labels[place]], 1e-30))
      gradient[n, labels[place]] -= 1
    }
    losses.append(loss / Float(batch.count))
    gradient = gradient / Float(batch.count)
    weight = weight - learningRate * matmul(gradient.transposed(), images)
    bias = bias - learningRate * gradient.sum(axis: 0)
  }
  return (weight, bias, losses)
}
