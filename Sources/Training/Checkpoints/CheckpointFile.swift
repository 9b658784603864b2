import Formats
import NumberText
import Tensors

// One safetensors file: `model.NAME`, `optimizer.NAME`, `schedule.NAME` and `array.NAME` as F32, numbers as F64 scalars, and what
// is no array in the metadata, with a checksum over all of it. Written under another name first, so that a crash leaves the old one.

extension Checkpoint {
  private static let format = "training checkpoint 2"
  private static let checksumKey = "checksum"
  private static let notePrefix = "note."

  /// Writes everything to one file, all or nothing.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  public func write(to path: String, creatingFolders: Bool = false) throws(FileError) {
    var file = NamedArrays()
    for (name, tensor) in model.sorted(by: { $0.key < $1.key }) {
      file["model.\(name)"] = StoredArray(tensor)
    }
    Self.add(optimizer, as: "optimizer", to: &file)
    if let schedule { Self.add(schedule, as: "schedule", to: &file) }
    for (name, tensor) in arrays.sorted(by: { $0.key < $1.key }) {
      file["array.\(name)"] = StoredArray(tensor)
    }
    file.metadata["format"] = Self.format
    file.metadata["random.seed"] = String(seed)
    file.metadata["random.streams"] = String(streams)
    file.metadata["data.epoch"] = String(position.epoch)
    file.metadata["data.batch"] = String(position.batch)
    file.metadata["data.seed"] = String(position.seed)
    for (key, note) in notes { file.metadata[Self.notePrefix + key] = note }
    file.metadata[Self.checksumKey] = try file.checksum(leavingOut: Self.checksumKey)
    try SafeTensors.write(file, to: path, creatingFolders: creatingFolders)
  }

  private static func add(_ state: TrainingState, as part: String, to file: inout NamedArrays) {
    file.metadata[part] = state.kind
    for (name, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
      file["\(part).\(name)"] = StoredArray(tensor)
    }
    for (name, number) in state.numbers.sorted(by: { $0.key < $1.key }) {
      file["\(part).\(name)"] = StoredArray([number], shape: [])
    }
  }

  /// Reads what `write` wrote.
  ///
  /// - Throws: `FileError` when the file cannot be read, is no checkpoint or does not match its checksum.
  public init(readingFrom path: String) throws(FileError) {
    let file = try SafeTensors.read(path)
    if file.metadata["format"] != Self.format {
      throw FileError(
        path, "the file is no checkpoint", expected: "the metadata to say `\(Self.format)`",
        advice: "A file with weights only is read by `readWeights`.")
    }
    if file.metadata[Self.checksumKey] != (try file.checksum(leavingOut: Self.checksumKey)) {
      throw FileError(
        path, "the checkpoint does not match its checksum",
        advice: "The file is damaged; use an earlier checkpoint, or begin again.")
    }
    func number<Number: FixedWidthInteger>(_ key: String, _ type: Number.Type) throws(FileError) -> Number {
      guard let number = file.metadata[key].flatMap({ Number($0) }) else {
        throw FileError(
          path, "the metadata `\(key)` is \(file.metadata[key].map { quoted($0) } ?? "missing")",
          expected: "a whole number", advice: "The file is damaged; use an earlier checkpoint.")
      }
      return number
    }
    seed = try number("random.seed", UInt64.self)
    streams = try number("random.streams", UInt64.self)
    position = DataPosition(
      epoch: try number("data.epoch", Int.self), batch: try number("data.batch", Int.self),
      seed: try number("data.seed", UInt64.self))
    notes = [:]
    for (key, note) in file.metadata where key.hasPrefix(Self.notePrefix) {
      notes[String(key.dropFirst(Self.notePrefix.count))] = note
    }
    model = try Self.state("model", of: file).tensors
    optimizer = try Self.state("optimizer", of: file)
    arrays = try Self.state("array", of: file).tensors
    schedule = file.metadata["schedule"] == nil ? nil : try Self.state("schedule", of: file)
  }

  private static func state(_ part: String, of file: NamedArrays) throws(FileError) -> TrainingState {
    var state = TrainingState(kind: file.metadata[part] ?? "")
    for name in file.names where name.hasPrefix(part + ".") {
      let own = String(name.dropFirst(part.count + 1))
      let array = try file.array(name)
      if array.scalarType == .float64 && array.shape.isEmpty {
        state.numbers[own] = try array.doubles[0]
      } else {
        state.tensors[own] = try array.tensor
      }
    }
    return state
  }
}
