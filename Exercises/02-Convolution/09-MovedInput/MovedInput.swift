// 2.9  What moves in, moves out                                    (the book: chapter 2, section 2.9)
//
// A kernel that finds something finds it wherever it is: when the input moves, the feature map moves along. This is
// called translation equivariance. With a stride it holds only for some movements. Measure it.
//
//     x′ᵢ = xᵢ₋ₜ                                     x moved to the right by t; x′ᵢ = 0 for i < t
//     yᵢ = Σₐ wₐ x_{i s + a},   y′ᵢ = Σₐ wₐ x′_{i s + a}
//     gap = max |y′ᵢ − yᵢ₋ᵤ|                          over i = ⌈t / s⌉ … M − 1,    u = ⌊t / s⌋
//
//     x   the input    N numbers; t from 0 to N; what leaves it on the right is lost
//     w   the kernel   K numbers; s the stride
//     y   the map      M = ⌊(N − K) / s⌋ + 1 numbers
//
// ⌈ ⌉ rounds up; from ⌈t/s⌉ on, a window sees only what has moved. Where no i is left, the gap is 0. For example,
// x = [1, 2, 4, 7, 3], w = [−1, 1], stride 2, moved by 1: x′ = [0, 1, 2, 4, 7], y = [1, 3], y′ = [1, 2], u = 0, and
// the only i is 1: the gap is |2 − 3| = 1. Moved by 2: x′ = [0, 0, 1, 2, 4], y′ = [0, 1], u = 1: |1 − 1| = 0.

import Practice

/// `x` moved to the right by `t`, with zeros coming in.
func moved(_ x: [Float], by t: Int) throws -> [Float] {
  // BEGIN SOLUTION
  x.indices.map { $0 < t ? 0 : x[$0 - t] }
  // END SOLUTION
}

/// How far the map of the moved input is from the moved map.
func moveGap(_ x: [Float], _ w: [Float], stride s: Int, movedBy t: Int) throws -> Float {
  // BEGIN SOLUTION
  func map(_ input: [Float]) -> [Float] {
    (0...(input.count - w.count) / s).map { i in
      w.indices.reduce(Float(0)) { sum, a in sum + w[a] * input[i * s + a] }
    }
  }
  let (before, after) = (map(x), map(try moved(x, by: t)))
  var gap: Float = 0
  var i = (t + s - 1) / s
  while i < after.count {
    gap = max(gap, abs(after[i] - before[i - t / s]))
    i += 1
  }
  return gap
  // END SOLUTION
}
