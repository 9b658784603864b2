import Engine
import Testing

/// An epoch that is broken off goes on in its middle, as if nothing had been.
@Suite struct EpochTests {
  final class Network: Module, Layer {
    let linear = Linear(inFeatures: 784, outFeatures: 10)
    func callAsFunction(_ x: Variable) -> Variable { linear(x.flattened(from: 1)) }
  }

  struct Stop: Error {}

  private static let data = ImageData.generatedDigits(training: 70, validation: 10, test: 10, seed: 5)

  private func fresh() -> (Network, SGD) {
    let model = withRandomSource(RandomSource(seed: 1)) { Network() }
    return (model, SGD(model.parameters, learningRate: 0.05, momentum: 0.9))
  }

  @discardableResult
  private func epoch(
    _ model: Network, _ optimizer: SGD, from start: EpochProgress? = nil,
    onBatch: (EpochProgress) throws -> Void = { _ in }
  ) throws -> EpochProgress {
    try trainEpoch(
      model, with: optimizer, on: Self.data.training, batchSize: 16, epoch: 2, seed: 3, from: start,
      augmentation: Augmentation([RandomShift(pixels: 2), GaussianNoise(deviation: 0.1)], seed: 9),
      beforeStep: { optimizer.learningRate = 0.05 / Double($0 + 1) }, onBatch: onBatch)
  }

  @Test(arguments: 1...5) func goesOnAfterAnyBatch(_ last: Int) throws {
    let (whole, wholeOptimizer) = fresh()
    let expected = try epoch(whole, wholeOptimizer)
    #expect(expected.batch == 5 && expected.images == 70)

    let (model, optimizer) = fresh()
    var reached: EpochProgress?
    #expect(throws: Stop.self) {
      try epoch(model, optimizer) {
        reached = $0
        if $0.batch == last { throw Stop() }
      }
    }
    let start = try #require(reached)
    #expect(start.batch == last)
    let done = try epoch(model, optimizer, from: start)
    #expect(done == expected)
    #expect(model.state.map(\.tensor) == whole.state.map(\.tensor))
    #expect(optimizer.state == wholeOptimizer.state)
  }

  @Test func augmentationChangesTheImagesAndNotTheirOrder() throws {
    let (plain, plainOptimizer) = fresh()
    let (same, sameOptimizer) = fresh()
    let (changed, changedOptimizer) = fresh()
    func train(_ model: Network, _ optimizer: SGD, _ augmentation: Augmentation?) throws {
      try trainEpoch(
        model, with: optimizer, on: Self.data.training, batchSize: 16, epoch: 1, seed: 3,
        augmentation: augmentation)
    }
    try train(plain, plainOptimizer, nil)
    try train(same, sameOptimizer, Augmentation([RandomShift(pixels: 0)], seed: 1))
    try train(changed, changedOptimizer, Augmentation([RandomShift(pixels: 2)], seed: 1))
    #expect(same.state.map(\.tensor) == plain.state.map(\.tensor))
    #expect(changed.state.map(\.tensor) != plain.state.map(\.tensor))
  }

  @Test func anEpochOfOtherBatchesIsRefused() async {
    await #expect(processExitsWith: .failure) {
      let test = EpochTests()
      let (model, optimizer) = test.fresh()
      let progress = try test.epoch(model, optimizer)
      try trainEpoch(
        model, with: optimizer, on: Self.data.training, batchSize: 10, epoch: 2, seed: 3, from: progress)
    }
  }
}
