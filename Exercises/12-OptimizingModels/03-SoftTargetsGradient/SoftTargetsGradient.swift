// 12.3  Two teachers, and the labels                               (the book: chapter 12, section 12.3)
//
// A student learns from several teachers at once: its soft targets are the mean of what they say. A share α of its loss is the
// usual cross-entropy against the labels, at temperature 1.
//
//     p̄_n = (1/K) Σ_k softmax(teacher_kn / T)
//     L   = (1/N) Σ_n [ α · crossEntropy(z_n, label_n) + (1 − α) · T² · Σ_i p̄_ni ln(p̄_ni / q_ni) ],    q_n = softmax(z_n / T)
//
// Asked for is the gradient of L with respect to the student's logits z. Work it out on paper: for one example the first part
// gives softmax(z) − y, where y is 1 at the label; of the second, section 12.3 has the gradient for one teacher.
//
//     student    z                              [N, C]
//     teachers   the teachers' logits, K of them   each [N, C]
//     labels     from 0 to C − 1                [N]
//     result     dL/dz                          [N, C]
//
// For example, with one image, z = [0, 0], one teacher [ln 9, 0], label 1, T = 1 and α = 0.5: the first part gives [0.5, −0.5], the
// second [0.5 − 0.9, 0.5 − 0.1]; the result is [0.05, −0.05].

import Foundation
import Practice

/// The gradient of the student's loss with respect to its logits, `[N, C]`.
func softTargetsGradient(
  student z: Tensor, teachers: [Tensor], labels: [Int], temperature T: Float, alpha α: Float
) throws -> Tensor {
  // BEGIN SOLUTION
  func softmax(_ x: Tensor, _ n: Int, _ T: Float) -> [Float] {
    let scores = (0..<x.shape[1]).map { x[n, $0] / T }
    let largest = scores.max()!
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
  var gradient = Tensor.zeros(z.shape)
  for n in labels.indices {
    let (hard, q) = (softmax(z, n, 1), softmax(z, n, T))
    let told = teachers.map { softmax($0, n, T) }
    for i in q.indices {
      let p = told.reduce(0) { $0 + $1[i] } / Float(teachers.count)
      let y: Float = i == labels[n] ? 1 : 0
      gradient[n, i] = (α * (hard[i] - y) + (1 - α) * T * (q[i] - p)) / Float(labels.count)
    }
  }
  return gradient
  // END SOLUTION
}
