/// How long something takes.
///
/// ```swift
/// let watch = Stopwatch()
/// …
/// print(watch.seconds)
/// ```
public struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  /// Starts it.
  public init() {}

  /// Seconds since it was started.
  public var seconds: Double {
    let (whole, atto) = (ContinuousClock.now - start).components
    return Double(whole) + Double(atto) * 1e-18
  }
}
