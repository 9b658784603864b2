import Tensors

/// How the learning rate is to change over a run, whatever the run's length.
///
/// - Book: chapter 7.
public enum ScheduleChoice: Sendable, CustomStringConvertible {
  /// Not at all.
  case constant
  /// In a straight line to 0 after the last step: large steps to get there, small ones to settle.
  case linear
  /// Along half a cosine to 0 after the last step.
  case cosine
  /// First up from 0 in `steps` steps, then down to 0: see ``Warmup``.
  case warmup(steps: Int, then: Warmup.Decay)
  /// Up and down once, the momentum the other way: see ``OneCycle``.
  case oneCycle
  /// By a schedule that counts steps and knows no end.
  case fixed(any Schedule)
  /// Lower by `factor`, when more than `patience` epochs did not lower the validation loss: see ``Plateau``.
  case plateau(factor: Double, patience: Int)

  /// The schedule of a run with so many steps; nil when no step's number decides.
  func schedule(totalSteps: Int) -> (any Schedule)? {
    switch self {
    case .constant, .plateau: nil
    case .linear: LinearRamp(from: 1, to: 0, steps: totalSteps)
    case .cosine: CosineDecay(steps: totalSteps)
    case .warmup(let steps, let decay): Warmup(steps: steps, of: totalSteps, then: decay)
    case .oneCycle: OneCycle(totalSteps: totalSteps)
    case .fixed(let schedule): schedule
    }
  }

  /// Whether a step's rate depends on how long the run is to be. If not, a run that goes on for more epochs than it was
  /// begun with comes to the same bits as one that was begun with them.
  public var dependsOnLength: Bool {
    switch self {
    case .constant, .fixed, .plateau: false
    case .linear, .cosine, .warmup, .oneCycle: true
    }
  }

  public var description: String {
    switch self {
    case .constant: "constant"
    case .linear: "linear"
    case .cosine: "cosine"
    case .warmup(let steps, let decay): "warmup of \(steps) steps, then \(decay)"
    case .oneCycle: "one cycle"
    case .fixed(let schedule): "\(schedule)"
    case .plateau(let factor, let patience): "plateau, factor \(factor), patience \(patience)"
    }
  }
}
