import Formats
import Layers
import Tensors

/// A training run at one moment: everything that an interrupted run needs to come to the same weights, bit by bit.
///
///     try Checkpoint(model, optimizer, scheduler: scheduler, position: position).write(to: "run.safetensors")
///
///     let checkpoint = try Checkpoint(readingFrom: "run.safetensors")
///     try checkpoint.restore(model, optimizer, scheduler: scheduler)
///     try withRandomSource(checkpoint.randomSource) { … }
///
/// - PyTorch: a dictionary with the `state_dict()`s, `torch.get_rng_state()` and the epoch, given to `torch.save`.
/// - Book: chapter 7.
public struct Checkpoint: Sendable, Equatable {
  /// The network's parameters and statistics, by PyTorch's names.
  public var model: [String: Tensor]
  /// What the optimiser remembers, and its settings.
  public var optimizer: TrainingState
  /// The schedule's state, or a `Plateau`'s.
  public var schedule: TrainingState?
  /// The seed of the random source that layers draw from.
  public var seed: UInt64
  /// How many streams it had handed out.
  public var streams: UInt64
  /// How far the run has come through its data.
  public var position: DataPosition
  /// Whatever else the program wants to keep: its version, the recipe.
  public var notes: [String: String]
  /// Other arrays that the program wants to keep: the best weights so far.
  public var arrays: [String: Tensor]

  /// The moment as it is. `randomSource` is the one that the run draws from.
  public init(
    _ model: Module, _ optimizer: some Optimizer, scheduler: Scheduler? = nil, plateau: Plateau? = nil,
    randomSource: RandomSource = .current, position: DataPosition, notes: [String: String] = [:],
    arrays: [String: Tensor] = [:]
  ) {
    if scheduler != nil && plateau != nil {
      trap("Checkpoint: a scheduler and a plateau at once are not kept")
    }
    self.model = Dictionary(model.state.map { ($0.name, $0.tensor) }) { first, _ in first }
    self.optimizer = optimizer.state
    schedule = scheduler?.state ?? plateau?.state
    seed = randomSource.seed
    streams = randomSource.streams
    self.position = position
    self.notes = notes
    self.arrays = arrays
  }

  /// A source that hands out the streams that the interrupted run would have got.
  public var randomSource: RandomSource { RandomSource(seed: seed, streams: streams) }

  /// Gives the network, the optimiser and the schedule back what they had.
  ///
  /// - Throws: `StateMismatch` when the network's weights do not fit, `TrainingStateMismatch` when something else does
  ///   not; nothing is changed then.
  public func restore(
    _ model: Module, _ optimizer: some Optimizer, scheduler: Scheduler? = nil, plateau: Plateau? = nil
  ) throws {
    if (scheduler != nil || plateau != nil) != (schedule != nil) {
      var mismatch = TrainingStateMismatch("the run")
      if let schedule {
        mismatch.unexpected = ["a schedule, \(schedule.kind)"]
      } else {
        mismatch.missing = ["a schedule"]
      }
      throw mismatch
    }
    // First what only looks, then the network, which changes nothing when it throws.
    try optimizer.checkRestore(self.optimizer)
    if let schedule {
      try scheduler?.checkRestore(schedule)
      try plateau?.checkRestore(schedule)
    }
    try model.load(self.model.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    if let schedule {
      try scheduler?.restore(schedule)
      try plateau?.restore(schedule)
    }
    // Last, for a scheduler sets learning rates too.
    try optimizer.restore(self.optimizer)
  }
}

/// How far a run has come through its data. With the seed, the epoch's number gives the order of the examples, and
/// the batch's number where to go on.
public struct DataPosition: Sendable, Equatable {
  /// The epoch that is being worked on, from 1.
  public var epoch: Int
  /// The next batch of it, from 0.
  public var batch: Int
  /// The seed of the examples' order.
  public var seed: UInt64

  /// By default, the beginning of the first epoch.
  public init(epoch: Int = 1, batch: Int = 0, seed: UInt64) {
    self.epoch = epoch
    self.batch = batch
    self.seed = seed
  }
}
