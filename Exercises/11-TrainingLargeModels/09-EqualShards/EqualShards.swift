// 11.9  Find the faults: equal shards                              (the book: chapter 11, section 11.5)
//
// Several ranks train one reader of small digits: each takes its shard of every batch, and their gradients are put together for
// one step. With one rank all is well. With four the loss is thrown up in the first steps. Later it falls lower than it ever did
// with one rank; and yet unseen digits are read clearly worse, as if there were fewer digits to learn from.
//
// Two things in this file are wrong. Check it as it is, look at the curve, and find both:
//
//     ./workbook check 11.9
//
//     images   the digits                     [M, 49]    7 × 7 pixels, from 0 to 1
//     labels   what digits they are           M whole numbers from 0 to 9
//     batches  which images each step sees    B in every step, and B is a multiple of the number of ranks
//
// What a step is meant to be, with R ranks, B_r the images of rank r and g_r the gradient of the mean loss over them:
//
//     B_1, …, B_R   together the batch, without overlap or loss, equal in size
//     w ← w − η (g_1 + … + g_R) / R
//
// so that it is, within rounding, the step of one rank on the whole batch, for any R.
//
// For example, one weight, η = 1, and a batch of two images with the gradients 2 and 6: one rank makes the step 4. Of two ranks
// one has the gradient 2 and the other 6, and the step is (2 + 6)/2 = 4 too.
//
// When you change one thing, check again before you change the next.

import Engine
import Practice

/// Trains a reader by several ranks: the mean loss of every step over all ranks, and the reader's weights [10, 49] and biases
/// [10] at the end.
func trainByRanks(
  _ images: Tensor, labels: [Int], batches: [[Int]], ranks: Int, learningRate: Float
) throws -> (losses: [Float], weight: Tensor, bias: Tensor) {
  let reader = withRandomSource(RandomSource(seed: 119)) { Linear(inFeatures: 49, outFeatures: 10) }
  let parameters = reader.parameters
  var losses: [Float] = []
  for batch in batches {
    var sums = parameters.map { Tensor.zeros($0.shape) }
    var loss: Float = 0
    let size = batch.count / ranks
    // Each round of this loop is what one rank does; at the end of it stands the all-reduce.
    for rank in 0..<ranks {
      for parameter in parameters { parameter.clearGradient() }
      // BEGIN SOLUTION
      let first = rank * size
      // INSTEAD
      // let first = rank / ranks * batch.count
      // END SOLUTION
      let shard = Array(batch[first..<first + size])
      let own = crossEntropy(reader(Variable(images.rows(shard))), IntTensor(shard.map { labels[$0] }))
      own.backward()
      loss += own.scalar / Float(ranks)
      for i in sums.indices { sums[i] += parameters[i].gradient! }
    }
    losses.append(loss)
    for (i, parameter) in parameters.enumerated() {
      // BEGIN SOLUTION
      let gradient = sums[i] / Float(ranks)
      // INSTEAD
      // let gradient = sums[i]
      // END SOLUTION
      parameter.value = parameter.value - gradient * learningRate
    }
  }
  return (losses, reader.weight.value, reader.bias!.value)
}
