// 7.4  The training loop                                           (the book: chapter 7, section 7.3)
//
// All parts are there: a linear layer (4.1), softmax and cross-entropy (4.3, 4.4), its gradient (4.5), the layer's
// backward pass (4.6), and batches (7.1). Put them into a loop that learns. For every batch, in the order given:
//
//     z = x Wᵀ + b                       the scores of the batch's N examples, with the weights as they are now
//     y = softmax(z)                     each row
//     L = −(1/N) Σ_n ln y_{n, t_n}       the loss; it goes into the list
//     dz = (y − δ) / N                   δ is 1 at the right class of each row, else 0
//     dW = dzᵀ x,  db = Σ_n dz_n
//     W ← W − η dW,  b ← b − η db        the step; the next batch meets the new weights
//
//     x    all examples     [M, D]       a batch lists the places of its examples in x and t
//     t    their classes    M whole numbers from 0 to C − 1
//     W    the weights      [C, D]       b  the biases  [C]       η  the learning rate
//
// N is the number of examples in this batch; the last one may be smaller. For example, a batch of one example x = [2]
// of class 0 out of two, with W and b all 0 and η = 0.1:
//
//     z = 0 0     y = ½ ½     L = ln 2 = 0.69315     dz = −½ ½     dW = −1     db = −½     W = 0.1     b = 0.05
//                                                                        1           ½        −0.1        −0.05
//
// Scores may be large: take the largest of a row away before `exp`. You may use `matmul(a, b)`, `a.transposed()`,
// `a.sum(axis: 0)`, and what you wrote in chapter 4: copy it to the end of this file.

import Foundation
import Practice

/// Learns from the batches, one after the other: the new weights and biases, and the loss of every batch before its step.
func trainClassifier(
  _ x: Tensor, targets t: [Int], batches: [[Int]], weight: Tensor, bias: Tensor, learningRate: Float
) throws -> (weight: Tensor, bias: Tensor, losses: [Float]) {
  // BEGIN SOLUTION
  var (w, b) = (weight, bias)
  var losses: [Float] = []
  for batch in batches {
    let count = Float(batch.count)
    var images = Tensor.zeros([batch.count, x.shape[1]])
    for (n, place) in batch.enumerated() {
      for d in 0..<x.shape[1] { images[n, d] = x[place, d] }
    }
    let z = matmul(images, w.transposed()) + b
    var dz = z
    var loss: Float = 0
    for (n, place) in batch.enumerated() {
      let scores = (0..<z.shape[1]).map { z[n, $0] }
      let largest = scores.max()!
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      loss += (log(sum) + largest - scores[t[place]]) / count
      for c in scores.indices {
        dz[n, c] = (exp(scores[c] - largest) / sum - (c == t[place] ? 1 : 0)) / count
      }
    }
    losses.append(loss)
    w = w - learningRate * matmul(dz.transposed(), images)
    b = b - learningRate * dz.sum(axis: 0)
  }
  return (w, b, losses)
  // END SOLUTION
}
