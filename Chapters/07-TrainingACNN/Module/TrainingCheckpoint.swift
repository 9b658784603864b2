import Engine
import Foundation

extension TrainingRun {
  /// The run as it is between two steps: everything that another needs to come to the same weights, bit by bit.
  ///
  /// - Book: section 7.6.
  public var checkpoint: Checkpoint {
    var notes = ["history": Self.text(history), "the data": dataDescription]
    for (name, value) in recipe.settings { notes[name] = value }
    if let progress {
      notes["progress"] = Self.text(progress)
      notes["seconds"] = "\(secondsBefore)"
    }
    let names = model.namedParameters.map(\.name)
    return Checkpoint(
      model, optimizer,
      position: DataPosition(epoch: history.count + 1, batch: progress?.batch ?? 0, seed: recipe.seed),
      notes: notes, arrays: Dictionary(uniqueKeysWithValues: zip(names, bestWeights)))
  }

  /// Takes this run to where another was, which had the same settings and the same data.
  ///
  /// - Parameter path: The checkpoint's file, for the message.
  /// - Throws: `FileError` when the checkpoint is of a run with other settings, with both values; nothing is changed then.
  public func resume(from checkpoint: Checkpoint, path: String) throws {
    var differences: [String] = []
    for (name, value) in recipe.settings + [("the data", dataDescription)] {
      let saved = checkpoint.notes[name] ?? "unknown"
      if saved != value { differences.append("\(name): the checkpoint has \(saved), this run \(value)") }
    }
    if !differences.isEmpty {
      throw FileError(
        path, "the checkpoint is of a run with other settings",
        advice: differences.joined(separator: "\n") + "\nGive the options that the run was begun with.")
    }
    guard let history = Self.value([EpochRecord].self, checkpoint.notes["history"]) else {
      throw FileError(path, "the checkpoint's history cannot be read", advice: "Use an earlier checkpoint.")
    }
    let progress = Self.value(EpochProgress.self, checkpoint.notes["progress"])
    if (progress?.batch ?? 0) != checkpoint.position.batch || history.count + 1 != checkpoint.position.epoch {
      throw FileError(
        path, "the checkpoint's progress does not fit its position", advice: "Use an earlier checkpoint.")
    }
    let best = model.namedParameters.map { checkpoint.arrays[$0.name] }
    var stopping = recipe.patience.map { EarlyStopping(patience: $0) }
    for record in history { _ = stopping?.report(record.validationLoss) }
    if let stopping, stopping.bestEpoch > 0, best.contains(nil) {
      throw FileError(path, "the checkpoint lacks the best weights", advice: "Use an earlier checkpoint.")
    }
    try checkpoint.restore(model, optimizer)
    self.history = history
    self.progress = progress
    self.stopping = stopping
    secondsBefore = checkpoint.notes["seconds"].flatMap { Double($0) } ?? 0
    bestWeights = best.compactMap { $0 }
    goodWeights = model.parameters.map(\.value)
  }

  /// The data of a run in a few words. The labels' hash tells two sets of one size apart.
  private var dataDescription: String {
    // FNV-1a, which is the same in every process.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in [data.training, data.validation] {
      for index in part.indices {
        hash = (hash ^ UInt64(part.set.labels[index])) &* 0x100_0000_01B3
      }
    }
    return "\(data.training.count) images to learn from and \(data.validation.count) to watch by "
      + "(labels \(String(hash, radix: 16)))"
  }

  private static func text(_ value: some Encodable) -> String {
    // Numbers and a few fixed names: that these cannot be encoded is not possible.
    String(decoding: (try? JSONEncoder().encode(value)) ?? Data(), as: UTF8.self)
  }

  private static func value<Value: Decodable>(_ type: Value.Type, _ text: String?) -> Value? {
    text.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
  }
}
