import Engine
import Foundation
import Synchronization
import Testing

/// One training run for every task: see `Tests/ChapterTests/TrainingRunTests.swift` for the article's CNN.
@Suite struct GeneralTrainingRunTests {
  struct Stop: Error {}

  private static func file() -> String {
    NSTemporaryDirectory() + "run-\(UUID().uuidString).safetensors"
  }

  /// Breaks a run off after `steps` steps, and lets another go on from the file that the first has left.
  private func broken(
    after steps: Int, _ settings: TrainingSettings, then more: TrainingSettings? = nil
  ) throws -> (TrainingRun<NextNumber>, remark: String?) {
    let path = Self.file()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = NextNumber.run(settings)
    var made = 0
    #expect(throws: Stop.self) {
      try run.finish { _ in
        made += 1
        if made == steps { throw Stop() }
      }
    }
    try run.checkpoint.write(to: path)
    let next = NextNumber.run(more ?? settings)
    let remark = try next.resume(from: Checkpoint(readingFrom: path), path: path)
    return (next, remark)
  }

  static let schedules: [ScheduleChoice] = [
    .constant, .linear, .oneCycle, .plateau(factor: 0.5, patience: 0),
    .fixed(StepDecay(every: 5, factor: 0.5)),
  ]

  /// Carried state, dropout, batch norm's statistics, clipping, momentum and the schedule: all of them go on.
  @Test(arguments: 0..<schedules.count) func goesOnFromAnyStepToTheSameBits(_ schedule: Int) throws {
    var settings = NextNumber.settings
    settings.schedule = Self.schedules[schedule]
    settings.patience = 3
    let whole = NextNumber.run(settings)
    try whole.finish()
    #expect(whole.history.count == 3)
    for steps in 1...11 {
      let (next, remark) = try broken(after: steps, settings)
      #expect(remark == nil)
      try next.finish()
      #expect(next.model.state.map(\.tensor) == whole.model.state.map(\.tensor), "after step \(steps)")
      #expect(next.history.map(\.training) == whole.history.map(\.training), "after step \(steps)")
      #expect(next.history.map(\.validation) == whole.history.map(\.validation))
      #expect(next.optimizer.learningRate == whole.optimizer.learningRate)
    }
  }

  @Test func whatIsCarriedMattersAndBeginsAnewWithEachEpoch() throws {
    let run = NextNumber.run(NextNumber.settings)
    #expect(throws: Stop.self) { try run.nextEpoch { if $0.batch == 2 { throw Stop() } } }
    let carried = try #require(run.checkpoint.arrays["carried.state"])
    #expect(carried.shape == [6, 4] && carried.scalars.contains { $0 != 0 })
    try run.nextEpoch()
    #expect(run.checkpoint.arrays.keys.allSatisfy { !$0.hasPrefix("carried") })
  }

  @Test func moreEpochsAreTheSameAsOneLongRunWhereTheScheduleHasNoEnd() throws {
    var (short, long) = (NextNumber.settings, NextNumber.settings)
    (short.epochs, long.epochs) = (2, 5)
    // With patience, the short run goes back to its best weights at its end, and the long one must not begin there.
    short.patience = 5
    long.patience = 5
    short.learningRate = 0.8
    long.learningRate = 0.8
    let whole = NextNumber.run(long)
    try whole.finish()
    let first = NextNumber.run(short)
    try first.finish()
    let next = NextNumber.run(long)
    #expect(try next.resume(from: first.checkpoint, path: "a") == nil)
    try next.finish()
    #expect(next.history.map(\.training) == whole.history.map(\.training))
    #expect(next.model.state.map(\.tensor) == whole.model.state.map(\.tensor))
  }

  @Test func moreEpochsLetAScheduleWithAnEndJumpAndSaySo() throws {
    var (short, long) = (NextNumber.settings, NextNumber.settings)
    (short.epochs, long.epochs) = (2, 4)
    (short.schedule, long.schedule) = (.linear, .linear)
    let first = NextNumber.run(short)
    try first.finish()
    let next = NextNumber.run(long)
    let remark = try next.resume(from: first.checkpoint, path: "a")
    #expect(remark?.contains("begun with 2 epochs and goes on to 4") ?? false, "\(remark ?? "")")
    #expect(remark?.contains("from 0.00625 to 0.025 at the next step") ?? false, "\(remark ?? "")")
    try next.nextEpoch()
    #expect(next.history.count == 3 && next.optimizer.learningRate == 0.05 * (1 - 11.0 / 16))
    let error = try #require(throws: FileError.self) {
      try NextNumber.run(short).resume(from: next.checkpoint, path: "a")
    }
    #expect(error.advice?.hasPrefix("--epochs: the checkpoint has 4, this run 2") ?? false)
  }

  @Test func otherSettingsAndDataAreRefused() throws {
    let checkpoint = NextNumber.run(NextNumber.settings).checkpoint
    var other = NextNumber.settings
    other.clipNorm = nil
    other.schedule = .cosine
    let run = NextNumber.run(other, NextNumber(label: "another series"))
    let error = try #require(throws: FileError.self) { try run.resume(from: checkpoint, path: "a") }
    #expect(
      error.advice == """
        the schedule: the checkpoint has constant, this run cosine
        the largest gradient norm: the checkpoint has 0.3, this run none
        the data: the checkpoint has series, this run another series
        Give the options that the run was begun with.
        """)
  }

  @Test func aThreadThatIsAheadChangesNothing() throws {
    let (plain, ahead) = (NextNumber.run(NextNumber.settings), NextNumber.run(NextNumber.settings))
    ahead.prefetch(depth: 3)
    try plain.finish()
    try ahead.finish()
    #expect(ahead.model.state.map(\.tensor) == plain.model.state.map(\.tensor))
  }

  // MARK: The step

  /// Batches 1, 2 and 2, 3: the loss is the mean of (w − 2)² x², its gradient (w − 2) (x₁² + x₂²).
  @Test func stepsAreThoseDoneByHand() throws {
    let run = Doubling.run()
    var seen: [Int] = []
    try run.finish { seen.append($0) }
    var w: Float = 0
    w -= 0.01 * (w - 2) * (1 + 4)
    let second = (w - 2) * (4 + 9)
    let loss = (Double(4) * (1 + 4) / 2 + Double((w - 2) * (w - 2)) * (4 + 9) / 2) / 2
    w -= 0.01 * second
    #expect(abs(run.model.w.value.scalar - w) < 1e-6)
    #expect(abs(run.history[0].training.loss - loss) < 1e-5)
    #expect(seen == [2, 4] && run.stepsDone == 2 && run.history[0].validation == nil)
    #expect(run.firstLoss == 10)
  }

  @Test func gradientsAreClippedAfterTheHookHasSeenThem() throws {
    var settings = TrainingSettings(epochs: 1, optimizer: .sgd, learningRate: 1)
    settings.clipNorm = 0.5
    let run = TrainingRun(Doubling(), settings) { Doubling.Factor() }
    var gradients: [Float] = []
    run.beforeStep = { parameters in gradients.append(parameters[0].gradient!.scalar) }
    try run.finish()
    #expect(gradients.count == 2 && gradients[0] == -10)
    // Two steps up, each as long as the largest norm.
    #expect(abs(run.model.w.value.scalar - 1) < 1e-5)
  }

  @Test func theHookCanChangeGradientsAndBreakOffBeforeAStep() throws {
    let run = Doubling.run(epochs: 2)
    run.beforeStep = { parameters in parameters[0].setGradient(Tensor([3])) }
    try run.nextEpoch()
    #expect(abs(run.model.w.value.scalar + 0.06) < 1e-6)
    let before = run.model.w.value
    run.beforeStep = { _ in throw Stop() }
    #expect(throws: Stop.self) { try run.nextEpoch() }
    #expect(run.model.w.value == before && run.progress == nil && run.stepsDone == 2)
  }

  @Test func anOptimiserOfOnesOwnIsUsed() throws {
    let run = TrainingRun(
      Doubling(), TrainingSettings(epochs: 1), optimizer: { Adagrad($0.parameters, learningRate: 0.5) }
    ) { Doubling.Factor() }
    try run.finish()
    #expect(run.optimizer is Adagrad && run.model.w.value.scalar > 0.5)
  }

  // MARK: What goes wrong

  @Test func aRunThatDivergesIsNoticed() throws {
    let run = Doubling.run(rate: 0.5, epochs: 2)
    #expect(!run.isDiverging)
    try run.nextEpoch()
    #expect(run.isDiverging)
    let calm = Doubling.run(epochs: 2)
    try calm.finish()
    #expect(!calm.isDiverging)
  }

  @Test func infinityGivesTheLastGoodStateBack() throws {
    let run = Doubling.run(rate: 1e30)
    let error = try #require(throws: LossIsNotFinite.self) { try run.finish() }
    #expect(error.epoch == 1 && error.batch == 2)
    #expect(run.model.w.value.scalar == 0)
  }

  @Test func nothingToLearnFromAndNothingToValidateWithAreErrors() throws {
    let empty = try #require(throws: CannotTrain.self) {
      try Doubling.run(Doubling(exampleCount: 0)).nextEpoch()
    }
    #expect(empty.description.contains("the training part is empty"))
    var settings = NextNumber.settings
    settings.patience = 2
    let run = NextNumber.run(settings, NextNumber(validationCount: 0))
    let error = try #require(throws: CannotTrain.self) { try run.nextEpoch() }
    #expect(error.description.contains("early stopping compares losses"))
    #expect(run.stepsDone == 0)
  }

  @Test func epochsOfDifferentLengthsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try Doubling.run(Doubling(batchesOf: { $0 }), epochs: 2).finish()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("TrainingRun: epoch 2 has 2 batches, the first one 1"), "\(message)")
  }

  @Test func aFinishedRunTrainsNoMore() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let run = Doubling.run()
      try run.finish()
      try run.nextEpoch()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("TrainingRun: the run is finished after 1 epochs"), "\(message)")
  }
}

/// Sequences of different lengths, in batches of similar ones.
@Suite struct BucketTaskTests {
  final class Counter: Module {
    let w = Parameter(Tensor([1]))
  }

  /// Notes which sequences come together.
  final class Lengths: TrainingTask, Sendable {
    let lengths = (0..<40).map { 1 + $0 * 7 % 10 }
    let seen = Mutex([[Int]]())
    var exampleCount: Int { lengths.count }
    func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
      Array(LengthBuckets(of: lengths, batchSize: batchSize, shuffledBy: seed, epoch: epoch))
    }
    func batch(_ places: ArraySlice<Int>, epoch: Int) -> PaddedSequences {
      seen.withLock { $0.append(Array(places)) }
      return PaddedSequences(places.map { Array(repeating: 1, count: lengths[$0]) })
    }
    func step(_ model: Counter, on batch: PaddedSequences) -> TrainingStep {
      TrainingStep(loss: (model.w * model.w).sum(), examples: batch.lengths.count)
    }
    let identity: [(name: String, value: String)] = []
  }

  @Test func batchesAreTheBucketsOfTheirEpoch() throws {
    let task = Lengths()
    let run = TrainingRun(task, TrainingSettings(epochs: 2, batchSize: 8, seed: 3)) { Counter() }
    try run.finish()
    let expected = [1, 2].flatMap { task.batches(epoch: $0, batchSize: 8, seed: 3).map(Array.init) }
    #expect(task.seen.withLock { $0 } == expected)
    // All 40 in pools that hold them all: five batches of two lengths each, in two orders.
    #expect(expected.allSatisfy { Set($0.map { task.lengths[$0] }).count == 2 })
    #expect(expected.prefix(5).map { $0 } != expected.suffix(5).map { $0 })
    #expect(Set(expected.prefix(5).joined()) == Set(0..<40))
  }
}
