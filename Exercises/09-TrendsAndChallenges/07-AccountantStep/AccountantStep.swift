// 9.7  The privacy accountant                                      (the book: chapter 9, section 9.7)
//
// How much privacy does a training with DP-SGD use up? The accountant bounds it by Rényi divergences of several orders
// α. One step, in which each example takes part with probability q and the noise multiplier is σ, costs at order α (a
// whole number from 2)
//
//     RDP(α) = ln A / (α − 1)
//     A = Σ_i C(α, i) · (1 − q)^(α−i) · q^i · exp( (i² − i) / (2σ²) )          i = 0 … α;  C(α, i) = α! / (i! (α − i)!)
//
// The last factor may be far too large for a Double, although ln A is not. So work with logarithms: of the terms t_i =
// ln of the i-th product, take the largest, t, and
//
//     ln A = t + ln Σ_i exp(t_i − t)
//
// For q = 1 only the product with i = α is left, and RDP(α) = α/(2σ²). (With ln(1 − q) it needs a case of its own.)
//
// Steps add up, at each order by itself. At the end each order gives a bound, and the smallest holds; below 0 it counts
// as 0:
//
//     ε = min over α of   steps · RDP(α) + ln((α − 1)/α) − (ln δ + ln α)/(α − 1)          α = 2 … 64
//
// For example, q = 0.1, σ = 1 and α = 2: A = 0.81 + 0.18 + 0.01·e = 1.017183, RDP(2) = 0.017037. Ten steps with δ =
// 0.00001:
//
//     α = 2:  10 · 0.017037 − 0.693147 + (11.512925 − 0.693147)/1 = 10.296999
//     α = 5:  10 · 0.129877 − 0.223144 + (11.512925 − 1.609438)/4 =  3.551503     the smallest: ε
//
// `lgamma` of Foundation gives logarithms of factorials: ln n! = lgamma(n + 1). A line with many functions and signs
// keeps the Swift compiler busy for long: give the parts names of their own, with their type, `let ways: Double = …`.

import Foundation
import Practice

/// The Rényi divergence of one step at a whole order α.
func renyiDivergence(order alpha: Int, rate q: Double, noiseMultiplier sigma: Double) throws -> Double {
  // BEGIN SOLUTION
  let a = Double(alpha)
  if q == 1 { return a / (2 * sigma * sigma) }
  let terms = (0...alpha).map { number -> Double in
    let i = Double(number)
    let ways: Double = lgamma(a + 1) - lgamma(i + 1) - lgamma(a - i + 1)
    let chances: Double = (a - i) * log(1 - q) + i * log(q)
    return ways + chances + (i * i - i) / (2 * sigma * sigma)
  }
  let largest = terms.max()!
  let sum = terms.reduce(0) { $0 + exp($1 - largest) }
  return (largest + log(sum)) / (a - 1)
  // END SOLUTION
}

/// The ε of a whole training.
func privacyBudget(steps: Int, rate q: Double, noiseMultiplier sigma: Double, delta: Double) throws -> Double
{
  // BEGIN SOLUTION
  var epsilon = Double.infinity
  for alpha in 2...64 {
    let a = Double(alpha)
    let spent = Double(steps) * (try renyiDivergence(order: alpha, rate: q, noiseMultiplier: sigma))
    epsilon = min(epsilon, spent + log((a - 1) / a) - (log(delta) + log(a)) / (a - 1))
  }
  return max(0, epsilon)
  // END SOLUTION
}
