import Foundation

/// What DP-SGD has promised after a number of steps: an accountant by Rényi differential privacy.
///
/// Each step looks at every example with probability q, clips its gradient to C and adds noise of deviation σC. The
/// Rényi divergence of order α between runs with and without one example is, for a whole α,
///
///     R_α = log A / (α − 1),    A = Σᵢ C(α, i) (1 − q)^(α−i) q^i exp((i² − i) / 2σ²),   i = 0 … α
///
/// and simply adds up over steps: this is what makes it useful. At the end it is converted to the usual (ε, δ), for
/// every order, and the smallest ε counts.
///
/// The result is an upper bound. It holds for batches drawn by Poisson sampling, each example by a toss of its own; it says
/// nothing of shuffled batches of a fixed size.
///
/// - PyTorch: none; Opacus' `RDPAccountant`, which also tries orders between whole numbers: see `tenths`.
/// - Source: Mironov, Talwar, Zhang, "Rényi differential privacy of the sampled Gaussian mechanism", 2019, section 3.3.
/// - Book: section 9.7.
public struct PrivacyAccountant: Sendable, Equatable {
  /// `σ`
  public let noise: Double
  /// `q`
  public let rate: Double
  /// The orders that are tried.
  public let orders: [Double]

  /// The whole orders from 2 to 64.
  public static let wholeOrders = (2...64).map(Double.init)
  /// Tenths from 1.1 to 10.9, then whole orders to 63, which Opacus tries: a little tighter where ε is large.
  public static let tenths = (11..<110).map { Double($0) / 10 } + (11...63).map(Double.init)

  /// Traps where there is no noise or no sampling rate.
  ///
  /// - Parameters:
  ///   - noise: σ, above 0.
  ///   - rate: q, above 0 and at most 1.
  ///   - orders: Each above 1.
  public init(noise: Double, rate: Double, orders: [Double] = Self.wholeOrders) {
    if !(noise > 0) { fatalError("PrivacyAccountant: the noise must be above 0, given \(noise)") }
    if !(rate > 0 && rate <= 1) {
      fatalError("PrivacyAccountant: the rate must be above 0 and at most 1, given \(rate)")
    }
    if orders.isEmpty || orders.contains(where: { !($0 > 1) }) {
      fatalError("PrivacyAccountant: orders must be above 1, given \(orders)")
    }
    (self.noise, self.rate, self.orders) = (noise, rate, orders)
  }

  /// How a Rényi divergence of order α becomes an ε.
  public enum Conversion: Sendable, CaseIterable {
    /// `ε = R + log((α − 1)/α) − (log δ + log α)/(α − 1)`: what today's libraries do.
    ///
    /// - Source: Balle, Barthe, Gaboardi, Hsu, Sato, "Hypothesis testing interpretations and Rényi differential
    ///   privacy", AISTATS 2020, theorem 21.
    case balle
    /// `ε = R + log(1/δ)/(α − 1)`: what the figures beside older tutorials come from.
    ///
    /// - Source: Mironov, "Rényi differential privacy", CSF 2017, proposition 3.
    case mironov

    public func epsilon(divergence: Double, order: Double, delta: Double) -> Double {
      switch self {
      case .balle:
        divergence + log((order - 1) / order) - (log(delta) + log(order)) / (order - 1)
      case .mironov:
        divergence - log(delta) / (order - 1)
      }
    }
  }

  /// `R_α` of one step.
  public func divergence(order: Double) -> Double {
    if rate == 1 { return order / (2 * noise * noise) }
    let logA = order == order.rounded() ? logMoment(order) : logMomentBetween(order)
    return logA / (order - 1)
  }

  /// The ε that holds after `steps` steps, and the order that it comes from.
  ///
  /// - Parameters:
  ///   - steps: At least 1.
  ///   - delta: δ, between 0 and 1: how likely the promise is to fail altogether. It should be well below one in the
  ///     number of examples.
  public func epsilon(steps: Int, delta: Double, by conversion: Conversion = .balle) -> (
    epsilon: Double, order: Double
  ) {
    if steps < 1 { fatalError("PrivacyAccountant: at least 1 step is needed, given \(steps)") }
    if !(delta > 0 && delta < 1) {
      fatalError("PrivacyAccountant: delta must be between 0 and 1, given \(delta)")
    }
    let all = orders.map { order in
      (
        epsilon: conversion.epsilon(
          divergence: Double(steps) * divergence(order: order), order: order, delta: delta),
        order: order
      )
    }
    let best = all.min { $0.epsilon < $1.epsilon }!
    return (max(0, best.epsilon), best.order)
  }

  /// The least noise that keeps ε to `target` over `steps` steps, to four digits, from above.
  ///
  /// - Returns: nil where not even a noise of 10⁶ does.
  public static func noise(
    for target: Double, rate: Double, steps: Int, delta: Double, orders: [Double] = Self.wholeOrders
  ) -> Double? {
    if !(target > 0) { fatalError("PrivacyAccountant: epsilon must be above 0, given \(target)") }
    func isEnough(_ noise: Double) -> Bool {
      PrivacyAccountant(noise: noise, rate: rate, orders: orders).epsilon(steps: steps, delta: delta).epsilon
        <= target
    }
    var (low, high) = (0.01, 0.02)
    while !isEnough(high) {
      if high > 1e6 { return nil }
      (low, high) = (high, 2 * high)
    }
    while high - low > 1e-5 * high {
      let middle = (low + high) / 2
      if isEnough(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// `log A` for a whole order: a sum of positive numbers.
  private func logMoment(_ order: Double) -> Double {
    let terms = (0...Int(order)).map { i in
      let i = Double(i)
      return logBinomial(order, i) + (order - i) * log1p(-rate) + i * log(rate)
        + (i * i - i) / (2 * noise * noise)
    }
    return logSum(terms)
  }
}

/// `log (n over k)`, by the logarithm of the gamma function.
func logBinomial(_ n: Double, _ k: Double) -> Double { lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) }

/// `log Σ exp tᵢ`, without the numbers in between becoming too large.
func logSum(_ terms: [Double]) -> Double {
  let largest = terms.max() ?? -.infinity
  if !largest.isFinite { return largest }
  return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
}
