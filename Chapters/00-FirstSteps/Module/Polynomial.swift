import Engine
import Foundation

/// A curve that bends as often as its degree allows: `y = w₀ + w₁ x + w₂ x² + … + w_d x^d`.
///
/// - PyTorch: none; `numpy.polynomial.Polynomial`.
/// - Book: section 0.9.
public struct Polynomial: Sendable, Equatable {
  /// The parameters, from the power 0 up; one more than the degree.
  public var weights: [Double]

  /// A curve of its parameters, from the power 0 up.
  public init(weights: [Double]) { self.weights = weights }

  /// The curve's height at `x`.
  public func callAsFunction(_ x: Double) -> Double {
    weights.reversed().reduce(0) { $0 * x + $1 }
  }

  /// The mean of the squared errors.
  public func loss(_ x: [Double], _ t: [Double]) -> Double {
    checkExamples("Polynomial.loss", x.count, t.count)
    return zip(x, t).reduce(0) { $0 + (self($1.0) - $1.1) * (self($1.0) - $1.1) } / Double(x.count)
  }
}

extension Polynomial {
  /// The curve of a degree whose squared errors on some points have the least mean: the bottom of the valley, calculated
  /// at once.
  ///
  /// At the bottom all slopes are 0. Along weight `j` that says `Σₙ (Σₖ wₖ xₙᵏ − tₙ) xₙʲ = 0`: as many linear equations
  /// as there are weights, solved by elimination.
  ///
  /// - Parameters:
  ///   - degree: From 0 to one less than there are points: with that many weights the curve meets all of them.
  ///   - x: Places between −1 and 1, where powers stay comparable; no two alike.
  ///   - t: The heights there.
  /// - PyTorch: none; `numpy.polynomial.polynomial.polyfit`.
  /// - Book: section 0.9.
  public static func fitted(degree: Int, _ x: [Double], _ t: [Double]) -> Polynomial {
    checkExamples("Polynomial.fitted", x.count, t.count)
    if degree < 0 || degree >= x.count {
      fatalError("Polynomial.fitted: degree \(degree), with \(x.count) points from 0 to \(x.count - 1)")
    }
    let size = degree + 1
    let powers = x.map { x in (0..<size).map { pow(x, Double($0)) } }
    var equations = (0..<size).map { j in
      (0..<size).map { k in powers.reduce(0) { $0 + $1[j] * $1[k] } }
        + [zip(powers, t).reduce(0) { $0 + $1.0[j] * $1.1 }]
    }
    // Row by row: the largest number of a column is made 1, and the column is cleared from all other rows.
    for column in 0..<size {
      let pivot = (column..<size).max { abs(equations[$0][column]) < abs(equations[$1][column]) }!
      equations.swapAt(column, pivot)
      let divisor = equations[column][column]
      equations[column] = equations[column].map { $0 / divisor }
      for row in 0..<size where row != column {
        let factor = equations[row][column]
        for k in column...size { equations[row][k] -= factor * equations[column][k] }
      }
    }
    return Polynomial(weights: equations.map { $0[size] })
  }
}

/// Measurements of a wave, with an error in each: `t = sin(πx) + noise`, at places between −1 and 1.
///
/// - Parameters:
///   - count: How many.
///   - noise: The errors' standard deviation.
///   - stream: Where the numbers come from.
/// - Book: section 0.9.
public func noisyWave(count: Int, noise: Double = 0.25, from stream: inout RandomStream) -> (
  x: [Double], t: [Double]
) {
  // One in each of `count` equal stretches, so that no two lie close together.
  let x = (0..<count).map { (Double($0) + Double(stream.uniform())) / Double(count) * 2 - 1 }
  return (x, x.map { sin(Double.pi * $0) + noise * Double(stream.normal()) })
}
