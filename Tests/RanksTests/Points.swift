import Engine
import Ranks

/// A task in which every example has numbers and a class of its own, made from its place.
struct Points: ClassificationTask, Sendable {
  var exampleCount = 22
  var validationCount = 5
  var name = "points"
  let classCount = 3

  typealias Model = Network
  typealias Input = Tensor

  class Network: Module {
    let fc1 = Linear(inFeatures: 6, outFeatures: 9)
    let fc2 = Linear(inFeatures: 9, outFeatures: 3)
    func callAsFunction(_ x: Variable) -> Variable { fc2(relu(fc1(x))) }
  }

  final class DroppingNetwork: Network {
    let dropout = Dropout(0.5)
    override func callAsFunction(_ x: Variable) -> Variable { fc2(dropout(relu(fc1(x)))) }
  }

  final class NormedNetwork: Network {
    let norm = BatchNorm1d(features: 9)
    override func callAsFunction(_ x: Variable) -> Variable { fc2(relu(norm(fc1(x)))) }
  }

  private func labelled(_ places: some Collection<Int>, stream first: UInt64) -> Labelled<Tensor> {
    var numbers: [Float] = []
    for place in places {
      var stream = RandomStream(seed: 5, stream: first + UInt64(place))
      numbers += (0..<6).map { _ in stream.normal() }
    }
    return Labelled(
      Tensor(numbers, shape: [places.count, 6]), IntTensor(places.map { $0 % 3 }))
  }

  func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> { labelled(places, stream: 0) }
  func validationBatch(_ places: ArraySlice<Int>) -> Labelled<Tensor> { labelled(places, stream: 1000) }
  func logits(_ model: Network, _ input: Tensor) -> Variable { model(Variable(input)) }
  var identity: [(name: String, value: String)] { [("the data", name)] }

  static func settings(batchSize: Int = 8, epochs: Int = 3, _ optimizer: OptimizerChoice = .adam)
    -> TrainingSettings
  {
    TrainingSettings(epochs: epochs, batchSize: batchSize, optimizer: optimizer, learningRate: 0.02, seed: 11)
  }

  /// The weights and the history of a process alone.
  static func alone(
    _ settings: TrainingSettings, parts: Int = 1, _ model: () -> Network = { Network() }
  ) throws -> Outcome {
    var settings = settings
    settings.microBatches = parts
    let run = TrainingRun(Points(), settings, model: model)
    try run.finish()
    return Outcome(run.model, run.history, 0)
  }

  /// The same of several ranks.
  static func together(
    _ ranks: Int, _ settings: TrainingSettings, _ options: DataParallel.Options = .init(),
    _ model: @escaping @Sendable () -> Network = { Network() }
  ) throws -> [Outcome] {
    try LocalRanks.run(ranks) { communicator in
      let run = TrainingRun(Sharded(Points(), for: communicator), settings, model: model)
      _ = try DataParallel(run, communicator, options)
      try run.finish()
      return Outcome(run.model, run.history, run.optimizer.memoryBytes)
    }
  }

  struct Outcome: Sendable {
    let weights: [[UInt32]]
    let numbers: [[Float]]
    let losses: [Double]
    let optimizerBytes: Int

    init(_ model: Module, _ history: [EpochRecord], _ optimizerBytes: Int) {
      numbers = model.state.map(\.tensor.scalars)
      weights = numbers.map { $0.map(\.bitPattern) }
      losses = history.flatMap { [$0.training.loss, $0.validation!.loss] }
      self.optimizerBytes = optimizerBytes
    }

    /// The largest difference of two weights.
    func difference(from other: Outcome) -> Float {
      zip(numbers.joined(), other.numbers.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
  }
}
