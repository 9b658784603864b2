// 11.4  A scale that finds itself                                  (the book: chapter 11, section 11.4)
//
// Gradients in float16 become 0 below 2⁻²⁵ and infinite above 65,504. So the loss is multiplied by a scale before the way back,
// and the gradients are divided by it before the step. Play through what happens to the true gradients of each step:
//
// 1.  Multiply them by the scale.
// 2.  If one is then larger than 65,504, or smaller than −65,504, the step is left out: its gradients are [], the scale is
//     halved, and the count of good steps begins at 0 again.
// 3.  If not, the step is good. Those that lie between −2⁻²⁵ and 2⁻²⁵ (the ends included) have become 0; all are divided by the
//     scale again, and used. After `interval` good steps one after the other the scale is doubled, and the count begins at 0.
//
// Wanted for each step: the scale that it was done with, and the gradients that were used.
//
// For example, with a scale of 4 at first and an interval of 2, the gradients 2, then 3, then 10,000, then 5 are done with the
// scales 4, 4, 8, 4: after two good steps it is doubled; 8 · 10,000 is more than 65,504, so that the third is left out and the
// scale halved. The gradients used are [2], [3], [], [5].

import Practice

/// 2⁻²⁵, up to which a number in float16 becomes 0.
let vanishing: Float = 0x1p-25

/// The scale of each step, and the gradients that it used; none where it was left out.
func dynamicScaling(
  _ gradients: [[Float]], scale first: Float, interval: Int
) throws -> (scales: [Float], used: [[Float]]) {
  // BEGIN SOLUTION
  var (scale, good) = (first, 0)
  var (scales, used) = ([Float](), [[Float]]())
  for step in gradients {
    let scaled = step.map { $0 * scale }
    scales.append(scale)
    if scaled.contains(where: { abs($0) > 65_504 }) {
      used.append([])
      scale /= 2
      good = 0
    } else {
      used.append(scaled.map { abs($0) <= vanishing ? 0 : $0 / scale })
      good += 1
      if good == interval {
        scale *= 2
        good = 0
      }
    }
  }
  return (scales, used)
  // END SOLUTION
}
