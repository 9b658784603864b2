// 5.4  Clipping by norm                                            (the book: chapter 5, section 5.4)
//
// A gradient that explodes for one step can undo what a thousand steps have learned. Clipping by norm shortens it: all
// gradients of all parameters are taken as one long vector, and when that is longer than a maximum, every number is
// multiplied by the same factor. The direction stays.
//
//     norm = √( Σ g² )          over all numbers of all gradients
//     g ← g · maximum / norm    when norm > maximum;  else nothing changes
//
// For example, two gradients [3] and [0, 4], together (3, 0, 4): their norm is 5.
//
//     maximum 10:   [3] and [0, 4], as they are            maximum 1:   [0.6] and [0, 0.8]
//
// A norm of 0 needs no clipping, and no division. Gradients may be large: in Float the square of 10²⁰ is infinite, in
// Double it is not.

import Practice

/// The gradients, shortened together to a norm of at most `maximum`.
func clipped(_ gradients: [Tensor], toNorm maximum: Float) throws -> [Tensor] {
  // BEGIN SOLUTION
  var sum = 0.0
  for gradient in gradients {
    for g in gradient.scalars { sum += Double(g) * Double(g) }
  }
  let norm = sum.squareRoot()
  if norm <= Double(maximum) { return gradients }
  let factor = Double(maximum) / norm
  return gradients.map { $0.map { Float(Double($0) * factor) } }
  // END SOLUTION
}
