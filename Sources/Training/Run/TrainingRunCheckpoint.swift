import Autograd
import Formats
import Foundation
import Layers
import Tensors

extension TrainingRun {
  /// The run as it is between two steps: everything that another needs to come to the same weights, bit by bit.
  ///
  /// - Book: section 7.6.
  public var checkpoint: Checkpoint {
    var notes = ["history": Self.text(history), "first loss": Self.text(firstLoss)]
    for (name, value) in settings.identity + task.identity { notes[name] = value }
    if let progress {
      notes["progress"] = Self.text(progress)
      notes["seconds"] = "\(secondsBefore)"
    }
    var arrays: [String: Tensor] = [:]
    for (name, tensor) in bestState { arrays["best.\(name)"] = tensor }
    for (name, tensor) in lastState { arrays["last.\(name)"] = tensor }
    for (name, tensor) in carried { arrays["carried.\(name)"] = tensor }
    return Checkpoint(
      model, optimizer, plateau: plateau, randomSource: randomSource,
      position: DataPosition(epoch: history.count + 1, batch: progress?.batch ?? 0, seed: settings.seed),
      notes: notes, arrays: arrays)
  }

  /// Gives the processes that train one network dropout of their own each: the same for all would drop the same places in
  /// every rank's part of the batch. Rank 0 draws what a process alone draws.
  package func separateRandomNumbers(of rank: Int) {
    if rank == 0 { return }
    randomSource = RandomSource(
      seed: settings.seed &+ UInt64(rank) &* 0x9E37_79B9_7F4A_7C15, streams: randomSource.streams)
  }

  /// Takes this run to where another was, which had the same settings and the same data.
  ///
  /// This run may have *more* epochs than the other. With a schedule that does not depend on the run's length, all is as
  /// if the other had been begun with them. With one that does, the learning rate is planned anew for the new length: it
  /// jumps to where the longer schedule is at this step, and the weights are not those of one long run.
  ///
  /// - Parameters:
  ///   - checkpoint: What the other run has written: weights, the optimiser's memory, random numbers, place and history.
  ///   - path: The checkpoint's file, for the message.
  /// - Returns: What the user should know about it: that the learning rate jumps, from where to where. Nil when there is
  ///   nothing to say.
  /// - Throws: `FileError` when the checkpoint is of a run with other settings, with both values; nothing is changed then.
  @discardableResult
  public func resume(from checkpoint: Checkpoint, path: String) throws -> String? {
    let epochsBefore = checkpoint.notes["--epochs"].flatMap { Int($0) }
    let goesFurther = epochsBefore.map { $0 < settings.epochs } ?? false
    try checkSettings(of: checkpoint, path, mayHaveMoreEpochs: goesFurther)
    guard let history = Self.value([EpochRecord].self, checkpoint.notes["history"]) else {
      throw FileError(path, "the checkpoint's history cannot be read", advice: "Use an earlier checkpoint.")
    }
    let progress = Self.value(EpochProgress.self, checkpoint.notes["progress"])
    if (progress?.batch ?? 0) != checkpoint.position.batch || history.count + 1 != checkpoint.position.epoch {
      throw FileError(
        path, "the checkpoint's progress does not fit its position", advice: "Use an earlier checkpoint.")
    }
    var stopping = settings.patience.map { EarlyStopping(patience: $0) }
    for record in history { if let loss = record.validation?.loss { _ = stopping?.report(loss) } }
    let best = try state("best", in: checkpoint, path, isNeeded: stopping?.bestEpoch ?? 0 > 0)
    let last = try state("last", in: checkpoint, path, isNeeded: false)

    try checkpoint.restore(model, optimizer, plateau: plateau)
    (self.history, self.progress, self.stopping) = (history, progress, stopping)
    secondsBefore = checkpoint.notes["seconds"].flatMap { Double($0) } ?? 0
    firstLoss = Self.value(Double?.self, checkpoint.notes["first loss"]) ?? nil
    randomSource = checkpoint.randomSource
    (bestState, lastState) = (best, last)
    carried = [:]
    for (name, tensor) in checkpoint.arrays where name.hasPrefix("carried.") {
      carried[String(name.dropFirst("carried.".count))] = tensor
    }
    if !isFinished, !last.isEmpty {
      // The other run had come to its end, and gone back to its best weights. This one goes on from its last.
      setState(last)
      lastState = []
    }
    goodState = model.state
    return goesFurther && !isFinished ? jump(epochsBefore ?? 0) : nil
  }

  /// What becomes of the learning rate when a run goes on for longer than it was begun for.
  private func jump(_ epochsBefore: Int) -> String? {
    guard settings.schedule.dependsOnLength, let next = nextLearningRate else { return nil }
    return """
      the run was begun with \(epochsBefore) epochs and goes on to \(settings.epochs). Its learning rate is planned anew for \
      those: it goes
             from \(Float(optimizer.learningRate)) to \(Float(next)) at the next step, and the weights will not be those of a \
      run begun with \(settings.epochs).
      """
  }

  private func checkSettings(of checkpoint: Checkpoint, _ path: String, mayHaveMoreEpochs: Bool) throws {
    var differences: [String] = []
    for (name, value) in settings.identity + task.identity {
      let saved = checkpoint.notes[name] ?? "unknown"
      if saved == value || (name == "--epochs" && mayHaveMoreEpochs) { continue }
      differences.append("\(name): the checkpoint has \(saved), this run \(value)")
    }
    if differences.isEmpty { return }
    throw FileError(
      path, "the checkpoint is of a run with other settings",
      advice: differences.joined(separator: "\n") + "\nGive the options that the run was begun with.")
  }

  /// A state of the network that the checkpoint keeps beside the current one.
  private func state(_ kind: String, in checkpoint: Checkpoint, _ path: String, isNeeded: Bool) throws
    -> [(name: String, tensor: Tensor)]
  {
    let found = model.state.map { ($0.name, $0.tensor.shape, checkpoint.arrays["\(kind).\($0.name)"]) }
    if !isNeeded, found.allSatisfy({ $0.2 == nil }) { return [] }
    return try found.map { name, shape, tensor in
      if let tensor, tensor.shape == shape { return (name, tensor) }
      throw FileError(path, "the checkpoint lacks the \(kind) weights", advice: "Use an earlier checkpoint.")
    }
  }

  private static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = numbers.encoding
    // Numbers and a few fixed names: that these cannot be encoded is not possible.
    return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
  }

  private static func value<Value: Decodable>(_ type: Value.Type, _ text: String?) -> Value? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = numbers.decoding
    return text.flatMap { try? decoder.decode(type, from: Data($0.utf8)) }
  }

  /// A metric may be infinite (a perplexity): JSON has no number for that.
  private static var numbers:
    (
      encoding: JSONEncoder.NonConformingFloatEncodingStrategy,
      decoding: JSONDecoder.NonConformingFloatDecodingStrategy
    )
  {
    (
      .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
      .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    )
  }
}
