// 11.1  What a range test says                                     (the book: chapter 11, section 11.1)
//
// In a range test the learning rate grows at every step, by factors that need not be equal here. The loss of a batch is noisy, so
// first take a running mean that forgets, with a memory β between 0 and 1:
//
//     m₀ = 0        mᵢ = β mᵢ₋₁ + (1 − β) lossᵢ        smoothᵢ = mᵢ / (1 − βⁱ)        i = 1, 2, …
//
// The division makes up for the beginning at 0. Then look where the smooth loss falls fastest. Rates are compared by factors, so a
// step to the right is a step of ln rate, and the slope at place i reaches from its left to its right neighbour:
//
//     slopeᵢ = (smoothᵢ₊₁ − smoothᵢ₋₁) / (ln rateᵢ₊₁ − ln rateᵢ₋₁)
//
// The first and the last place have no slope. Wanted is the rate at the place with the smallest slope; of equal ones the first.
//
// For example, with β = 0.75 the losses 4, 8, −1 become smooth:
//
//     m₁ = 0.25·4 = 1                 1 / 0.25         = 4
//     m₂ = 0.75·1 + 0.25·8 = 2.75     2.75 / 0.4375    = 6.286
//     m₃ = 0.75·2.75 − 0.25·1         1.8125 / 0.578125 = 3.135
//
// and with the rates 0.01, 0.02, 0.1, 0.2, 1 and the smooth losses 3, 2.8, 2, 1.5, 2.2 the slopes in the middle are −1 / ln 10,
// −1.3 / ln 10 and 0.2 / ln 10: the rate is 0.1.

import Foundation
import Practice

/// The losses, smoothed: as many as there are.
func smoothed(_ losses: [Double], memory: Double) throws -> [Double] {
  // BEGIN SOLUTION
  var (mean, power) = (0.0, 1.0)
  var smooth: [Double] = []
  for loss in losses {
    mean = memory * mean + (1 - memory) * loss
    power *= memory
    smooth.append(mean / (1 - power))
  }
  return smooth
  // END SOLUTION
}

/// The rate at which the smooth loss falls fastest. There are at least three places.
func steepestRate(_ rates: [Double], smooth: [Double]) throws -> Double {
  // BEGIN SOLUTION
  var best = (slope: Double.infinity, rate: rates[1])
  for i in 1..<rates.count - 1 {
    let slope = (smooth[i + 1] - smooth[i - 1]) / (log(rates[i + 1]) - log(rates[i - 1]))
    if slope < best.slope { best = (slope, rates[i]) }
  }
  return best.rate
  // END SOLUTION
}
