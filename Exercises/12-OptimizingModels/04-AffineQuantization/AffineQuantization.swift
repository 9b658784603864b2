// 12.4  Numbers on a grid                                          (the book: chapter 12, section 12.4)
//
// Real numbers become whole numbers from a range, 0 to 255 say, and come back a little changed. Two things say how: the step S
// between two points of the grid, and the whole number Z that stands for 0.
//
//     S = (max(x, 0) − min(x, 0)) / (most − least)        1 where all numbers are 0
//     Z = least − round(min(x, 0) / S)
//     q_i = clamp(round(x_i / S) + Z)                     least where it is below, most where it is above
//     y_i = S (q_i − Z)
//
//     x, y   [N]        q   [N], whole numbers        least, most   the ends of the range
//
// 0 always belongs to the range, even where all numbers are above it, so that a whole number stands for 0 exactly. `round` takes
// the nearest whole number, and of two that are equally near the even one: 0.5 → 0, 1.5 → 2, −2.5 → −2. First it rounds, then Z
// is added.
//
// For example, x = 1 −1 2.5 0.25 in the range from 0 to 7: S = 3.5/7 = 0.5 and Z = 0 − round(−2) = 2, so that
//
//     x / S = 2 −2 5 0.5        q = 4 0 7 2        y = 1 −1 2.5 0

import Practice

/// The step S and the zero point Z that fit the numbers into `least...most`.
func grid(for x: [Float], least: Int, most: Int) throws -> (scale: Float, zeroPoint: Int) {
  // BEGIN SOLUTION
  let low = min(x.min() ?? 0, 0)
  let high = max(x.max() ?? 0, 0)
  if low == high { return (1, least) }
  let scale = (high - low) / Float(most - least)
  return (scale, least - Int((low / scale).rounded(.toNearestOrEven)))
  // END SOLUTION
}

/// The whole numbers q.
func wholeNumbers(_ x: [Float], scale: Float, zeroPoint: Int, least: Int, most: Int) throws -> [Int] {
  // BEGIN SOLUTION
  return x.map { number in
    let q = (number / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
    return Int(min(max(q, Float(least)), Float(most)))
  }
  // END SOLUTION
}

/// The numbers y that whole numbers stand for.
func numbers(_ q: [Int], scale: Float, zeroPoint: Int) throws -> [Float] {
  // BEGIN SOLUTION
  return q.map { scale * Float($0 - zeroPoint) }
  // END SOLUTION
}
