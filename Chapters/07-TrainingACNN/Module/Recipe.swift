import Engine

/// The settings of a training run.
public struct Recipe: Sendable, Equatable {
  public var epochs = 3
  public var batchSize = 64
  public var optimizer = OptimizerChoice.adam
  /// The learning rate of the first step. From there it falls in a straight line, to 0 after the last: large steps to get
  /// there, small ones to settle.
  public var learningRate = 1e-3
  public var augmentation = AugmentationChoice.none
  /// After how many epochs without a better validation loss the run stops, and goes back to its best weights; nil to go
  /// through all epochs and keep the last weights.
  public var patience: Int?
  public var seed: UInt64 = 1

  public init() {}

  /// The settings by the names of their options: what a run that goes on must have in common with the one that it was.
  public var settings: [(name: String, value: String)] {
    [
      ("--epochs", "\(epochs)"), ("--batch-size", "\(batchSize)"), ("--optimizer", optimizer.rawValue),
      ("--learning-rate", "\(learningRate)"), ("--augment", augmentation.rawValue),
      ("--patience", patience.map(String.init) ?? "none"), ("--seed", "\(seed)"),
    ]
  }
}
