import Tensors
import Training

/// A task of which this process sees its part of every batch: rank r of R the r-th of R parts, which follow each other. All
/// parts together are the batch, without overlap or loss; they differ by one example at most.
///
///     let run = TrainingRun(Sharded(ImageClassification(data), for: communicator), settings) { CNN() }
///
/// The order of the examples is the task's own, so a run on two ranks meets the same batches as a run on one. Where a batch
/// has fewer examples than there are ranks, the last ranks look at one of them that is another's, and it does not count.
///
/// The task's `batch` must make each example from its place alone: a task that draws examples from a stream, one after the
/// other, would give all ranks the same ones.
///
/// - PyTorch: `torch.utils.data.DistributedSampler`, which repeats examples until all ranks have as many.
/// - Book: section 11.5.
public struct Sharded<Base: TrainingTask>: TrainingTask {
  /// The whole task.
  public let base: Base
  /// Which part is this process's, from 0.
  public let rank: Int
  /// How many parts there are.
  public let ranks: Int

  /// - Parameters:
  ///   - base: The whole task.
  ///   - communicator: Says which part is this process's.
  public init(_ base: Base, for communicator: some Communicator) {
    (self.base, rank, ranks) = (base, communicator.rank, communicator.ranks)
  }

  /// This rank's part of a batch.
  public struct Batch: Sendable {
    /// As the whole task makes it.
    public let base: Base.Batch
    /// Whether its example belongs to another rank, and does not count.
    public let isStandIn: Bool
  }

  /// The examples of a batch that are this rank's; none where there are too few.
  public func shard(of places: ArraySlice<Int>) -> ArraySlice<Int> {
    let all = parts(of: places, count: ranks)
    return rank < all.count ? all[rank] : places.suffix(0)
  }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) throws -> Batch {
    let own = shard(of: places)
    return Batch(
      base: try base.batch(own.isEmpty ? places.prefix(1) : own, epoch: epoch), isStandIn: own.isEmpty)
  }

  public func step(_ model: Base.Model, on batch: Batch) -> TrainingStep {
    counted(base.step(model, on: batch.base), batch)
  }

  /// The base's, for a task that carries a state from batch to batch.
  public func step(
    _ model: Base.Model, on batch: Batch, carrying carried: inout [String: Tensor]
  ) -> TrainingStep { counted(base.step(model, on: batch.base, carrying: &carried), batch) }

  private func counted(_ step: TrainingStep, _ batch: Batch) -> TrainingStep {
    batch.isStandIn ? TrainingStep(ofNoExamples: step) : step
  }

  public var exampleCount: Int { base.exampleCount }
  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    base.batches(epoch: epoch, batchSize: batchSize, seed: seed)
  }
  public var metricName: String? { base.metricName }
  public var validationCount: Int { base.validationCount }
  /// Every rank judges by all of the validation part: it takes no longer than if one did, and all come to the same.
  public func validate(_ model: Base.Model) throws -> Score? { try base.validate(model) }
  /// The whole task's: a run may go on with another number of ranks.
  public var identity: [(name: String, value: String)] { base.identity }
}

extension Sharded: Sendable where Base: Sendable {}
