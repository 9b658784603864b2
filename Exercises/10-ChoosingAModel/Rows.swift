import ExerciseKit
import Foundation
import Practice

/// A matrix in Double, row by row, for the checks' own calculations. A sequence is the list of its steps.
typealias Rows = [[Double]]

/// The rows of a tensor `[T, D]`.
func rows(_ x: Tensor) -> Rows {
  (0..<x.shape[0]).map { t in (0..<x.shape[1]).map { Double(x[t, $0]) } }
}

/// Back to a tensor.
func tensor(_ rows: Rows) -> Tensor {
  Tensor(rows.flatMap { $0.map { Float($0) } }, shape: [rows.count, rows[0].count])
}

/// `Σᵢ aᵢ bᵢ`
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// `x Wᵀ`: each row of `x` with each row of `w`.
func timesTransposed(_ x: Rows, _ w: Rows) -> Rows { x.map { row in w.map { dot(row, $0) } } }

/// `x W`.
func times(_ x: Rows, _ w: Rows) -> Rows { timesTransposed(x, transposed(w)) }

func transposed(_ w: Rows) -> Rows { w[0].indices.map { i in w.map { $0[i] } } }

/// Two matrices of one shape, number by number.
func pairwise(_ a: Rows, _ b: Rows, _ operation: (Double, Double) -> Double) -> Rows {
  zip(a, b).map { zip($0, $1).map(operation) }
}

func each(_ a: Rows, _ function: (Double) -> Double) -> Rows { a.map { $0.map(function) } }

/// `exp(sᵢ) / Σⱼ exp(sⱼ)` over the places that are allowed, and 0 at all others.
func softmax(_ s: [Double], allowed: [Bool]? = nil) -> [Double] {
  let places = s.indices.filter { allowed?[$0] ?? true }
  guard let largest = places.map({ s[$0] }).max() else { return s.map { _ in 0 } }
  var p = s.map { _ in 0.0 }
  for i in places { p[i] = exp(s[i] - largest) }
  let sum = p.reduce(0, +)
  return p.map { $0 / sum }
}

/// Numbers small enough that no weight of attention is nearly 0 or nearly 1.
func small(_ inputs: inout Inputs, _ shape: [Int]) -> Tensor { inputs.normal(shape) * 0.7 }
