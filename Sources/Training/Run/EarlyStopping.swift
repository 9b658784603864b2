import Tensors

/// When to stop: after `patience` epochs in which the validation loss was no better than its best.
///
/// - Source: Prechelt, "Early stopping — but when?", in *Neural Networks: Tricks of the Trade*, 1998; its criterion UP
///   counts epochs in which the loss rose, this one those in which it stayed above its best.
/// - Book: section 7.7.
public struct EarlyStopping: Sendable {
  /// After how many epochs without a better loss it is time to stop.
  public let patience: Int
  /// The lowest validation loss so far, and its epoch, from 1.
  public private(set) var best = Double.infinity
  /// The epoch of the lowest validation loss, from 1; 0 before the first report.
  public private(set) var bestEpoch = 0
  /// The epochs reported.
  public private(set) var epochs = 0

  /// - Parameter patience: After how many epochs without a better loss it is time to stop; at least 1, or this traps.
  public init(patience: Int) {
    if patience < 1 { trap("EarlyStopping: the patience must be at least 1, given \(patience)") }
    self.patience = patience
  }

  /// Takes note of an epoch's validation loss. Returns whether it is the best so far: then its weights are worth keeping.
  public mutating func report(_ loss: Double) -> Bool {
    epochs += 1
    if !(loss < best) { return false }
    (best, bestEpoch) = (loss, epochs)
    return true
  }

  /// Whether the last `patience` epochs were no better than the best.
  public var isTimeToStop: Bool { epochs - bestEpoch >= patience }
}
