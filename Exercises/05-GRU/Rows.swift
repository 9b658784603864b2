import ExerciseKit
import Practice

/// A matrix in Double, row by row, for the checks' own calculations.
typealias Rows = [[Double]]

/// The rows of a tensor `[N, D]`.
func rows(_ x: Tensor) -> Rows {
  (0..<x.shape[0]).map { n in (0..<x.shape[1]).map { Double(x[n, $0]) } }
}

/// Back to a tensor.
func tensor(_ rows: Rows) -> Tensor {
  Tensor(rows.flatMap { $0.map { Float($0) } }, shape: [rows.count, rows[0].count])
}

/// `x Wᵀ`: each row of `x` with each row of `w`.
func timesTransposed(_ x: Rows, _ w: Rows) -> Rows {
  x.map { row in w.map { weights in zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } } }
}

/// `x W`.
func times(_ x: Rows, _ w: Rows) -> Rows { timesTransposed(x, transposed(w)) }

func transposed(_ w: Rows) -> Rows { w[0].indices.map { i in w.map { $0[i] } } }

/// Two matrices of one shape, number by number.
func pairwise(_ a: Rows, _ b: Rows, _ operation: (Double, Double) -> Double) -> Rows {
  zip(a, b).map { zip($0, $1).map(operation) }
}

func each(_ a: Rows, _ function: (Double) -> Double) -> Rows { a.map { $0.map(function) } }

/// The same numbers added to every row.
func adding(_ b: [Double], to a: Rows) -> Rows { a.map { zip($0, b).map { $0 + $1 } } }

/// Numbers small enough that tanh and the sigmoid are far from their ends.
func small(_ inputs: inout Inputs, _ shape: [Int]) -> Tensor { inputs.normal(shape) * 0.7 }
