import Foundation

/// What a batch size costs: steps against examples, on the way to the same loss.
///
///     S = S_min (1 + B_crit / B)         steps
///     E = E_min (1 + B / B_crit)         examples, E = B S
///     (S / S_min − 1) (E / E_min − 1) = 1
///     B_crit = E_min / S_min
///
/// With few examples a batch, every example counts fully, and with many, every step: at the critical size both cost twice
/// their least.
///
/// - Source: McCandlish, Kaplan, Amodei and others, "An empirical model of large-batch training", 2018, section 2.2.
/// - Book: section 11.2.
public struct BatchTradeOff: Sendable, Equatable {
  /// `S_min`, the steps with batches without end.
  public let leastSteps: Double
  /// `E_min`, the examples with batches of almost nothing.
  public let leastExamples: Double

  /// A curve by its two ends.
  public init(leastSteps: Double, leastExamples: Double) {
    (self.leastSteps, self.leastExamples) = (leastSteps, leastExamples)
  }

  /// `B_crit`
  public var criticalBatch: Double { leastExamples / leastSteps }
  /// `S` for batches of `B`.
  public func steps(batch: Double) -> Double { leastSteps * (1 + criticalBatch / batch) }
  /// `E` for batches of `B`.
  public func examples(batch: Double) -> Double { leastExamples * (1 + batch / criticalBatch) }

  /// The curve through points, by least squares of the logarithms of the steps.
  ///
  /// For a given `B_crit` the best `S_min` is known, so that one number is searched for, from a thousandth of the smallest
  /// batch to a thousand times the largest.
  ///
  /// Traps with fewer than two points.
  public init(fitting points: [(batch: Double, steps: Double)]) {
    if points.count < 2 { fatalError("BatchTradeOff: at least 2 points are needed, given \(points.count)") }
    func fit(_ critical: Double) -> (leastSteps: Double, error: Double) {
      let ratios = points.map { log($0.steps / (1 + critical / $0.batch)) }
      let mean = ratios.reduce(0, +) / Double(ratios.count)
      return (exp(mean), ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
    }
    var low = log(points.map(\.batch).min()! / 1_000)
    var high = log(points.map(\.batch).max()! * 1_000)
    // The error has one valley: cut the stretch at the golden section.
    let golden = (sqrt(5.0) - 1) / 2
    for _ in 0..<200 {
      let (a, b) = (high - golden * (high - low), low + golden * (high - low))
      if fit(exp(a)).error < fit(exp(b)).error { high = b } else { low = a }
    }
    let critical = exp((low + high) / 2)
    let steps = fit(critical).leastSteps
    self.init(leastSteps: steps, leastExamples: steps * critical)
  }
}
