import Foundation

/// `y = floor + scale · x^(−exponent)`: ten times the `x`, and what lies above the floor is divided by the same factor
/// every time.
///
/// - Source: Kaplan and others, "Scaling laws for neural language models", 2020 (no floor); Hoffmann and others,
///   "Training compute-optimal large language models", 2022, section 3.3 (with one).
/// - Book: section 1.5.
public struct PowerLaw: Sendable, Equatable {
  /// What no `x` gets below.
  public var floor: Double
  public var scale: Double
  public var exponent: Double

  public init(floor: Double = 0, scale: Double, exponent: Double) {
    self.floor = floor
    self.scale = scale
    self.exponent = exponent
  }

  public func callAsFunction(_ x: Double) -> Double { floor + scale * pow(x, -exponent) }

  /// The law without a floor that lies closest to the points: a straight line in logarithms.
  public static func line(_ x: [Double], _ y: [Double]) -> PowerLaw {
    let (u, v) = (x.map { log($0) }, y.map { log($0) })
    let (intercept, slope) = straightLine(u, v, weights: u.map { _ in 1 })
    return PowerLaw(scale: exp(intercept), exponent: -slope)
  }

  /// The law with a floor of 0 or more that lies closest to the points, by the squares of the relative errors.
  ///
  /// For a given exponent it is a straight line over `x^(−exponent)`, and so is found at once; the exponent is found by
  /// trying.
  public static func withFloor(_ x: [Double], _ y: [Double]) -> PowerLaw {
    func best(_ exponent: Double) -> (law: PowerLaw, error: Double) {
      let powers = x.map { pow($0, -exponent) }
      let weights = y.map { 1 / ($0 * $0) }
      var (floor, scale) = straightLine(powers, y, weights: weights)
      if floor < 0 {
        floor = 0
        let (above, below) = zip(zip(powers, y), weights).reduce((0.0, 0.0)) { sum, point in
          (sum.0 + point.1 * point.0.0 * point.0.1, sum.1 + point.1 * point.0.0 * point.0.0)
        }
        scale = above / below
      } else if scale < 0 {
        // A law does not rise: at best, it is its floor.
        (floor, scale) = (zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +), 0)
      }
      let law = PowerLaw(floor: floor, scale: scale, exponent: exponent)
      return (law, zip(x, y).reduce(0) { $0 + pow(law($1.0) / $1.1 - 1, 2) })
    }
    // A coarse search, then closer and closer around the best.
    var (low, high) = (0.01, 3.0)
    for _ in 0..<5 {
      let step = (high - low) / 24
      let tried = (0...24).map { low + Double($0) * step }
      let center = tried.min { best($0).error < best($1).error }!
      (low, high) = (max(0.001, center - step), center + step)
    }
    return best((low + high) / 2).law
  }

  /// Intercept and slope of the straight line closest to the points.
  private static func straightLine(_ x: [Double], _ y: [Double], weights: [Double]) -> (Double, Double) {
    let total = weights.reduce(0, +)
    let meanX = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 } / total
    let meanY = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 } / total
    var (above, below) = (0.0, 0.0)
    for i in x.indices {
      above += weights[i] * (x[i] - meanX) * (y[i] - meanY)
      below += weights[i] * (x[i] - meanX) * (x[i] - meanX)
    }
    let slope = above / below
    return (meanY - slope * meanX, slope)
  }
}
