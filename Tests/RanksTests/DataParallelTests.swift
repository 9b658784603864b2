import Engine
import Foundation
import Testing

@testable import Ranks

@Suite struct DataParallelTests {
  /// Batches of 8, 8 and 6: with three ranks the parts are uneven.
  @Test(arguments: [(2, true), (2, false), (3, true), (4, false)])
  func manyRanksAreOneProcessWithParts(_ ranks: Int, _ overlaps: Bool) throws {
    var options = DataParallel.Options()
    (options.overlaps, options.bucketBytes) = (overlaps, 100)
    let alone = try Points.alone(Points.settings(), parts: ranks)
    let together = try Points.together(ranks, Points.settings(), options)
    for outcome in together { #expect(outcome.weights == alone.weights) }
    for outcome in together { #expect(outcome.losses == together[0].losses) }
    for (a, b) in zip(together[0].losses, alone.losses) { #expect(abs(a - b) < 1e-12) }
    // And the whole batches within rounding.
    let whole = try Points.alone(Points.settings())
    #expect(whole.weights != alone.weights)
    #expect(together[0].difference(from: whole) < 1e-5)
  }

  @Test func oneStepsGradientIsTheSumOfTheHalves() throws {
    let settings = Points.settings(batchSize: 8, epochs: 1)
    let run = TrainingRun(Points(), settings) { Points.Network() }
    let places = run.task.batches(epoch: 1, batchSize: 8, seed: 11)[0]
    func gradients(_ places: ArraySlice<Int>) -> [Tensor] {
      run.optimizer.clearGradients()
      run.task.step(run.model, on: run.task.batch(places, epoch: 1)).loss.backward()
      return run.model.parameters.map { $0.gradient! }
    }
    let first = gradients(places.prefix(4))
    let halves = zip(first, gradients(places.suffix(4))).map { ($0 + $1) / 2 }
    let whole = gradients(places)
    struct Seen: Error { let gradients: [Tensor] }
    let seen = try LocalRanks.run(2) { communicator -> [Tensor] in
      let run = TrainingRun(Sharded(Points(), for: communicator), settings) { Points.Network() }
      let parallel = try DataParallel(run, communicator)
      #expect(parallel.communicator.ranks == 2)
      run.beforeStep = { throw Seen(gradients: $0.map { $0.gradient! }) }
      do { try run.finish() } catch let error as Seen { return error.gradients }
      return []
    }
    for gradients in seen {
      #expect(gradients.map(\.scalars) == halves.map(\.scalars))
      for (a, b) in zip(gradients, whole) {
        for (x, y) in zip(a.scalars, b.scalars) { #expect(abs(x - y) < 1e-6) }
      }
    }
  }

  @Test func shardsAreTheBatchWithoutOverlapOrLoss() {
    struct Place: Communicator {
      let rank, ranks: Int
      func startSum(of numbers: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum { fatalError() }
      func sum(of numbers: UnsafeMutableBufferPointer<Float>) throws {}
      func broadcast(_ numbers: UnsafeMutableBufferPointer<Float>, from root: Int) throws {}
      func gather(_ bytes: [UInt8]) throws -> [[UInt8]] { [] }
      func barrier() throws {}
    }
    for ranks in 1...5 {
      for count in 0...11 {
        let places = ArraySlice((0..<20).map { $0 * 3 })[4..<4 + count]
        let shards = (0..<ranks).map { rank in
          Array(Sharded(Points(), for: Place(rank: rank, ranks: ranks)).shard(of: places))
        }
        #expect(shards.flatMap { $0 } == Array(places))
        if count >= ranks { #expect(shards.map(\.count).max()! - shards.map(\.count).min()! <= 1) }
      }
    }
  }

  /// A sum goes on when something else fails: its numbers may not go before it is done.
  @Test func bucketsStayForAsLongAsSomebodyWritesIntoThem() throws {
    struct Failing: Communicator {
      struct Fell: Error {}
      final class Sum: PendingSum {
        var waits = 0
        func isDone() throws -> Bool { throw Fell() }
        func wait() { waits += 1 }
      }
      var rank: Int { 0 }
      var ranks: Int { 2 }
      nonisolated(unsafe) let sum = Sum()
      func startSum(of numbers: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum { sum }
      func sum(of numbers: UnsafeMutableBufferPointer<Float>) throws {}
      func broadcast(_ numbers: UnsafeMutableBufferPointer<Float>, from root: Int) throws {}
      func gather(_ bytes: [UInt8]) throws -> [[UInt8]] { [] }
      func barrier() throws {}
    }
    let communicator = Failing()
    var buckets: GradientBuckets? = GradientBuckets(
      [Parameter(.ones([3]))], bytes: 1, overlaps: true, communicator)
    #expect(throws: Failing.Fell.self) { try buckets!.finish() }
    #expect(communicator.sum.waits == 0)
    buckets = nil
    #expect(communicator.sum.waits == 1)
  }

  /// Batches of 7 leave one example for the last of 22: one rank of three learns from it, the others look on.
  @Test func aRankWithoutExamplesCountsForNothing() throws {
    let settings = Points.settings(batchSize: 7, .momentum)
    let together = try Points.together(3, settings)
    let alone = try Points.alone(settings)
    for outcome in together {
      #expect(outcome.weights == together[0].weights)
      #expect(outcome.difference(from: alone) < 1e-5)
      for (a, b) in zip(outcome.losses, alone.losses) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test func oneRankIsAProcessAlone() throws {
    let alone = try Points.alone(Points.settings(batchSize: 4))
    #expect(try Points.together(1, Points.settings(batchSize: 4))[0].difference(from: alone) < 1e-5)
  }

  @Test(arguments: [OptimizerChoice.adam, .momentum]) func aDividedOptimizerComesToTheSame(
    _ choice: OptimizerChoice
  ) throws {
    var settings = Points.settings(choice)
    settings.clipNorm = 0.2
    var options = DataParallel.Options()
    let whole = try Points.together(3, settings, options)
    options.dividesOptimizer = true
    let divided = try Points.together(3, settings, options)
    for outcome in divided { #expect(outcome.weights == whole[0].weights) }
    // 54 + 9 + 27 + 3 numbers: 54 to one rank, 27 to the next, 9 + 3 to the last; Adam remembers two of each.
    let slots = choice == .adam ? 2 : 1
    #expect(divided.map(\.optimizerBytes) == [54, 27, 12].map { $0 * 4 * slots })
    #expect(whole.map(\.optimizerBytes) == [93, 93, 93].map { $0 * 4 * slots })
  }

  @Test func eachRankDropsOtherPlaces() throws {
    let together = try Points.together(2, Points.settings()) { Points.DroppingNetwork() }
    let alone = try Points.alone(Points.settings()) { Points.DroppingNetwork() }
    #expect(together[0].weights == together[1].weights)
    #expect(together[0].difference(from: alone) > 1e-4)
    let seeds = try LocalRanks.run(3) { communicator in
      let run = TrainingRun(Sharded(Points(), for: communicator), Points.settings()) {
        Points.DroppingNetwork()
      }
      _ = try DataParallel(run, communicator)
      return run.checkpoint.seed
    }
    #expect(Set(seeds).count == 3 && seeds[0] == 11)
  }

  @Test func runningStatisticsAreTheSameEverywhere() throws {
    let together = try Points.together(2, Points.settings()) { Points.NormedNetwork() }
    #expect(together[0].weights == together[1].weights && together[0].losses == together[1].losses)
  }

  /// A parameter that only one rank's part reaches has a gradient in all ranks; one that none reaches has none.
  @Test func parametersThatAreNotUsed() throws {
    final class Lopsided: Module {
      let used = Parameter(Tensor([1, 2]))
      let sometimes = Parameter(Tensor([3, 4]))
      let never = Parameter(Tensor([5, 6]))
    }
    struct Task: TrainingTask, Sendable {
      let exampleCount = 2
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> [Int] { Array(places) }
      func step(_ model: Lopsided, on batch: [Int]) -> TrainingStep {
        let x = batch.contains(0) ? model.used * model.sometimes : model.used * 2
        return TrainingStep(loss: x.sum(), examples: batch.count)
      }
      let identity: [(name: String, value: String)] = []
    }
    let values = try LocalRanks.run(2) { communicator in
      let settings = TrainingSettings(epochs: 1, batchSize: 2, optimizer: .sgd, learningRate: 1)
      let run = TrainingRun(Sharded(Task(), for: communicator), settings) { Lopsided() }
      _ = try DataParallel(run, communicator)
      try run.finish()
      return run.model.parameters.map(\.value.scalars)
    }
    // Gradients of used: (3, 4) and (2, 2), of sometimes: (1, 2) and none; means over two examples.
    let expected: [[Float]] = [[-1.5, -1], [2.5, 3], [5, 6]]
    for value in values { #expect(value == expected) }
  }

  @Test func allStopWhenOneLossIsNoNumber() throws {
    struct Exploding: TrainingTask, Sendable {
      let exampleCount = 4
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> [Int] { Array(places) }
      func step(_ model: Points.Network, on batch: [Int]) -> TrainingStep {
        let loss = model.fc1.bias!.sum() * (batch.contains(3) ? Float.infinity : 1)
        return TrainingStep(loss: loss + 1, examples: batch.count)
      }
      let identity: [(name: String, value: String)] = []
    }
    let ends = try LocalRanks.run(2) { communicator in
      let settings = TrainingSettings(epochs: 1, batchSize: 4, optimizer: .sgd)
      let run = TrainingRun(Sharded(Exploding(), for: communicator), settings) { Points.Network() }
      _ = try DataParallel(run, communicator)
      do { try run.finish() } catch is LossIsNotFinite { return true }
      return false
    }
    #expect(ends == [true, true])
  }

  @Test func ranksMustTrainTheSame() throws {
    let error = #expect(throws: RanksFailed.self) {
      try LocalRanks.run(3) { communicator in
        var task = Points()
        if communicator.rank == 2 { task.name = "other points" }
        let run = TrainingRun(Sharded(task, for: communicator), Points.settings()) { Points.Network() }
        _ = try DataParallel(run, communicator)
      }
    }
    #expect("\(error!)".contains("the data: rank 2 has other points, rank 0 points"), "\(error!)")
    let version = #expect(throws: RanksFailed.self) {
      try LocalRanks.run(2) { communicator in
        let run = TrainingRun(Sharded(Points(), for: communicator), Points.settings()) { Points.Network() }
        _ = try DataParallel(run, communicator, identity: [("the version", "1.\(communicator.rank)")])
      }
    }
    #expect("\(version!)".contains("the version: rank 1 has 1.1, rank 0 1.0"), "\(version!)")
  }

  @Test func moreRanksThanExamples() throws {
    let error = #expect(throws: RanksFailed.self) { try Points.together(4, Points.settings(batchSize: 3)) }
    #expect("\(error!)".contains("4 ranks for batches of 3 examples"), "\(error!)")
  }
}
