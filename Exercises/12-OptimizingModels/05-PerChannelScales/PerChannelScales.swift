// 12.5  A scale for each channel                                   (the book: chapter 12, section 12.5)
//
// One large number takes the grid away from all that share it. So each channel of a weight, each row that makes one output, gets
// a step of its own:
//
//     S_c = max |w| over channel c / 127            1 where all of the channel are 0
//     q = clamp(round(w / S_c))                     from −127 to 127, halves to the even side
//     y = S_c q
//
// Which axis counts the channels depends on the layer: axis 0 for a linear layer, [O, D], and for a convolution, [O, C, KH, KW];
// axis 1 for a transposed convolution, [C, O, KH, KW]. So it is given:
//
//     w, y   of any shape        S   [O], O the size of `axis`
//
// For example, the channels along axis 0 of w, [2, 3]:
//
//     w =  0.1  −0.2  0.05        S = 0.2/127 = 0.0015748
//         30    10   −12.7            30/127  = 0.2362205
//
// and with S = 0.1 and 20 the rows become 0.1 −0.2 0 (for 0.5 is rounded to 0) and 40 0 −20 (1.5 to 2, 0.5 to 0).

import Practice

/// The step of each channel, `[O]`.
func channelScales(_ w: Tensor, axis: Int) throws -> [Float] {
  // BEGIN SOLUTION
  let inner = w.shape[(axis + 1)...].reduce(1, *)
  var largest = [Float](repeating: 0, count: w.shape[axis])
  for (i, number) in w.scalars.enumerated() {
    let c = i / inner % largest.count
    largest[c] = max(largest[c], abs(number))
  }
  return largest.map { $0 > 0 ? $0 / 127 : 1 }
  // END SOLUTION
}

/// What eight bits leave of the weight, of its shape.
func rounded(_ w: Tensor, scales: [Float], axis: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let inner = w.shape[(axis + 1)...].reduce(1, *)
  let y = w.scalars.enumerated().map { i, number in
    let scale = scales[i / inner % scales.count]
    return scale * min(max((number / scale).rounded(.toNearestOrEven), -127), 127)
  }
  return Tensor(y, shape: w.shape)
  // END SOLUTION
}
