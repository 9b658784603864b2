// 5.3  Truncated back-propagation through time                     (the book: chapter 5, section 5.3)
//
// A sequence may be too long to go back through all of it. So it is cut into chunks. The state goes on from chunk to
// chunk, as always; but the gradient goes back within a chunk only. Here with one unit, and one number at each step:
//
//     forwards      h_t = tanh( w x_t + u h_{t−1} )               h_0 = 0
//                   L   = ½ Σ_t ( h_t − y_t )²                    y_t is what h_t should be
//
//     backwards, from the last step of a chunk to its first:
//                   dh_t = (h_t − y_t) + what step t + 1 sent back    nothing, if t + 1 is in the next chunk
//                   da_t = dh_t (1 − h_t²)
//                   dw += da_t x_t       du += da_t h_{t−1}       sent back: da_t u
//
// dw and du are added up over all steps of all chunks. The last chunk may be shorter than the others.
//
// For example, w = 1, u = 0.5, x = 1, 0 and y = 0, 0: h = 0.7616, 0.3634.
//
//     chunks of 1:   du = 0.3634·(1 − 0.1320)·0.7616 = 0.2402          dw = 0.7616·(1 − 0.5800)·1 = 0.3199
//     chunks of 2:   du = 0.2402 as before, and                        dw = (0.7616 + 0.3154·0.5)·0.4200 = 0.3861
//
// since step 2 now sends da_2 u = 0.3154·0.5 back to step 1.

import Foundation
import Practice

/// The gradients of w and u, over chunks of so many steps.
func truncatedGradients(
  _ x: [Float], targets y: [Float], w: Float, u: Float, chunk: Int
) throws -> (dw: Float, du: Float) {
  // BEGIN SOLUTION
  var h: [Float] = [0]
  for t in x.indices { h.append(tanh(w * x[t] + u * h[t])) }
  var (dw, du): (Float, Float) = (0, 0)
  for start in stride(from: 0, to: x.count, by: chunk) {
    var back: Float = 0
    for t in (start..<min(start + chunk, x.count)).reversed() {
      let da = (h[t + 1] - y[t] + back) * (1 - h[t + 1] * h[t + 1])
      dw += da * x[t]
      du += da * h[t]
      back = da * u
    }
  }
  return (dw, du)
  // END SOLUTION
}
