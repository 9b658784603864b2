import Foundation

/// An attack that asks of an example: was the network trained on it? It says yes where the loss is small.
///
/// - Source: Yeom, Giacomelli, Fredrikson, Jha, "Privacy risk in machine learning: analyzing the connection to
///   overfitting", CSF 2018.
/// - Book: section 9.6.
public struct MembershipAttack: Sendable, Equatable {
  /// Up to this loss it says yes.
  public let threshold: Double

  public init(threshold: Double) { self.threshold = threshold }

  /// The attack whose threshold does best on examples of which it is known: the largest advantage, and of several such
  /// thresholds the smallest. The advantage must be measured on others; on these it is too good.
  ///
  /// - Parameters:
  ///   - members: Losses of examples that the network was trained on, at least one.
  ///   - others: Losses of examples that it was not, at least one.
  public init(choosingOn members: [Double], and others: [Double]) {
    if members.isEmpty || others.isEmpty {
      fatalError("MembershipAttack: \(members.count) members and \(others.count) others: 1 of each is needed")
    }
    // Between two neighbouring losses nothing changes, so that the losses themselves are all there is to try.
    let losses = (members.map { (loss: $0, isMember: true) } + others.map { (loss: $0, isMember: false) })
      .sorted { $0.loss < $1.loss }
    var (yes, wrong) = (0, 0)
    // Saying yes to nothing has an advantage of 0.
    var (best, threshold) = (0.0, -Double.infinity)
    for (i, one) in losses.enumerated() {
      if one.isMember { yes += 1 } else { wrong += 1 }
      if i + 1 < losses.count, losses[i + 1].loss == one.loss { continue }
      let advantage = Double(yes) / Double(members.count) - Double(wrong) / Double(others.count)
      if advantage > best { (best, threshold) = (advantage, one.loss) }
    }
    self.threshold = threshold
  }

  /// What share of the members it finds, less the share of the others that it takes for members.
  ///
  ///     advantage = TPR − FPR
  ///
  /// - Returns: From −1 to 1; 0 for somebody who guesses.
  public func advantage(on members: [Double], and others: [Double]) -> Double {
    let (found, wrong) = rates(on: members, and: others)
    return found - wrong
  }

  /// The shares of members and of others to which it says yes: TPR and FPR.
  public func rates(on members: [Double], and others: [Double]) -> (members: Double, others: Double) {
    func share(_ losses: [Double]) -> Double {
      Double(losses.count { $0 <= threshold }) / Double(max(losses.count, 1))
    }
    return (share(members), share(others))
  }

  /// The most that any attack can reach, whatever it computes, when training was (ε, δ)-private.
  ///
  ///     (e^ε − 1 + 2δ) / (e^ε + 1)
  ///
  /// It follows from TPR ≤ e^ε FPR + δ, and the same for the two kinds of error exchanged.
  ///
  /// - Source: Kairouz, Oh, Viswanath, "The composition theorem for differential privacy", ICML 2015.
  public static func largestAdvantage(epsilon: Double, delta: Double) -> Double {
    // The same, divided by e^ε, which may be too large for a number.
    let small = exp(-epsilon)
    return min(1, (1 - small + 2 * delta * small) / (1 + small))
  }
}
