// 0.4  How large a step may be                                     (the book: chapter 0, section 0.5)
//
// Take a line through the origin, y = w x, with one parameter. Its loss, L = 1/N Σₙ (w xₙ − tₙ)², is a parabola over w,
// with its lowest place at some w*. Wherever you start, one step of gradient descent multiplies the distance to w* by
// the same factor r:
//
//     w − w*   becomes   r (w − w*)          r depends on the learning rate η and on x alone
//
// Find r: write down the slope dL/dw, use that it is 0 at w*, and look at what a step does to w − w*. Then answer:
//
//     r         the factor for the rate η that is given
//     best      the rate with which a single step leads to w*
//     largest   the rate at which the distance stays the same for ever: above it, descent flies off
//
//     x   what goes in, N numbers, not all of them 0
//
// For example, x = [1, −1] and η = 0.25: r = 0.5. Half the distance is left after each step.

import Practice

/// What a learning rate does on a line through the origin.
func rates(_ x: [Double], learningRate: Double) throws -> (r: Double, best: Double, largest: Double) {
  // BEGIN SOLUTION
  let meanSquare = x.map { $0 * $0 }.reduce(0, +) / Double(x.count)
  return (1 - 2 * learningRate * meanSquare, 1 / (2 * meanSquare), 1 / meanSquare)
  // END SOLUTION
}
