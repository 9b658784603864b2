import ArgumentParser
import Engine
import Foundation
import Workbench

/// A training run that is killed again and again, and goes on each time from its checkpoint: it must come to the weights of
/// one that nobody has killed, bit by bit, and its log must have every step once.
enum TrainingTrial {
  final class Network: Module {
    let conv = Conv2d(inChannels: 1, outChannels: 4, kernelSize: 3, padding: 1)
    let norm = BatchNorm2d(features: 4)
    let dropout = Dropout(0.2)
    let out = Linear(inFeatures: 4 * 49, outFeatures: 10)
  }

  /// Digits, twice made smaller.
  struct Digits: TrainingTask, Sendable {
    let exampleCount = 480
    let validationCount = 0
    let metricName: String? = nil
    let identity: [(name: String, value: String)] = []

    func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
      Array(Batches(of: exampleCount, batchSize: batchSize, shuffledBy: seed, epoch: epoch))
    }

    func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> {
      var pixels: [Float] = []
      for place in places {
        var stream = RandomStream(seed: 11, stream: UInt64(place))
        pixels += stream.normal(mean: Float(place % 10) / 5, shape: [14 * 14]).scalars
      }
      return Labelled(Tensor(pixels, shape: [places.count, 1, 14, 14]), IntTensor(places.map { $0 % 10 }))
    }

    func step(_ model: Network, on batch: Labelled<Tensor>) -> TrainingStep {
      let x = maxPool2d(relu(model.norm(model.conv(Variable(batch.input)))), kernelSize: 2)
      let loss = crossEntropy(model.out(model.dropout(x.flattened(from: 1))), batch.labels)
      return TrainingStep(loss: loss, examples: batch.labels.count)
    }

    func validate(_ model: Network) -> Score? { nil }
  }

  static func run() -> TrainingRun<Digits> {
    TrainingRun(
      Digits(), TrainingSettings(epochs: 3, batchSize: 16, optimizer: .adam, learningRate: 0.01, seed: 5)
    ) {
      Network()
    }
  }

  /// What the child does: on from the checkpoint where there is one, a checkpoint after every step, weights at the end.
  static func train(in folder: String, _ shared: SharedNumbers) throws {
    let run = run()
    let path = folder + "/run.safetensors"
    if FileManager.default.fileExists(atPath: path) {
      try run.resume(from: Checkpoint(readingFrom: path), path: path)
    }
    run.log = try TrainingLog(folder + "/log.csv", metricName: nil, stepsDone: run.stepsDone)
    while !run.isFinished {
      try run.nextEpoch { _ in
        shared[0] += 1
        try run.checkpoint.write(to: path)
      }
      try run.checkpoint.write(to: path)
    }
    if let failure = run.log?.failure { throw failure }
    try run.model.writeWeights(to: folder + "/weights.safetensors")
  }

  /// - Returns: How often it was killed, and what was wrong.
  static func attempt(_ kills: Int, seed: UInt64, work: String) throws -> (kills: Int, words: [String]) {
    let whole = run()
    try whole.finish()
    var words: [String] = []
    var random = RandomStream(seed: seed, stream: 77)
    var done = 0
    var round = 0
    while done < kills {
      round += 1
      let folder = "\(work)/training-\(round)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let shared = try SharedNumbers(work + "/training-numbers")
      while true {
        let before = shared[0]
        let child = try Child(
          Child.thisProgram, ["train-again", "--folder", folder, "--numbers", work + "/training-numbers"],
          words: work + "/training-words")
        let steps = before + 1 + random.integer(below: 12)
        // Some are killed before their first step.
        let deadline = ContinuousClock.now + .seconds(120)
        while shared[0] < steps, child.poll() == nil, ContinuousClock.now < deadline { usleep(100) }
        if let end = child.poll() {
          let said = (try? String(contentsOfFile: work + "/training-words", encoding: .utf8)) ?? ""
          if end != .exited(0) { words.append("training: it could not go on after a kill: \(end) \(said)") }
          break
        }
        usleep(UInt32(random.integer(below: 3000)))
        _ = child.kill()
        done += 1
      }
      words += try differences(from: whole, in: folder)
      if !words.isEmpty { break }
    }
    return (done, words)
  }

  private static func differences(from whole: TrainingRun<Digits>, in folder: String) throws -> [String] {
    var words: [String] = []
    let model = Network()
    try model.readWeights(from: folder + "/weights.safetensors")
    for (own, other) in zip(whole.model.state, model.state)
    where !own.tensor.scalars.elementsEqual(other.tensor.scalars, by: { $0.bitPattern == $1.bitPattern }) {
      words.append("training: after kills, \(own.name) has other bits than without")
    }
    let steps = TrainingLog.rows(of: folder + "/log.csv").map(\.step)
    if steps != Array(1...whole.stepsDone) {
      words.append(
        "training: the log has \(steps.count) steps of \(whole.stepsDone), \(Set(steps).count) different ones"
      )
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    if left != ["log.csv", "run.safetensors", "weights.safetensors"] {
      words.append("training: it left \(left)")
    }
    return words
  }
}

/// `torture train-again`: the training that is killed.
struct TrainAgain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-again", abstract: "Train, in a process that may be killed.", shouldDisplay: false)

  @Option var folder: String
  @Option var numbers: String

  func run() throws { try TrainingTrial.train(in: folder, SharedNumbers(numbers)) }
}
