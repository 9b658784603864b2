/// What several runs of one experiment came to, one for each seed: their mean, and how far they lie apart.
public struct Spread: Sendable {
  /// One value for each run, in the order in which they were given.
  public let values: [Double]

  /// Traps when there is no value.
  public init(_ values: [Double]) {
    if values.isEmpty { fatalError("Spread: there are no values") }
    self.values = values
  }

  /// The sum of the values over their number.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The standard deviation of one run, `√(Σ (xᵢ − mean)² / (n − 1))`; 0 for a single run.
  public var deviation: Double {
    if values.count < 2 { return 0 }
    let mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// The value in the middle; of an even number, the mean of the two there.
  public var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// `98.7 ± 0.2`; without the deviation for a single run.
  public func text(_ digits: Int) -> String {
    fixed(mean, digits) + (values.count < 2 ? "" : " ± " + fixed(deviation, digits))
  }

  /// Shares from 0 to 1 as percentages: `98.7 ± 0.2 %`.
  public func percentText(_ digits: Int = 1) -> String {
    Spread(values.map { $0 * 100 }).text(digits) + " %"
  }
}
