import Foundation

/// How much is pruned by when: the share of weights that are gone after each round.
///
///     geometric:  s_r = 1 − (1 − s)^(r/n)                  each round takes the same share of what is left
///     cubic:      s_r = s − (s − s₀) (1 − r/n)³            much at first, little at the end
///
/// - Source: cubic: Zhu, Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model compression",
///   2017, equation 1. Geometric: Frankle, Carbin, "The lottery ticket hypothesis", ICLR 2019.
/// - Book: section 12.2.
public enum PruningSchedule: String, Sendable, CaseIterable {
  /// The same share of what is left, in each round.
  case geometric
  /// Much at first, when little is lost by it, and less and less.
  case cubic

  /// The share that is gone after round `round` of `rounds`.
  ///
  /// - Parameters:
  ///   - round: r, from 0 to `rounds`.
  ///   - rounds: n, at least 1.
  ///   - final: s, the share that is gone at the end, from 0 up to but not including 1.
  ///   - first: s₀, the share that is gone at the beginning.
  public func sparsity(after round: Int, of rounds: Int, to final: Double, from first: Double = 0) -> Double {
    if rounds < 1 || !(0...rounds).contains(round) {
      fatalError("PruningSchedule: round \(round) of \(rounds)")
    }
    if !(0...final).contains(first) || final >= 1 {
      fatalError("PruningSchedule: from \(first) to \(final): 0 ≤ from ≤ to < 1 is needed")
    }
    let done = Double(round) / Double(rounds)
    switch self {
    case .geometric: return 1 - (1 - first) * pow((1 - final) / (1 - first), done)
    case .cubic: return final - (final - first) * pow(1 - done, 3)
    }
  }
}
