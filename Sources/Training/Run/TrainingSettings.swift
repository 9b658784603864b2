/// How a network is trained: everything that a run has beside its task and its network.
///
/// - Book: chapter 7.
public struct TrainingSettings: Sendable {
  /// How often the network sees every example, at most.
  public var epochs: Int
  /// How many examples make one step. What an example is, the task says.
  public var batchSize: Int
  /// Which optimiser, with the settings that it has by default.
  public var optimizer: OptimizerChoice
  /// The optimiser's; with a schedule, what the schedule starts from.
  public var learningRate: Double
  /// How the learning rate changes from step to step.
  public var schedule = ScheduleChoice.constant
  /// All gradients together are shrunk to this norm where theirs is larger; nil leaves them. See `clipGradients`.
  public var clipNorm: Double?
  /// After how many epochs without a better validation loss the run stops, and goes back to its best weights; nil to go
  /// through all epochs and keep the last weights.
  public var patience: Int?
  /// Into how many parts a batch is cut that are computed one after the other, their gradients added up before the step:
  /// the memory is that of a part, and the step that of the batch, within rounding. Where layers look at the whole batch
  /// (batch norm), they see a part.
  ///
  /// - PyTorch: calling `loss.backward()` several times before `optimizer.step()`.
  public var microBatches = 1
  /// The seed of the first weights, the batches and the dropout.
  public var seed: UInt64

  /// The settings that are given, and all others at their defaults; those that are needed seldom are set afterwards.
  public init(
    epochs: Int = 3, batchSize: Int = 64, optimizer: OptimizerChoice = .adam, learningRate: Double = 1e-3,
    seed: UInt64 = 1
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.seed = seed
  }

  /// The settings by the names of their options: what a run that goes on must have in common with the one that it was.
  public var identity: [(name: String, value: String)] {
    [
      ("--epochs", "\(epochs)"), ("--batch-size", "\(batchSize)"), ("--optimizer", optimizer.rawValue),
      ("--learning-rate", "\(learningRate)"), ("the schedule", "\(schedule)"),
      ("the largest gradient norm", clipNorm.map { "\($0)" } ?? "none"),
      ("--patience", patience.map(String.init) ?? "none"), ("--seed", "\(seed)"),
    ]
  }
}
