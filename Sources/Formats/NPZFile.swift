import NumberText
import Tensors

/// Reads and writes `.npz`, NumPy's file of several arrays: a zip file of `.npy` files.
///
/// Read are the files of `numpy.savez` and `numpy.savez_compressed`; written are uncompressed ones.
///
/// - PyTorch: `numpy.load(path)`, then `torch.from_numpy` of each array.
/// - Source: NumPy's documentation, `numpy.savez`.
public enum NPZFile {
  /// The arrays of the file at `path`; what else the zip file may hold is left out. An array that cannot be read (Python
  /// objects, a damaged part) throws when it is asked for; the others are there.
  ///
  /// - Parameters:
  ///   - path: The path of a file that `numpy.savez` or `savez_compressed` has written.
  ///   - limit: The most bytes to unpack; 4 GiB when not given.
  /// - Throws: `FileError` when the file cannot be read, is cut off or damaged, or unpacks to more than `limit`.
  public static func read(_ path: String, limit: Int = 1 << 32) throws(FileError) -> NamedArrays {
    try parse(FileContents.bytes(of: path), path: path, limit: limit)
  }

  static func parse(_ bytes: [UInt8], path: String, limit: Int = 1 << 32) throws(FileError) -> NamedArrays {
    let archive = try ZipArchive(bytes, path: path)
    var arrays = NamedArrays()
    arrays.path = path
    var left = limit
    if let first = archive.entries.first, !archive.entries.contains(where: \.isArray) {
      // What torch.save writes is a zip file too.
      if first.name.utf8.reversed().starts(with: "/data.pkl".utf8.reversed()),
        let other = FileError.other(path, than: "an .npz file", bytes)
      {
        throw other
      }
    }
    for entry in archive.entries where entry.isArray {
      if entry.size > left {
        throw FileError(
          path, "it unpacks to more than \(counted(limit, "byte"))", expected: "no more than that",
          advice: "Check that this is the file you mean.")
      }
      left -= entry.size
      // By bytes: the dot may be joined to what stands before it.
      let name = String(decoding: entry.name.utf8.dropLast(4), as: UTF8.self)
      if arrays.has(name) {
        throw FileError(path, "it has \(quoted(name)) twice", advice: "Write the file anew.")
      }
      do throws(FileError) {
        arrays[name] = try NPYFile.parse(archive.contents(of: entry)[...], path: path, name: name)
      } catch {
        arrays.add(unreadable: name, error)
      }
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
      let array = try arrays.array(name)
      entries.append(("\(name).npy", [try NPYFile.header(array, path: path)[...], array.bytes]))
    }
    try ZipArchive.write(entries, to: path, creatingFolders: creatingFolders)
  }
}

extension ZipArchive.Entry {
  /// Whether its name says that it is an array.
  fileprivate var isArray: Bool { name.utf8.reversed().starts(with: ".npy".utf8.reversed()) }
}
