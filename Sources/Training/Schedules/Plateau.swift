import Tensors

/// Lowers the learning rate when a measure has stopped getting better.
///
///     let plateau = Plateau(for: optimizer)
///     …
///     plateau.report(validationLoss)
///
/// - PyTorch: `ReduceLROnPlateau`.
/// - Book: chapter 7.
public final class Plateau {
  /// What counts as better.
  public enum Goal: Sendable {
    /// Lower reports: of a loss.
    case lowest
    /// Higher reports: of an accuracy.
    case highest
  }

  /// Whose rates are lowered.
  public let optimizer: any Optimizer
  /// Whether low reports are good, as of a loss, or high ones, as of an accuracy.
  public let goal: Goal
  /// What the rate is multiplied by.
  public let factor: Double
  /// How many reports without improvement are borne.
  public let patience: Int
  /// By how much a report must be better than the best: as a share of the best, or absolutely.
  public let threshold: Double
  /// Whether `threshold` is a share of the best report.
  public let thresholdIsRelative: Bool
  /// How many reports after a lowering do not count.
  public let cooldown: Int
  /// A rate that is never gone below.
  public let minimum: Double
  /// A lowering by no more than this is left out.
  public let epsilon: Double

  /// The best report so far.
  public internal(set) var best: Double
  /// The reports without improvement, one after the other.
  public internal(set) var badReports = 0
  /// How many further reports do not count.
  public internal(set) var cooldownLeft = 0

  /// - Parameters:
  ///   - optimizer: Whose rates are lowered.
  ///   - goal: What counts as better. PyTorch: `mode`.
  ///   - factor: What the rate is multiplied by, from 0 to below 1, or this traps.
  ///   - patience: How many reports without improvement are borne.
  ///   - threshold: By how much a report must be better than the best.
  ///   - thresholdIsRelative: Whether that is a share of the best. PyTorch: `threshold_mode`.
  ///   - cooldown: How many reports after a lowering do not count.
  ///   - minimum: A rate that is never gone below. PyTorch: `min_lr`.
  ///   - epsilon: A lowering by no more than this is left out. PyTorch: `eps`.
  public init(
    for optimizer: any Optimizer, goal: Goal = .lowest, factor: Double = 0.1, patience: Int = 10,
    threshold: Double = 1e-4, thresholdIsRelative: Bool = true, cooldown: Int = 0, minimum: Double = 0,
    epsilon: Double = 1e-8
  ) {
    if !(factor < 1 && factor >= 0) { trap("Plateau: the factor must be from 0 to below 1, given \(factor)") }
    self.optimizer = optimizer
    self.goal = goal
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.thresholdIsRelative = thresholdIsRelative
    self.cooldown = cooldown
    self.minimum = minimum
    self.epsilon = epsilon
    best = goal == .lowest ? .infinity : -.infinity
  }

  /// Takes note of how the last step went, and lowers the rates if it has not got better for too long.
  public func report(_ metric: Double) {
    if isBetter(metric) {
      best = metric
      badReports = 0
    } else {
      badReports += 1
    }
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      badReports = 0
    }
    if badReports > patience {
      optimizer.learningRates = optimizer.learningRates.map { rate in
        let lower = max(rate * factor, minimum)
        return rate - lower > epsilon ? lower : rate
      }
      cooldownLeft = cooldown
      badReports = 0
    }
  }

  private func isBetter(_ metric: Double) -> Bool {
    // At first `best` is infinite, and a share of it would be no number.
    let margin = thresholdIsRelative && best.isFinite ? threshold * best : thresholdIsRelative ? 0 : threshold
    return goal == .lowest ? metric < best - margin : metric > best + margin
  }
}
