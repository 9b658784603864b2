// 1.6  Fitting a power law                                         (the book: chapter 1, section 1.5)
//
// Train models of several sizes x and note the loss y of each. Often the points follow a power law: whenever x grows
// by the same factor, y falls by the same factor.
//
//     y = a x^(−b)              a, b > 0
//
// Its logarithm is a straight line. With u = ln x and v = ln y,
//
//     v = ln a − b u
//
// and the line that lies closest to the points in these coordinates, by the sum of the squared distances in v, has
//
//     slope = Σᵢ (uᵢ − ū)(vᵢ − v̄) / Σᵢ (uᵢ − ū)²         b = −slope         ln a = v̄ − slope·ū
//
// where ū and v̄ are the means. From it, one reads off what a larger model should reach.
//
// Where y grows with x, the slope is above 0, and b comes out below 0: the formulas hold all the same.
//
// For example, x = [1, 10, 100] and y = [8, 4, 2]: ten times larger halves the loss, so that b = ln 2 / ln 10 = 0.30103
// and a = 8, and at x = 1000, ten times larger than the largest, the law says 8·1000^(−0.30103) = 1.
//
// `log`, `exp` and `pow` come with Foundation; `log` is the natural logarithm, ln.

import Foundation
import Practice

/// The power law closest to the points, and what it says at ten times the largest `x`.
func fitPowerLaw(_ x: [Double], _ y: [Double]) throws -> (a: Double, b: Double, prediction: Double) {
  // BEGIN SOLUTION
  let (u, v) = (x.map { log($0) }, y.map { log($0) })
  let meanU = u.reduce(0, +) / Double(u.count)
  let meanV = v.reduce(0, +) / Double(v.count)
  var (above, below) = (0.0, 0.0)
  for i in u.indices {
    above += (u[i] - meanU) * (v[i] - meanV)
    below += (u[i] - meanU) * (u[i] - meanU)
  }
  let slope = above / below
  let a = exp(meanV - slope * meanU)
  return (a, -slope, a * pow(10 * x.max()!, slope))
  // END SOLUTION
}
