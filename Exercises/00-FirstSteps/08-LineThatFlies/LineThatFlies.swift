// 0.8  Find the faults: the line that flies off                    (the book: chapter 0, section 0.5)
//
// A line is fitted by gradient descent. With the four measurements of the book and a small learning rate it works. Then
// somebody came with forty measurements, of the same plant, over the same four days: more of them should be better, if
// anything. But with forty the loss becomes enormous within a few steps. With a rate ten times smaller it settles
// again, and everybody was content, until somebody made a step by hand: it led somewhere else.
//
// Two things are wrong. Check the program as it is, look at the curve, and do the first step with a pencil:
//
//     ./workbook check 0.8
//
//     x   days        [N]        t   heights in cm        [N]
//     η   learning rate
//
// What a right program does, step by step, from w = 0 and b = 0:
//
//     L = 1/N Σₙ (w xₙ + b − tₙ)²         noted before the step
//     w ← w − η dL/dw                     b ← b − η dL/db
//
// For example, x = [2], t = [1] and η = 0.25: the error is −1, L = 1, the slopes are −4 and −2, and the first step leads
// to w = 1 and b = 0.5.

import Practice

/// Fits a line: its two parameters after the last step, and the loss before each step.
func fitLine(
  _ x: [Double], _ t: [Double], learningRate: Double, steps: Int
) throws -> (w: Double, b: Double, losses: [Double]) {
  let count = Double(x.count)
  var (w, b) = (0.0, 0.0)
  var losses: [Double] = []
  for _ in 0..<steps {
    let errors = zip(x, t).map { x, t in w * x + b - t }
    losses.append(errors.map { $0 * $0 }.reduce(0, +) / count)

    // BEGIN SOLUTION
    let dw = 2 * zip(errors, x).map { error, x in error * x }.reduce(0, +) / count
    let db = 2 * errors.reduce(0, +) / count
    w -= learningRate * dw
    b -= learningRate * db
    // INSTEAD
    // let dw = 2 * zip(errors, x).map { error, x in error * x }.reduce(0, +)
    // w -= learningRate * dw
    //
    // let newErrors = zip(x, t).map { x, t in w * x + b - t }
    // let db = 2 * newErrors.reduce(0, +)
    // b -= learningRate * db
    // END SOLUTION
  }
  return (w, b, losses)
}
