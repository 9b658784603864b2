import Engine
import Foundation

// What the plain code of this chapter is made of. A matrix is an array of its rows.

/// `exp(xᵢ) / Σⱼ exp(xⱼ)` over the places that are allowed, and 0 at the others; all 0 when none is allowed.
///
/// The largest number is taken off first: that changes nothing, and no exponential grows too large.
func softmax<Scalar: BinaryFloatingPoint>(_ x: [Scalar], allowed: [Bool]? = nil) -> [Scalar] {
  func isAllowed(_ i: Int) -> Bool { allowed?[i] ?? true }
  guard let largest = x.indices.filter(isAllowed).map({ x[$0] }).max() else {
    return [Scalar](repeating: 0, count: x.count)
  }
  let powers = x.indices.map { isAllowed($0) ? Scalar(exp(Double(x[$0] - largest))) : 0 }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// `Σᵢ aᵢ bᵢ`
func dot<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

/// `W x + b` at every step of `x`: `[T, D]` → `[T, O]`, with `W` of `[O, D]`.
func affine<Scalar: BinaryFloatingPoint>(
  _ x: [[Scalar]], _ weight: [[Scalar]], _ bias: [Scalar]
) -> [[Scalar]] {
  x.map { step in weight.indices.map { bias[$0] + dot(weight[$0], step) } }
}

/// The way back through `affine`: adds to the gradients of weight and bias, and returns that of `x`.
func affineBackward<Scalar: BinaryFloatingPoint>(
  dy: [[Scalar]], _ x: [[Scalar]], _ weight: [[Scalar]], addingTo dWeight: inout [[Scalar]],
  _ dBias: inout [Scalar]
) -> [[Scalar]] {
  var dx = zeros(like: x)
  for t in x.indices {
    for o in weight.indices {
      dBias[o] += dy[t][o]
      for d in x[t].indices {
        dWeight[o][d] += dy[t][o] * x[t][d]
        dx[t][d] += dy[t][o] * weight[o][d]
      }
    }
  }
  return dx
}

/// The sum of two sequences, number by number.
func sum<Scalar: BinaryFloatingPoint>(_ a: [[Scalar]], _ b: [[Scalar]]) -> [[Scalar]] {
  zip(a, b).map { x, y in zip(x, y).map { $0 + $1 } }
}

/// Zeros in the shape of `x`.
func zeros<Scalar: BinaryFloatingPoint>(like x: [[Scalar]]) -> [[Scalar]] {
  x.map { [Scalar](repeating: 0, count: $0.count) }
}

/// The rows of a tensor `[rows, columns]`.
func rows<Scalar: BinaryFloatingPoint>(_ matrix: Tensor, _ range: Range<Int>? = nil) -> [[Scalar]] {
  (range ?? 0..<matrix.shape[0]).map { row in (0..<matrix.shape[1]).map { Scalar(matrix[row, $0]) } }
}

/// The numbers of a tensor, or as many zeros where there is none.
func numbers<Scalar: BinaryFloatingPoint>(_ vector: Tensor?, orZeros count: Int) -> [Scalar] {
  vector?.scalars.map { Scalar($0) } ?? [Scalar](repeating: 0, count: count)
}
