import NumberText
import Tensors

/// Reads and writes `.npz`, NumPy's file of several arrays: a zip file of `.npy` files.
///
/// Read are the files of `numpy.savez` and `numpy.savez_compressed`; written are uncompressed ones.
///
/// - PyTorch: `numpy.load(path)`, then `torch.from_numpy` of each array.
/// - Source: NumPy's documentation, `numpy.savez`.
public enum NPZFile {
  /// The arrays of the file at `path`; what else the zip file may hold is left out.
  ///
  /// - Parameter limit: The most bytes to unpack; 4 GiB when not given.
  /// - Throws: `FileError` when the file cannot be read, is cut off or damaged, or unpacks to more than `limit`.
  public static func read(_ path: String, limit: Int = 1 << 32) throws(FileError) -> NamedArrays {
    try parse(FileContents.bytes(of: path), path: path, limit: limit)
  }

  static func parse(_ bytes: [UInt8], path: String, limit: Int = 1 << 32) throws(FileError) -> NamedArrays {
    let archive = try ZipArchive(bytes, path: path)
    var arrays = NamedArrays()
    arrays.path = path
    var left = limit
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      if entry.size > left {
        throw FileError(
          path, "it unpacks to more than \(counted(limit, "byte"))", expected: "no more than that",
          advice: "Check that this is the file you mean.")
      }
      left -= entry.size
      let name = String(entry.name.dropLast(4))
      if arrays[name] != nil {
        throw FileError(path, "it has \(quoted(name)) twice", advice: "Write the file anew.")
      }
      arrays[name] = try NPYFile.parse(archive.contents(of: entry)[...], path: path, name: name)
    }
    return arrays
  }

  /// Writes `arrays` to `path`; their metadata has no place in such a file and is left out.
  ///
  /// The same arrays give the same bytes.
  ///
  /// - Throws: `FileError` when the file cannot be written, is larger than 4 GiB, or an array is of type BF16.
  public static func write(
    _ arrays: NamedArrays, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    var entries: [(name: String, pieces: [ArraySlice<UInt8>])] = []
    for name in arrays.names {
      let array = arrays[name]!
      entries.append(("\(name).npy", [try NPYFile.header(array, path: path)[...], array.bytes]))
    }
    try ZipArchive.write(entries, to: path, creatingFolders: creatingFolders)
  }
}
