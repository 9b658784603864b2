import ExerciseKit
import Foundation
import Practice

/// A matrix in Double, row by row, for the checks' own calculations.
typealias Rows = [[Double]]

/// The rows of a tensor `[N, C]`.
func rows(_ x: Tensor) -> Rows {
  (0..<x.shape[0]).map { n in (0..<x.shape[1]).map { Double(x[n, $0]) } }
}

/// Back to a tensor.
func tensor(_ rows: Rows) -> Tensor {
  Tensor(rows.flatMap { $0.map { Float($0) } }, shape: [rows.count, rows[0].count])
}

/// `exp(sᵢ) / Σⱼ exp(sⱼ)`
func softmax(_ s: [Double]) -> [Double] {
  let largest = s.max() ?? 0
  let powers = s.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
