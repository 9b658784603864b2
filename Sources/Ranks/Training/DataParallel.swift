import Autograd
import Layers
import NumberText
import Tensors
import Training

/// Makes the training runs of several processes one: each sees its part of every batch, gradients are summed over all, and
/// all make the same step.
///
///     let run = TrainingRun(Sharded(task, for: communicator), settings) { CNN() }
///     let parallel = try DataParallel(run, communicator)
///     try run.finish()                       // as ever
///
/// The network and the task are those of one process. With R ranks the sum of the gradients is, bit by bit, that of one
/// process that cuts each batch into R parts (`microBatches`), and that of the whole batch within rounding; but for dropout,
/// which draws other numbers in each rank, and batch norm, which measures each rank's part.
///
/// Every rank keeps the weights of all, their gradients once more in buckets, and the optimiser's memory, unless that is
/// divided.
///
/// - PyTorch: `torch.nn.parallel.DistributedDataParallel`, which divides the sum by the number of ranks whether their parts
///   are equal or not; with `dividesOptimizer`, `ZeroRedundancyOptimizer`.
/// - Source: Li et al., "PyTorch distributed: experiences on accelerating data parallel training", VLDB 2020.
/// - Book: section 11.5.
public final class DataParallel: StepPartner {
  /// How ranks work together.
  public struct Options: Sendable {
    /// What a bucket of gradients holds at least, in bytes.
    public var bucketBytes = 1 << 20
    /// Whether gradients are sent while `backward` goes on, or when it is done.
    public var overlaps = true
    /// Whether each rank keeps the optimiser's memory of its parameters alone: ZeRO's stage 1.
    public var dividesOptimizer = false

    /// Overlapped, in buckets of a mebibyte, each rank with the whole of the optimiser's memory.
    public init() {}
  }

  /// What a rank is at.
  public enum Phase: Sendable, Equatable {
    /// Something of its own, after so many steps.
    case computing(step: Int)
    /// Waiting for the others' gradients in this step.
    case waiting(step: Int)
  }

  /// Who the others are.
  public let communicator: any Communicator
  /// Called whenever the phase changes: for whoever watches whether the ranks are alive.
  public var onPhase: ((Phase) -> Void)?
  /// Asked in every step, in every rank: whether something is to be done after this step that all must do together, such as
  /// writing a checkpoint.
  public var asks: (() -> Bool)?
  /// Whether any rank's `asks` said so in this step: the same in all ranks.
  public private(set) var isAsked = false
  /// Seconds spent waiting for sums of gradients, and steps made, since the beginning.
  public private(set) var waited = (seconds: 0.0, steps: 0)

  private let buckets: GradientBuckets
  let shards: OptimizerShards?
  private let statistics: [Statistic]

  /// Joins a run to those of the other ranks: they agree on what they train, begin with the weights of rank 0, and go on
  /// together from now on. Every rank must call it, before the first step or after `resume`.
  ///
  /// - Parameters:
  ///   - run: This rank's run, whose task hands it its part of every batch.
  ///   - communicator: Who the others are, and how they are reached.
  ///   - options: How gradients are sent, and who keeps the optimiser's memory.
  ///   - identity: What else the ranks must have in common: the program's version.
  /// - Throws: `RanksFailed` when the ranks have different data, settings or versions, or are more than a batch's examples.
  public init<Base>(
    _ run: TrainingRun<Sharded<Base>>, _ communicator: any Communicator, _ options: Options = Options(),
    identity: [(name: String, value: String)] = []
  ) throws {
    self.communicator = communicator
    let parameters = run.optimizer.parameters
    statistics = run.model.namedStatistics.map(\.statistic)
    buckets = GradientBuckets(
      parameters, bytes: options.bucketBytes, overlaps: options.overlaps, communicator)
    shards = options.dividesOptimizer ? OptimizerShards(parameters, communicator) : nil
    let batch =
      run.task.batches(epoch: 1, batchSize: run.settings.batchSize, seed: run.settings.seed)
      .map(\.count).max() ?? 0
    try Self.agree(
      on: identity + [("the ranks", "\(communicator.ranks)")] + run.settings.identity + run.task.identity,
      communicator)
    if communicator.ranks > batch {
      throw RanksFailed(
        "\(communicator.ranks) ranks for batches of \(batch) \(batch == 1 ? "example" : "examples"): each rank needs one "
          + "of its own.\n       Start fewer ranks, or give a larger batch.")
    }
    try broadcastState(of: run.model)
    run.separateRandomNumbers(of: communicator.rank)
    shards?.keepOwn(of: run.optimizer)
    run.partner = self
  }

  /// Throws, in all ranks, where one has something else than rank 0.
  static func agree(on identity: [(name: String, value: String)], _ communicator: any Communicator) throws {
    let own = identity.map { "\($0.name)\u{1F}\($0.value)" }.joined(separator: "\u{1E}")
    let all = try communicator.gather(own).map { text in
      text.split(separator: "\u{1E}").map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false) }
    }
    for (rank, theirs) in all.enumerated() where theirs != all[0] {
      let difference = zip(theirs, all[0]).first { $0 != $1 }
      let words = difference.map { theirs, first in
        theirs[0] == first[0]
          ? "\(first[0]): rank \(rank) has \(theirs.last ?? ""), rank 0 \(first.last ?? "")"
          : "rank \(rank) has \(theirs[0]), rank 0 \(first[0])"
      }
      throw RanksFailed(
        "the ranks do not train the same: \(words ?? "rank \(rank) has other settings").\n"
          + "       Start all of them with the same build of the program, the same options and the same data."
      )
    }
  }

  private func broadcastState(of model: Module) throws {
    for parameter in model.parameters {
      var numbers = parameter.value.scalars
      try communicator.broadcast(&numbers, from: 0)
      if communicator.rank != 0 { parameter.value = Tensor(numbers, shape: parameter.shape) }
    }
    try broadcastStatistics()
  }

  /// Batch norm's running statistics are rank 0's everywhere, so that all come to the same validation loss.
  private func broadcastStatistics() throws {
    for statistic in statistics {
      var numbers = statistic.value.scalars
      try communicator.broadcast(&numbers, from: 0)
      if communicator.rank != 0 { statistic.value = Tensor(numbers, shape: statistic.value.shape) }
    }
  }

  public func gradientIsComplete(of parameter: Parameter) { buckets.take(parameter) }

  public func combine(_ figures: StepFigures, gradientsOf parameters: [Parameter]) throws -> StepFigures {
    onPhase?(.waiting(step: waited.steps))
    let watch = Stopwatch()
    try buckets.finish()
    let all = try communicator.gather([
      figures.lossSum, Double(figures.examples), figures.metricSum ?? 0, figures.metricSum == nil ? 0 : 1,
      asks?() == true ? 1 : 0,
    ])
    waited = (waited.seconds + watch.seconds, waited.steps + 1)
    onPhase?(.computing(step: waited.steps))
    func total(_ i: Int) -> Double { all.reduce(0) { $0 + $1[i] } }
    isAsked = total(4) > 0
    return StepFigures(
      lossSum: total(0), examples: Int(total(1)), metricSum: total(3) > 0 ? total(2) : nil)
  }

  public func step(_ optimizer: any Optimizer) throws {
    if let shards { try shards.step(optimizer) } else { optimizer.step() }
    try broadcastStatistics()
  }

  /// Of all sums of buckets so far, the share that was done when `backward` was: nobody waited for these.
  public var shareDoneEarly: Double {
    buckets.early.all == 0 ? 0 : Double(buckets.early.done) / Double(buckets.early.all)
  }

  /// What each bucket of gradients holds, in bytes, in the order in which they are sent.
  public var bucketSizes: [Int] { buckets.sizes }
}
