/// How fast a machine can be at most, for work of a given kind: limited by its arithmetic or by its memory.
///
///     attainable(I) = min(peak, bandwidth · I),     I = operations / bytes moved
///
/// - Source: Williams, Waterman, Patterson, "Roofline: an insightful visual performance model for multicore architectures",
///   *Communications of the ACM* 52(4), 2009.
/// - Book: section 9.9.
public struct Roofline: Sendable, Equatable {
  /// GFLOP/s
  public let peak: Double
  /// GB/s
  public let bandwidth: Double

  public init(peak: Double, bandwidth: Double) { (self.peak, self.bandwidth) = (peak, bandwidth) }

  /// The most GFLOP/s at `intensity` operations a byte.
  public func attainable(_ intensity: Double) -> Double { min(peak, bandwidth * intensity) }

  /// The intensity from which on arithmetic is the limit, in operations a byte: where the roof bends.
  public var ridge: Double { peak / bandwidth }
}
