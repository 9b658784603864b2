// 12.9  Find the fault: calibrated too wide                        (the book: chapter 12, section 12.0)
//
// TODO: what the program is for, what was seen, and what was tried. Not what is wrong.
//
//     ./workbook check 12.9
//
// For example, TODO: numbers by which a right program can be told.

import Practice

/// TODO: the loss of every step.
func calibratedTooWide(_ start: Float, steps: Int) throws -> [Float] {
  var weight = start
  var losses: [Float] = []
  for _ in 0..<steps {
    losses.append((weight - 3) * (weight - 3))
    // BEGIN SOLUTION
    weight -= 0.1 * 2 * (weight - 3)
    // INSTEAD
    // weight += 0.1 * 2 * (weight - 3)
    // END SOLUTION
  }
  return losses
}
