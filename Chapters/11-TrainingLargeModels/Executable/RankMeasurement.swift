import Engine
import Foundation
import Ranks
import Workbench

/// What ranks have measured of their steps; the same in all of them.
struct RankMeasurement: Codable, Sendable {
  var ranks = 0
  /// Who carried the messages.
  var carrier = "threads of one process"
  var parameters = 0
  /// Examples a second, in all ranks together, gradients sent while backward runs, and afterwards.
  var overlapped = 0.0
  var afterwards = 0.0
  /// The share of the time that ranks waited for sums, in both cases.
  var waitedOverlapped = 0.0
  var waitedAfterwards = 0.0
  /// The share of buckets that were summed before backward was done.
  var early = 0.0
  /// Numbers of the gradient that are not, bit for bit, the sum over the parts of the batch by one process.
  var differingNumbers = 0
  /// The largest difference from the gradient of the whole batch, as a share of its largest number.
  var gradientDifference = 0.0
  /// What each rank's optimiser remembers, in bytes.
  var optimizerBytes: [Double] = []
  var buckets = 0
}

/// Compares the gradient with that of one process, then makes some steps in each way, in turns.
struct MeasureRanks: RankWorkBody {
  typealias Outcome = RankMeasurement

  let work: RankWork
  /// So many are timed, after two that make what is made once.
  let steps: Int
  let carrier: String?
  /// How often, half of them each way; 0 only compares gradients.
  var rounds = 4
  var onPhase: (@Sendable (DataParallel.Phase) -> Void)?

  func run<Task: TrainingTask>(
    _ task: Task, _ settings: TrainingSettings, _ communicator: any Communicator,
    optimizer: @escaping (Task.Model) -> any Optimizer, model: @escaping () -> Task.Model
  ) throws -> RankMeasurement {
    var measured = RankMeasurement()
    (measured.ranks, measured.carrier) = (communicator.ranks, carrier ?? measured.carrier)
    try compareGradients(task, settings, communicator, model, &measured)
    var rates: [Bool: [Double]] = [:]
    var waits: [Bool: (waited: Double, all: Double)] = [:]
    // In turns: a machine has slow spells.
    for round in 0..<rounds {
      let overlaps = round % 2 == (round / 2) % 2
      var options = work.options.parallel
      options.overlaps = overlaps
      let run = TrainingRun(Sharded(task, for: communicator), settings, optimizer: optimizer, model: model)
      let parallel = try DataParallel(run, communicator, options)
      parallel.onPhase = onPhase
      var (made, seconds, waited) = (0, 0.0, 0.0)
      var watch = Stopwatch()
      do {
        try run.nextEpoch { _ in
          made += 1
          if made == 2 {  // the first two make what is made once
            (watch, waited) = (Stopwatch(), parallel.waited.seconds)
          } else if made == steps + 2 {
            (seconds, waited) = (watch.seconds, parallel.waited.seconds - waited)
            throw Enough()
          }
        }
      } catch is Enough {}
      rates[overlaps, default: []].append(Double(steps * work.batchSize) / seconds)
      waits[overlaps] = ((waits[overlaps]?.waited ?? 0) + waited, (waits[overlaps]?.all ?? 0) + seconds)
      if overlaps { measured.early = parallel.shareDoneEarly }
      measured.buckets = parallel.bucketSizes.count
      measured.parameters = run.model.parameterCount
      measured.optimizerBytes = try communicator.gather([Double(run.optimizer.memoryBytes)]).map { $0[0] }
    }
    if rounds < 2 { return measured }
    // One rank's clock stands for all: they wait for each other in every step.
    let own = [
      Spread(rates[true]!).mean, Spread(rates[false]!).mean, waits[true]!.waited / waits[true]!.all,
      waits[false]!.waited / waits[false]!.all,
    ]
    let all = try communicator.gather(own)
    measured.overlapped = Spread(all.map { $0[0] }).mean
    measured.afterwards = Spread(all.map { $0[1] }).mean
    measured.waitedOverlapped = Spread(all.map { $0[2] }).mean
    measured.waitedAfterwards = Spread(all.map { $0[3] }).mean
    return measured
  }

  private struct Enough: Error {}
  private struct Seen: Error { let gradients: [Tensor] }

  private func compareGradients<Task: TrainingTask>(
    _ task: Task, _ settings: TrainingSettings, _ communicator: any Communicator,
    _ model: @escaping () -> Task.Model,
    _ measured: inout RankMeasurement
  ) throws {
    /// The gradient that the first step is made with.
    func first<T: TrainingTask>(_ run: TrainingRun<T>) throws -> [Tensor] {
      run.beforeStep = { throw Seen(gradients: $0.map { $0.gradient! }) }
      do { try run.nextEpoch() } catch let seen as Seen { return seen.gradients }
      return []
    }
    func alone(_ parts: Int) throws -> [Tensor] {
      var settings = settings
      settings.microBatches = parts
      return try first(TrainingRun(task, settings, model: model))
    }
    let run = TrainingRun(Sharded(task, for: communicator), settings, model: model)
    let parallel = try DataParallel(run, communicator, work.options.parallel)
    let together = try first(run)
    measured.parameters = run.model.parameterCount
    withExtendedLifetime(parallel) {}
    if communicator.rank == 0 {
      let parts = try alone(communicator.ranks)
      measured.differingNumbers = zip(together, parts).reduce(0) { sum, pair in
        sum + zip(pair.0.scalars, pair.1.scalars).count { $0.bitPattern != $1.bitPattern }
      }
      measured.gradientDifference = relativeDifference(together, try alone(1))
    }
    try communicator.barrier()
  }
}
