// 10.5  Where a step stands                                        (the book: chapter 10, section 10.5)
//
// Attention alone does not know in which order the steps came. Two ways to tell it, both made of waves: pair i of the
// D numbers goes round once in 2π · 10000^(2i/D) steps, the first pair fast, the last one slowly. D is even.
//
// `waves(at:width:)`: numbers that are added to what stands at the places t, one row for each place of the list:
//
//     p_{t, 2i} = sin(t / 10000^(2i/D))        p_{t, 2i+1} = cos(t / 10000^(2i/D))        i = 0 … D/2 − 1
//
// `turned(_:from:)`: rotary positions. x has queries or keys, `[T, D]`; row r stands at the place t = first + r. Each pair of
// numbers is turned by an angle that grows with the place:
//
//     y_{2i}   = x_{2i} cos θ − x_{2i+1} sin θ         θ = t / 10000^(2i/D)
//     y_{2i+1} = x_{2i} sin θ + x_{2i+1} cos θ
//
// A product of a turned query and a turned key then depends on how far apart they are, and not on where they are.
//
// For example, D = 4: 10000^(2·1/4) = 100, so pair 0 turns by t, and pair 1 by t/100. At place 3:
//
//     waves    sin 3, cos 3, sin 0.03, cos 0.03 = 0.1411 −0.99 0.03 0.9996
//     turned   of 2 1 2 1:  2·(−0.99) − 1·0.1411 = −2.1211,  2·0.1411 − 0.99 = −0.7078,  and  1.9691, 1.0595
//
// `sin`, `cos` and `pow` come with Foundation. Places are at most some hundreds.

import Foundation
import Practice

/// One row of D numbers for each place.
func waves(at places: [Int], width: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var p = Tensor.zeros([places.count, width])
  for (row, t) in places.enumerated() {
    for i in 0..<width / 2 {
      let angle = Double(t) / pow(10_000, Double(2 * i) / Double(width))
      p[row, 2 * i] = Float(sin(angle))
      p[row, 2 * i + 1] = Float(cos(angle))
    }
  }
  return p
  // END SOLUTION
}

/// The rows of x, each turned by its place.
func turned(_ x: Tensor, from first: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let width = x.shape[1]
  var y = x
  for row in 0..<x.shape[0] {
    for i in 0..<width / 2 {
      let angle = Double(first + row) / pow(10_000, Double(2 * i) / Double(width))
      let (c, s) = (Float(cos(angle)), Float(sin(angle)))
      y[row, 2 * i] = x[row, 2 * i] * c - x[row, 2 * i + 1] * s
      y[row, 2 * i + 1] = x[row, 2 * i] * s + x[row, 2 * i + 1] * c
    }
  }
  return y
  // END SOLUTION
}
