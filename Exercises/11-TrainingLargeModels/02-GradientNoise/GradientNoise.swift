// 11.2  How noisy gradients are                                    (the book: chapter 11, section 11.2)
//
// Given are the gradients of single examples: K batches of N examples, each gradient D numbers long. From them estimate the
// squared length of the true gradient and the noise. A batch of N is the large one; cut into groups of n examples one after the
// other, it has N / n small ones. The gradient of a batch or group is the mean of its examples' gradients.
//
//     a   the mean of |g|² over all K · N/n groups          small
//     b   the mean of |g|² over the K whole batches         large
//
//     |G|² = (N b − n a) / (N − n)
//     tr Σ = (a − b) / (1/n − 1/N)
//
// Means come first: over all batches, and only then the two formulas, once.
//
//     gradients   [K, N, D]         n divides N, and is smaller
//
// For example, K = 1, N = 4, n = 2, D = 1 and gradients 1, 3, 5, −1. The groups have the gradients 2 and 2, so a = 4; the batch
// also 2, so b = 4. Then |G|² = (4·4 − 2·4) / 2 = 4 and tr Σ = 0: these groups do not differ. With 1, 5, 3, −1 the groups have 3
// and 1, so a = 5 and b = 4; |G|² = (16 − 10) / 2 = 3, and tr Σ = 1 / (1/2 − 1/4) = 4.

import Practice

/// The estimates of |G|² and of tr Σ; the noise scale is the second over the first.
func gradientNoise(_ gradients: Tensor, group n: Int) throws -> (squaredGradient: Double, trace: Double) {
  // BEGIN SOLUTION
  let (batches, count, length) = (gradients.shape[0], gradients.shape[1], gradients.shape[2])

  /// The squared length of the mean gradient of some examples of a batch.
  func square(_ batch: Int, _ examples: Range<Int>) -> Double {
    var sum = 0.0
    for d in 0..<length {
      var mean = 0.0
      for i in examples { mean += Double(gradients[batch, i, d]) }
      mean /= Double(examples.count)
      sum += mean * mean
    }
    return sum
  }

  var (a, b) = (0.0, 0.0)
  for batch in 0..<batches {
    b += square(batch, 0..<count)
    for start in stride(from: 0, to: count, by: n) { a += square(batch, start..<start + n) }
  }
  a /= Double(batches * count / n)
  b /= Double(batches)
  let (small, large) = (Double(n), Double(count))
  return ((large * b - small * a) / (large - small), (a - b) / (1 / small - 1 / large))
  // END SOLUTION
}
