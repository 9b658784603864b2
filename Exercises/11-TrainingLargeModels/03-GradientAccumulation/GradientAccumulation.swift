// 11.3  Gradient accumulation                                      (the book: chapter 11, section 11.3)
//
// A batch of N examples is too large for the memory. It is cut into parts of N_1, N_2, … examples, not all alike; each part
// gives the gradient of the *mean* loss over its own examples, g_p. The step is to be that of the whole batch:
//
//     g = (N_1 g_1 + N_2 g_2 + …) / N            N = N_1 + N_2 + …
//
// and its length is to be at most C, as if there were no parts:
//
//     ‖g‖ = √(Σ_i g_i²)
//     if ‖g‖ > C:  g ← g · C / ‖g‖
//
// A part may be empty (N_p = 0); there is always at least one example.
//
//     gradients   g_p, a list of numbers for each part   [P][D]
//     counts      N_p                                    [P]
//
// For example, g_1 = [3, −6] of 1 example and g_2 = [9, 6] of 2: g = [(3 + 18)/3, (−6 + 12)/3] = [7, 2]. With C = 10 that
// stays; with C = 1 it is divided by √53 = 7.28011: [0.961524, 0.274721].

import Practice

/// The gradient of the whole batch, no longer than `maximumNorm`.
func accumulatedGradient(_ gradients: [[Float]], counts: [Int], maximumNorm: Float) throws -> [Float] {
  // BEGIN SOLUTION
  let examples = Float(counts.reduce(0, +))
  var sum = gradients[0].map { _ in Float(0) }
  for (gradient, count) in zip(gradients, counts) {
    for i in sum.indices { sum[i] += gradient[i] * Float(count) }
  }
  let mean = sum.map { $0 / examples }
  let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return norm > maximumNorm ? mean.map { $0 * maximumNorm / norm } : mean
  // END SOLUTION
}
