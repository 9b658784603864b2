// 0.5  How surprised a forecast is                                 (the book: chapter 0, section 0.7)
//
// Each evening a forecast says with which probability it will rain tomorrow. Each next evening somebody notes whether it
// did. How good was the forecast? Take the probability qₙ that it gave to what happened; the smaller, the greater the
// surprise:
//
//     qₙ = pₙ             where it rained
//     qₙ = 1 − pₙ         where it did not
//
//     L = −1/N Σₙ ln qₙ                   in nats
//     the same with the logarithm to base 2, in bits: a surprise of 1 bit is that of a coin
//
//     p        probabilities of rain, from 0 to 1        [N]
//     rained   whether it did                            [N]
//
// A forecast may be certain. Certain and right is no surprise: 0. Certain and wrong is an infinite one.
//
// For example, p = [0.5] and rained = [true]: L = ln 2 = 0.69315 nats, which is 1 bit.
//
// `log` (the natural logarithm, ln) and `log2` come with Foundation.

import Foundation
import Practice

/// The mean surprise of a forecast, in nats and in bits.
func meanSurprise(_ p: [Double], rained: [Bool]) throws -> (nats: Double, bits: Double) {
  // BEGIN SOLUTION
  var sum = 0.0
  for (p, rained) in zip(p, rained) {
    sum -= log(rained ? p : 1 - p)
  }
  let mean = sum / Double(p.count)
  return (mean, mean / log(2))
  // END SOLUTION
}
