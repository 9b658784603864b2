import Engine
import Foundation

/// Predicting the next number of a long series, read in pieces: a task whose state goes from batch to batch.
struct NextNumber: TrainingTask, Sendable {
  /// A recurrent network in the smallest, with everything that makes resuming hard: dropout, and statistics.
  final class Network: Module {
    let read = Linear(inFeatures: 5, outFeatures: 4)
    let norm = BatchNorm1d(features: 4)
    let dropout = Dropout(0.2)
    let predict = Linear(inFeatures: 4, outFeatures: 1)
  }

  var validationCount = 6
  var label = "series"
  let exampleCount = 6 * 4

  func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    // In order, whatever the epoch: a series is read from its beginning to its end.
    Array(Batches(of: exampleCount, batchSize: batchSize))
  }

  func batch(_ places: ArraySlice<Int>, epoch: Int) -> [Float] { places.map { value($0) } }

  private func value(_ place: Int) -> Float { Float((place * place + 3 * place) % 7) / 7 }

  func step(_ model: Network, on batch: [Float]) -> TrainingStep {
    var carried: [String: Tensor] = [:]
    return step(model, on: batch, carrying: &carried)
  }

  func step(_ model: Network, on batch: [Float], carrying carried: inout [String: Tensor]) -> TrainingStep {
    let before = carried["state"] ?? .zeros([batch.count, 4])
    let x = Tensor(batch, shape: [batch.count, 1])
    let state = tanh(model.norm(model.read(concatenate([Variable(x), Variable(before)], axis: 1))))
    carried["state"] = state.value
    let error = squaredError(model.predict(model.dropout(state)), x * 0.5 + 0.1)
    return TrainingStep(loss: error, examples: batch.count, metricSum: Double(batch.count) * 2)
  }

  let metricName: String? = "twice one"

  func validate(_ model: Network) -> Score? {
    Score(loss: Double(step(model, on: (0..<validationCount).map { value($0 + 100) }).loss.scalar), metric: 2)
  }

  var identity: [(name: String, value: String)] { [("the data", label)] }

  static func run(
    _ settings: TrainingSettings, _ task: NextNumber = NextNumber()
  ) -> TrainingRun<NextNumber> {
    TrainingRun(task, settings) { Network() }
  }

  static var settings: TrainingSettings {
    var settings = TrainingSettings(
      epochs: 3, batchSize: 6, optimizer: .momentum, learningRate: 0.05, seed: 7)
    settings.clipNorm = 0.3
    return settings
  }
}

/// One number `w` that is to become 2, from examples `x` with `y = 2 x`: every step can be done by hand.
struct Doubling: TrainingTask, Sendable {
  final class Factor: Module {
    let w = Parameter(Tensor([0]))
  }

  var exampleCount = 4
  var batchesOf: @Sendable (_ epoch: Int) -> Int = { _ in 2 }

  func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    (0..<(exampleCount == 0 ? 0 : batchesOf(epoch))).map { [$0, $0 + 1][...] }
  }

  func batch(_ places: ArraySlice<Int>, epoch: Int) -> [Float] { places.map { Float($0 + 1) } }

  func step(_ model: Factor, on batch: [Float]) -> TrainingStep {
    let x = Tensor(batch, shape: [batch.count])
    return TrainingStep(
      loss: squaredError(Variable(x) * model.w, x * 2), examples: batch.count)
  }

  let identity: [(name: String, value: String)] = []

  static func run(_ task: Doubling = Doubling(), rate: Double = 0.01, epochs: Int = 1) -> TrainingRun<
    Doubling
  > {
    TrainingRun(task, TrainingSettings(epochs: epochs, optimizer: .sgd, learningRate: rate)) { Factor() }
  }
}
