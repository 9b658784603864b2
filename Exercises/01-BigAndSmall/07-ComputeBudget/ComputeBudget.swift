// 1.7  What to do with a budget of compute                         (the book: chapter 1, section 1.6)
//
// To train a model of N parameters on D tokens of text takes about
//
//     C ≈ 6 N D        FLOP
//
// for each token 2 FLOP a parameter on the way forward, and twice as much on the way back. A given C can buy a large
// model that reads little, or a small one that reads much. The experiments with Chinchilla (Hoffmann et al., 2022) found
// the best in between, with a fixed number r of tokens a parameter: about 20.
//
//     D = r N        and so        C = 6 r N²
//
// For example, C = 480 FLOP and r = 20:  480 = 6·20·N², so N = 2 and D = 40.
//
// How long it takes is a division: M devices, each of which could do S FLOP a second and of which the fraction u is
// really used, together do M S u FLOP a second. A day has 86 400 seconds. For example, N = 6·10⁹ and D = 1.2·10¹¹ on
// 100 devices of 10¹⁴ FLOP a second, half of it used:
//
//     C = 6·6·10⁹·1.2·10¹¹ = 4.32·10²¹ FLOP        4.32·10²¹ / (100·10¹⁴·0.5) = 864 000 s = 10 days
//
// The numbers are too large for Int; all are Double.

import Foundation
import Practice

/// The best number of parameters and of tokens for a budget of `flops`, with a given number of tokens a parameter.
func bestModel(flops: Double, tokensPerParameter: Double) throws -> (parameters: Double, tokens: Double) {
  // BEGIN SOLUTION
  let parameters = sqrt(flops / (6 * tokensPerParameter))
  return (parameters, tokensPerParameter * parameters)
  // END SOLUTION
}

/// How many days a training takes; `flopsPerSecond` is what one device could do, `used` the fraction that it does.
func trainingDays(
  parameters: Double, tokens: Double, devices: Double, flopsPerSecond: Double, used: Double
) throws -> Double {
  // BEGIN SOLUTION
  let seconds = 6 * parameters * tokens / (devices * flopsPerSecond * used)
  return seconds / 86400
  // END SOLUTION
}
