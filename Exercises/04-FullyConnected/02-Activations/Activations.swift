// 4.2  Activations and their slopes                                (the book: chapter 4, section 4.2)
//
// Between two linear layers stands a function that bends, number by number; without it, two linear layers would be one.
// The way back needs its slope, the derivative y' = dy/dx. Write three of them; each gives y and y' for every number
// of x.
//
//     ReLU       y = max(0, x)                        y' = 1 where x > 0, else 0        (also 0 at x = 0)
//     sigmoid    y = 1 / (1 + e^(−x))                 y' = y (1 − y)
//     tanh       y = (e^x − e^(−x)) / (e^x + e^(−x))  y' = 1 − y²
//
//     x, y, y'   all of the same shape, whichever it is
//
// The slopes of sigmoid and tanh are written with y, not with x: what is known already need not be computed again.
//
// For example:      x = −1     y = 0         y' = 0             ReLU
//                   x =  0     y = 0.5       y' = 0.25          sigmoid
//                   x =  0     y = 0         y' = 1             tanh
//                   x =  1     y = 0.73106   y' = 0.19661       sigmoid
//
// The results must be right for large numbers too: at x = 200 and x = −200, e^x is too large for a Float, or nothing.
// `x.map { … }` changes every number of a tensor; `exp` and `tanh` come with Foundation.

import Foundation
import Practice

/// ReLU and its slope.
func reluAndSlope(_ x: Tensor) throws -> (y: Tensor, slope: Tensor) {
  // BEGIN SOLUTION
  return (x.map { max(0, $0) }, x.map { $0 > 0 ? 1 : 0 })
  // END SOLUTION
}

/// The sigmoid and its slope.
func sigmoidAndSlope(_ x: Tensor) throws -> (y: Tensor, slope: Tensor) {
  // BEGIN SOLUTION
  let y = x.map { 1 / (1 + exp(-$0)) }
  return (y, y.map { $0 * (1 - $0) })
  // END SOLUTION
}

/// The hyperbolic tangent and its slope.
func tanhAndSlope(_ x: Tensor) throws -> (y: Tensor, slope: Tensor) {
  // BEGIN SOLUTION
  let y = x.map { tanh($0) }
  return (y, y.map { 1 - $0 * $0 })
  // END SOLUTION
}
