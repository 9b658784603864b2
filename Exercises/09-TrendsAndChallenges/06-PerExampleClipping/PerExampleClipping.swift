// 9.6  One gradient of DP-SGD                                      (the book: chapter 9, section 9.7)
//
// DP-SGD hides each single example in two moves. First, no example may pull harder than C: its gradient, all parameters
// taken together as one long vector, is shortened to the norm C if it is longer. Then noise of a size that could hide
// one such pull is added to the sum.
//
//     norm_n = √( Σ g_n² )                    over all numbers of all parameters of example n
//     ḡ_n    = g_n · min(1, C / norm_n)       shorter ones stay as they are, also those of norm 0
//     result = ( Σ_n ḡ_n + σ C z ) / B
//
// z are numbers from the normal distribution with deviation 1; here they are given, one for each number of a parameter.
// B is the batch size that is expected: each example is put into a batch at random, by itself, so that N of them come,
// sometimes more than B and sometimes fewer. Dividing by N would tell how many came. It may even happen that N = 0;
// then the noise is alone.
//
//     gradients   for each parameter those of all examples      [N, …]
//     z           for each parameter                            […]
//     the result  for each parameter                            […]
//
// For example, two parameters with one and two numbers, N = 2 examples, C = 1, σ = 0.5, B = 4:
//
//     gradients   [[3], [0]]  and  [[0, 4], [0.5, 0]]       z   [2]  and  [−4, 0]
//
//     example 0: norm 5, times 1/5: 0.6 and 0, 0.8           example 1: norm 0.5, as it is: 0 and 0.5, 0
//     the sum: 0.6 and 0.5, 0.8          noise 0.5·1·z: 1 and −2, 0          result: 0.4 and −0.375, 0.2

import Practice

/// The gradient of each parameter: clipped example by example, summed, with noise, divided.
func privateGradients(
  _ gradients: [Tensor], clip: Float, noiseMultiplier: Float, noise: [Tensor], batchSize: Int
) throws -> [Tensor] {
  // BEGIN SOLUTION
  var sums = noise.map { $0 * (noiseMultiplier * clip) }
  for n in 0..<gradients[0].shape[0] {
    let own = gradients.map { $0.row(n) }
    var squares = 0.0
    for part in own {
      for g in part.scalars { squares += Double(g) * Double(g) }
    }
    let norm = Float(squares.squareRoot())
    let factor = norm > clip ? clip / norm : 1
    for i in sums.indices { sums[i] += own[i] * factor }
  }
  return sums.map { $0 / Float(batchSize) }
  // END SOLUTION
}
