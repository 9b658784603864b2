// 12.7  Integer product                                            (the book: chapter 12, section 12.0)
//
// TODO: what is asked for and why, then the formula with the book's symbols:
//
//     y_i = 2 x_i
//
//     x   the numbers   [N]
//
// For example, x = [1, −2, 3] gives y = [2, −4, 6].

import Practice

/// TODO: what it gives.
func integerProduct(_ x: [Float]) throws -> [Float] {
  // BEGIN SOLUTION
  return x.map { number in 2 * number }
  // END SOLUTION
}
