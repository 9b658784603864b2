import Tensors

/// Numbers that belong together on a chart: one line, or one kind of points.
public struct Series: Sendable, Equatable {
  /// What the line or the points are, for the legend.
  public var name: String
  /// Where the points are along the horizontal axis.
  public var x: [Double]
  /// As many as `x`. Where it is not finite, the line has a gap.
  public var y: [Double]
  /// The edges of a band around the line, as many as `x`, or none.
  public var low: [Double]
  /// The upper edge of the band, as many as `x`, or none.
  public var high: [Double]
  /// A text beside each point of a scatter chart, or none.
  public var labels: [String]
  /// Whether the line is broken: a limit or an expectation, say, and no measurement.
  public var isDashed: Bool
  /// Whether only the points are shown where others have a line: measurements beside a curve that was fitted to them.
  public var isPoints = false

  /// Points by their two coordinates. Traps when the counts differ.
  public init(
    _ name: String, x: [Double], y: [Double], low: [Double] = [], high: [Double] = [], labels: [String] = [],
    isDashed: Bool = false
  ) {
    if x.count != y.count { trap("Series \(name): \(x.count) x and \(y.count) y") }
    if low.count != high.count || (!low.isEmpty && low.count != x.count) {
      trap("Series \(name): \(x.count) points and a band of \(low.count) and \(high.count)")
    }
    if !labels.isEmpty && labels.count != x.count {
      trap("Series \(name): \(x.count) points and \(labels.count) labels")
    }
    self.name = name
    self.x = x
    self.y = y
    self.low = low
    self.high = high
    self.labels = labels
    self.isDashed = isDashed
  }

  /// Points at 1, 2, 3 and so on: one for each epoch, say.
  public init(_ name: String, y: [Double], isDashed: Bool = false) {
    self.init(name, x: y.indices.map { Double($0 + 1) }, y: y, isDashed: isDashed)
  }

  /// The mean of several runs, with a band from the smallest to the largest.
  ///
  /// - Parameters:
  ///   - name: What the line is, for the legend.
  ///   - x: Where the points are along the horizontal axis.
  ///   - runs: One array for each run, as many numbers as `x` has. Traps otherwise.
  ///   - isDashed: Whether the line is broken: a limit or an expectation, say, and no measurement.
  public init(_ name: String, x: [Double], runs: [[Double]], isDashed: Bool = false) {
    if runs.isEmpty || runs.contains(where: { $0.count != x.count }) {
      trap("Series \(name): \(x.count) x and runs of \(runs.map(\.count))")
    }
    let columns = x.indices.map { i in runs.map { $0[i] } }
    self.init(
      name, x: x, y: columns.map { $0.reduce(0, +) / Double($0.count) }, low: columns.map { $0.min()! },
      high: columns.map { $0.max()! }, isDashed: isDashed)
  }
}
