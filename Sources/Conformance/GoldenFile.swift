import Formats

/// A reference file: one case, as PyTorch computed it.
struct GoldenFile: Sendable {
  let arrays: [String: GoldenArray]
  let metadata: [String: String]

  init(_ path: String) throws(FileError) {
    let stored = try SafeTensors.read(path)
    metadata = Dictionary(stored.metadata.map { ($0.name, $0.value) }) { $1 }
    var arrays: [String: GoldenArray] = [:]
    for name in stored.names { arrays[name] = try GoldenArray(stored.array(name)) }
    self.arrays = arrays
  }
}
