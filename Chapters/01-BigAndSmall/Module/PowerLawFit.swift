import Engine
import Foundation

/// A power law fitted to points, and how sure one can be of it.
///
/// The uncertainty is found by the bootstrap of residuals: how far each point lies from the law, as a factor, is drawn
/// anew from those of all points, and the law is fitted again to what comes out; a thousand times. Of all answers to
/// a question, the middle 95 % are the interval. It knows of the scatter of the points, not of whether a power law is
/// the right form beyond them.
///
/// - Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993, section 9.4.
/// - Book: section 1.5.
public struct PowerLawFit: Sendable {
  public let law: PowerLaw
  /// `ln y − ln law(x)` of each point.
  public let residuals: [Double]
  /// The law fitted again, once for each time that the residuals were drawn anew.
  private let replicas: [PowerLaw]
  /// One more residual for each replica: how far off a new point may lie.
  private let draws: [Double]

  /// - Parameters:
  ///   - hasFloor: Whether the law may have a floor above 0.
  ///   - seed: The seed of what is drawn.
  public init(_ x: [Double], _ y: [Double], hasFloor: Bool, replicas count: Int = 1000, seed: UInt64 = 1) {
    let fit = hasFloor ? PowerLaw.withFloor : PowerLaw.line
    let law = fit(x, y)
    // The fit makes residuals smaller than the scatter by about the parameters it was free to choose.
    let free = Double(x.count) / max(1, Double(x.count) - (hasFloor ? 3 : 2))
    let residuals = zip(x, y).map { log($1 / law($0)) }
    let widened = residuals.map { $0 * free.squareRoot() }
    var random = RandomStream(seed: seed, stream: 1 << 50)
    var (laws, draws): ([PowerLaw], [Double]) = ([], [])
    for _ in 0..<count {
      let again = x.map { law($0) * exp(widened[random.integer(below: widened.count)]) }
      laws.append(fit(x, again))
      draws.append(widened[random.integer(below: widened.count)])
    }
    self.law = law
    self.residuals = residuals
    replicas = laws
    self.draws = draws
  }

  /// The interval of the exponent.
  public var exponents: ClosedRange<Double> { Self.middle(replicas.map(\.exponent)) }
  /// The interval of the floor.
  public var floors: ClosedRange<Double> { Self.middle(replicas.map(\.floor)) }

  /// Where the law itself may lie at `x`.
  public func band(at x: Double) -> ClosedRange<Double> { Self.middle(replicas.map { $0(x) }) }

  /// Where a new point may lie at `x`: the law may be off, and points scatter about it.
  public func prediction(at x: Double) -> ClosedRange<Double> {
    Self.middle(zip(replicas, draws).map { $0(x) * exp($1) })
  }

  /// The middle 95 %.
  static func middle(_ values: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    let cut = Int((Double(sorted.count) * 0.025).rounded(.down))
    return sorted[cut]...sorted[sorted.count - 1 - cut]
  }
}
