import Engine
import Foundation
import Testing

/// A run that is interrupted, saved, read back and continued comes to the same weights, bit by bit.
@Suite struct ResumeTests {
  final class Network: Module {
    let first = Linear(inFeatures: 6, outFeatures: 8)
    let second = Linear(inFeatures: 8, outFeatures: 3)
    func callAsFunction(_ x: Variable) -> Variable { second(relu(first(x))) }
  }

  private static let path = FileManager.default.temporaryDirectory.appendingPathComponent(
    "resume-\(UUID().uuidString).safetensors"
  ).path

  static func makeOptimizer(_ kind: String, _ p: [Parameter]) -> any Optimizer {
    switch kind {
    case "SGD": SGD(p, learningRate: 0.1, momentum: 0.9, isNesterov: true)
    case "Adam": Adam(p, learningRate: 0.02, isAMSGrad: true)
    case "AdamW": AdamW(p, learningRate: 0.02)
    case "RMSProp": RMSProp(p, learningRate: 0.01, momentum: 0.5, isCentered: true)
    default: Adagrad(p, learningRate: 0.1, learningRateDecay: 0.1, initialSum: 0.1)
    }
  }

  /// One batch: inputs drawn from the run's random source, as a dropout mask would be.
  static func step(
    _ model: Network, _ optimizer: any Optimizer, _ scheduler: Scheduler, _ batch: ArraySlice<Int>
  ) {
    var noise = RandomSource.current.next()
    let x = noise.normal(shape: [batch.count, 6])
    let loss = crossEntropy(model(Variable(x)), IntTensor(batch.map { $0 % 3 }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    scheduler.step()
  }

  @Test(arguments: ["SGD", "Adam", "AdamW", "RMSProp", "Adagrad"]) func resumedRunsEndWithTheSameBits(
    _ kind: String
  ) throws {
    let path = Self.path + kind
    defer { try? FileManager.default.removeItem(atPath: path) }

    /// Trains from `start` to the end of epoch 3, perhaps leaving a checkpoint on the way.
    func train(
      _ model: Network, _ optimizer: any Optimizer, _ scheduler: Scheduler, from start: DataPosition,
      saveAt: DataPosition? = nil
    ) throws {
      for epoch in start.epoch...3 {
        let batches = Batches(of: 20, batchSize: 6, shuffledBy: start.seed, epoch: epoch)
        for batch in (epoch == start.epoch ? start.batch : 0)..<batches.count {
          let position = DataPosition(epoch: epoch, batch: batch, seed: start.seed)
          if position == saveAt {
            try Checkpoint(
              model, optimizer, scheduler: scheduler, position: position, notes: ["why": "test"],
              arrays: ["first.weight": Tensor([1, 2.5])]
            ).write(to: path)
          }
          Self.step(model, optimizer, scheduler, batches[batch])
        }
      }
    }

    func fresh() -> (Network, any Optimizer, Scheduler) {
      let model = Network()
      let optimizer = Self.makeOptimizer(kind, model.parameters)
      return (model, optimizer, Scheduler(OneCycle(totalSteps: 12), for: optimizer))
    }

    let whole = try withRandomSource(RandomSource(seed: 11)) {
      let (model, optimizer, scheduler) = fresh()
      try train(
        model, optimizer, scheduler, from: DataPosition(seed: 4),
        saveAt: DataPosition(epoch: 2, batch: 1, seed: 4))
      return (model.state.map(\.tensor), optimizer.state, scheduler.state)
    }

    let checkpoint = try Checkpoint(readingFrom: path)
    #expect(checkpoint.notes == ["why": "test"])
    #expect(checkpoint.arrays == ["first.weight": Tensor([1, 2.5])])
    #expect(checkpoint.position == DataPosition(epoch: 2, batch: 1, seed: 4))
    // A network with other weights at first, so that nothing can be left of it.
    let (model, optimizer, scheduler) = withRandomSource(RandomSource(seed: 99)) { fresh() }
    try checkpoint.restore(model, optimizer, scheduler: scheduler)
    try withRandomSource(checkpoint.randomSource) {
      try train(model, optimizer, scheduler, from: checkpoint.position)
    }
    #expect(model.state.map(\.tensor) == whole.0)
    #expect(optimizer.state == whole.1)
    #expect(scheduler.state == whole.2)
  }

  @Test func whatDoesNotFitIsNamedAndNothingChanges() throws {
    let model = Network()
    let optimizer = Adam(model.parameters)
    let before = model.state.map(\.tensor)
    var checkpoint = Checkpoint(model, optimizer, position: DataPosition(seed: 1))
    checkpoint.model["first.weight"] = nil
    checkpoint.model["third.weight"] = Tensor([1])
    checkpoint.model["second.bias"] = Tensor([1, 2])
    let mismatch = try #require(throws: StateMismatch.self) { try checkpoint.restore(model, optimizer) }
    #expect(mismatch.missing == ["first.weight"])
    #expect(mismatch.unexpected == ["third.weight"])
    #expect(mismatch.wrongShapes.map(\.name) == ["second.bias"])
    #expect(model.state.map(\.tensor) == before)
  }

  @Test func anotherOptimizersStateIsRefused() throws {
    let w = Parameter(Tensor([1, 2]))
    let (adam, sgd) = (Adam([w]), SGD([w], learningRate: 0.1, momentum: 0.9))
    w.setGradient(Tensor([1, 1]))
    adam.step()
    let kind = try #require(throws: TrainingStateMismatch.self) { try sgd.restore(adam.state) }
    #expect(
      kind.description == """
        the saved state does not fit SGD; different: it is the state of Adam.
               Nothing was changed. Use the parameters and the settings that it was saved with.
        """)
    let settings = try #require(throws: TrainingStateMismatch.self) {
      try Adam([w], isAMSGrad: true).restore(adam.state)
    }
    #expect(settings.missing == ["0.largestSecondMoment"])
    let shape = try #require(throws: TrainingStateMismatch.self) {
      try Adam([Parameter(Tensor([1, 2, 3]))]).restore(adam.state)
    }
    #expect(shape.differing == ["0.firstMoment is [2], not [3]", "0.secondMoment is [2], not [3]"])
  }

  @Test func aFileThatIsNoCheckpointIsRefused() throws {
    let path = Self.path + "weights"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Network().writeWeights(to: path)
    let error = try #require(throws: FileError.self) { _ = try Checkpoint(readingFrom: path) }
    #expect(error.found == "the file is no checkpoint" && error.path == path)
  }

  @Test func weightsGoToAFileAndBack() throws {
    let path = Self.path + "roundtrip"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = withRandomSource(RandomSource(seed: 1)) { Network() }
    let other = withRandomSource(RandomSource(seed: 2)) { Network() }
    try model.writeWeights(to: path)
    try other.readWeights(from: path)
    #expect(other.state.map(\.tensor) == model.state.map(\.tensor))
    #expect(model.state.map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias"])
    let error = try #require(throws: FileError.self) { try model.first.readWeights(from: path) }
    #expect(error.path == path && error.advice?.contains("missing: weight, bias") == true)
  }

  @Test func aPlateauGoesOnWhereItStopped() throws {
    func plateau() -> (Plateau, SGD) {
      let optimizer = SGD([Parameter(Tensor([0]))], learningRate: 1)
      return (Plateau(for: optimizer, factor: 0.5, patience: 1, cooldown: 2), optimizer)
    }
    let metrics = [3, 2, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 1, 2, 2]
    let (whole, wholeOptimizer) = plateau()
    var rates: [Double] = []
    for metric in metrics {
      whole.report(metric)
      rates.append(wholeOptimizer.learningRate)
    }
    let (first, firstOptimizer) = plateau()
    for metric in metrics[..<4] { first.report(metric) }
    let (second, secondOptimizer) = plateau()
    try secondOptimizer.restore(firstOptimizer.state)
    try second.restore(first.state)
    for (metric, rate) in zip(metrics, rates).dropFirst(4) {
      second.report(metric)
      #expect(secondOptimizer.learningRate == rate)
    }
    #expect(second.state == whole.state)
    #expect(Set(rates).count > 2)
  }
}
