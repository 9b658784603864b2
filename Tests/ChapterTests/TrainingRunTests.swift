import Chapter07TrainingACNN
import Engine
import Foundation
import Testing

@Suite struct TrainingRunTests {
  private static let data = ImageData.generatedDigits(training: 60, validation: 20, test: 10, seed: 2)

  private static func settings(_ optimizer: OptimizerChoice = .momentum) -> TrainingSettings {
    var settings = TrainingSettings.cnn
    (settings.epochs, settings.batchSize, settings.seed) = (3, 16, 4)
    (settings.optimizer, settings.learningRate) = (optimizer, optimizer.learningRate)
    settings.patience = 2
    return settings
  }

  struct Stop: Error {}

  /// Breaks a run off after each of its steps, and goes on in a new one.
  @Test(arguments: [OptimizerChoice.momentum, .adam]) func goesOnFromAnyStep(_ optimizer: OptimizerChoice)
    throws
  {
    let path = NSTemporaryDirectory() + "run-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func finish(_ run: CNNRun) throws {
      while !run.isFinished { try run.nextEpoch() }
    }
    let whole = CNNRun(Self.settings(optimizer), augmentation: .noise, on: Self.data)
    try finish(whole)
    #expect(whole.history.count == 3)

    for last in 1...12 {
      let run = CNNRun(Self.settings(optimizer), augmentation: .noise, on: Self.data)
      var steps = 0
      #expect(throws: Stop.self) {
        while true {
          try run.nextEpoch { _ in
            steps += 1
            if steps == last { throw Stop() }
          }
        }
      }
      try run.checkpoint.write(to: path)
      let next = CNNRun(Self.settings(optimizer), augmentation: .noise, on: Self.data)
      try next.resume(from: Checkpoint(readingFrom: path), path: path)
      try finish(next)
      #expect(next.model.state.map(\.tensor) == whole.model.state.map(\.tensor), "after step \(last)")
      #expect(next.history.map(\.training.loss) == whole.history.map(\.training.loss))
      #expect(next.history.map { $0.validation!.loss } == whole.history.map { $0.validation!.loss })
      #expect(next.keptEpoch == whole.keptEpoch)
    }
  }

  @Test func otherSettingsAreRefusedWithBothValues() throws {
    let checkpoint = CNNRun(Self.settings(), augmentation: .noise, on: Self.data).checkpoint
    var other = Self.settings()
    other.epochs = 2
    other.patience = nil
    let run = CNNRun(other, augmentation: .noise, on: Self.data)
    let error = try #require(throws: FileError.self) { try run.resume(from: checkpoint, path: "a") }
    #expect(
      error.description == """
        a: the checkpoint is of a run with other settings.
               --epochs: the checkpoint has 3, this run 2
               --patience: the checkpoint has 2, this run none
               Give the options that the run was begun with.
        """)
    let data = ImageData.generatedDigits(training: 60, validation: 20, test: 10, seed: 3)
    let elsewhere = CNNRun(Self.settings(), augmentation: .noise, on: data)
    let dataError = try #require(throws: FileError.self) {
      try elsewhere.resume(from: checkpoint, path: "a")
    }
    #expect(dataError.advice?.hasPrefix("the data: the checkpoint has 60 images") ?? false)
  }

  @Test func patienceKeepsTheBestWeights() throws {
    var settings = Self.settings(.adam)
    // So long a step that the validation loss soon rises.
    (settings.epochs, settings.learningRate, settings.patience) = (20, 0.02, 2)
    let run = CNNRun(settings, augmentation: .noise, on: Self.data)
    var weights: [[Tensor]] = []
    while !run.isFinished {
      try run.nextEpoch()
      weights.append(run.model.state.map(\.tensor))
    }
    let losses = run.history.map { $0.validation!.loss }
    let best = losses.indices.min { losses[$0] < losses[$1] }!
    #expect(run.wasStopped && run.history.count == best + 3 && run.keptEpoch == best + 1)
    #expect(run.model.state.map(\.tensor) == weights[best])
    #expect(evaluate(run.model, on: Self.data.validation).loss == losses[best])
  }

  @Test func earlyStoppingCounts() {
    var stopping = EarlyStopping(patience: 2)
    let isBest = [3, 2, 2.5, 1.5, 1.5].map { stopping.report($0) }
    #expect(isBest == [true, true, false, true, false])
    #expect(stopping.best == 1.5 && stopping.bestEpoch == 4 && !stopping.isTimeToStop)
    #expect(!stopping.report(.nan) && stopping.isTimeToStop)
  }
}
