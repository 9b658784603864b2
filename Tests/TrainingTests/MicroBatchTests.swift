import Engine
import Testing

@Suite struct MicroBatchTests {
  @Test func partsFollowEachOther() {
    let places = ArraySlice([9, 8, 7, 6, 5, 4, 3])[1..<6]
    #expect(parts(of: places, count: 2).map(Array.init) == [[8, 7], [6, 5, 4]])
    #expect(parts(of: places, count: 9).map(Array.init) == [[8], [7], [6], [5], [4]])
    #expect(parts(of: places.prefix(0), count: 3).count == 1)
  }

  /// w = 0 and y = 2 x for x = 1, 2, 3 in one batch: the gradient of the mean of (w x − 2 x)² is −4 · 14 / 3, whether the
  /// examples come together or as 1 and 2, 3.
  @Test(arguments: [1, 2, 3]) func byHand(_ count: Int) throws {
    struct Three: TrainingTask, Sendable {
      let exampleCount = 3
      func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] { [[1, 2, 3]] }
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> [Float] { places.map { Float($0) } }
      func step(_ model: Doubling.Factor, on batch: [Float]) -> TrainingStep {
        let x = Tensor(batch, shape: [batch.count])
        return TrainingStep(
          loss: squaredError(Variable(x) * model.w, x * 2), examples: batch.count,
          metricSum: Double(batch.count) * 10)
      }
      let identity: [(name: String, value: String)] = []
    }
    var settings = TrainingSettings(epochs: 1, batchSize: 3, optimizer: .sgd, learningRate: 0.01)
    settings.microBatches = count
    let run = TrainingRun(Three(), settings) { Doubling.Factor() }
    var gradients: [Float] = []
    run.beforeStep = { gradients.append($0[0].gradient!.scalar) }
    try run.finish()
    #expect(abs(gradients[0] + 56 / 3) < 1e-5 && gradients.count == 1)
    #expect(abs(run.history[0].training.loss - 56.0 / 3) < 1e-5)
    #expect(run.history[0].training.metric == 10)
  }

  @Test func runsAreThoseOfTheWholeBatchWithinRounding() throws {
    func weights(_ count: Int) throws -> [Float] {
      var settings = NextNumber.settings
      settings.microBatches = count
      // Neither what is carried nor what batch norm sees may depend on the cut here.
      let run = TrainingRun(Plain(), settings) { Plain.Network() }
      try run.finish()
      #expect(run.stepsDone == 12)
      return run.model.parameters.flatMap(\.value.scalars)
    }
    let whole = try weights(1)
    for count in [2, 3, 4] {
      for (a, b) in zip(whole, try weights(count)) { #expect(abs(a - b) < 1e-5) }
    }
  }

  private struct Plain: TrainingTask, Sendable {
    final class Network: Module {
      let fc1 = Linear(inFeatures: 3, outFeatures: 5)
      let fc2 = Linear(inFeatures: 5, outFeatures: 1)
    }
    let exampleCount = 22
    func batch(_ places: ArraySlice<Int>, epoch: Int) -> Tensor {
      Tensor(places.flatMap { [Float($0 % 5), Float($0 % 3), Float($0 % 7)] }, shape: [places.count, 3])
    }
    func step(_ model: Network, on batch: Tensor) -> TrainingStep {
      let y = model.fc2(tanh(model.fc1(Variable(batch))))
      return TrainingStep(
        loss: squaredError(y, batch.sum(axis: 1).reshaped([-1, 1])), examples: batch.shape[0])
    }
    let identity: [(name: String, value: String)] = []
  }
}
