// 11.8  A plan that fits                                           (the book: chapter 11, section 11.7)
//
// A model of P parameters, L blocks and a heads is to be trained on n devices, t of them for each block (tensor) and p stages
// (pipeline); what is left are d = n / (t p) copies, with ZeRO's stage 1. In bytes, a device holds
//
//     state         P / (t p) · (4 + 12 / d)
//     activations   L A / t
//
// where A are those of one block and microbatch: the first stage keeps L blocks' worth, whatever p is. A plan fits when both
// together are at most nine tenths of the device's memory M. It is possible when
//
//     t is 1, 2, 4 or 8, and divides a;       p divides L;       t p divides n
//
// Of the possible plans that fit, choose the one with the most copies; of several, the one with the smallest p. If there is none,
// the answer is [0, 0].
//
// For example, n = 8 devices of M = 100 bytes; P = 30, L = 2, a = 4, A = 20. With t = 1 and p = 1 there are 8 copies: the state is
// 30 · (4 + 1.5) = 165 bytes, too much. Two devices for each copy: t = 1, p = 2 takes 15 · (4 + 3) + 2·20 = 145, and t = 2, p = 1
// takes 105 + 20 = 125. Four: t = 2, p = 2 takes 7.5 · (4 + 6) + 20 = 95, more than 90; t = 4, p = 1 takes 75 + 10 = 85, and fits.

import Practice

/// The plan `[t, p]` with the most copies that fits, or `[0, 0]`.
func clusterPlan(
  devices n: Int, memory: Double, parameters: Double, layers: Int, heads: Int, activations: Double
) throws -> [Int] {
  // BEGIN SOLUTION
  var best = (t: 0, p: 0)
  for p in 1...layers where layers % p == 0 {
    for t in [1, 2, 4, 8] where heads % t == 0 && n % (t * p) == 0 {
      let copies = Double(n / (t * p))
      let state = parameters / Double(t * p) * (4 + 12 / copies)
      let kept = Double(layers) * activations / Double(t)
      if state + kept > 0.9 * memory { continue }
      if best.t == 0 || t * p < best.t * best.p { best = (t, p) }
    }
  }
  return [best.t, best.p]
  // END SOLUTION
}
