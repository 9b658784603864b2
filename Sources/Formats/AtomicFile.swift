import Foundation

/// Writes files so that nothing half-written ever looks whole.
///
/// The bytes go to a temporary file in the same folder, are forced to the disk, and only then take the name. Whoever
/// reads sees the old file or the new one, also after a crash or a power cut. A failure removes the temporary file
/// and leaves what was there before as it was; what a killed program left is removed by the next that writes to the
/// folder.
///
/// A symbolic link is followed, an existing file's permissions are kept. A path that is no regular file (a pipe,
/// `/dev/stdout`) is written to directly.
public enum AtomicFile {
  /// Writes `bytes` to `path`.
  ///
  /// - Parameters:
  ///   - bytes: All that the file is to hold; it replaces what stood there.
  ///   - path: The file's path; a relative one starts at the current folder.
  ///   - creatingFolders: Whether to make the folders that lead to `path` where they are missing.
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public static func write(
    _ bytes: some Sequence<UInt8>, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    try write(to: path, creatingFolders: creatingFolders) { file throws(FileError) in try file.write(bytes) }
  }

  /// Writes `text`, as UTF-8, to `path`.
  ///
  /// - Throws: `FileError`, as for bytes.
  public static func write(
    _ text: String, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    try write(Array(text.utf8), to: path, creatingFolders: creatingFolders)
  }

  /// Writes to `path` what `body` writes to the file that it is given. If `body` throws, nothing has happened.
  ///
  /// - Throws: `FileError`, as for bytes, and what `body` throws.
  public static func write(
    to path: String, creatingFolders: Bool = false, _ body: (FileOutput) throws(FileError) -> Void
  ) throws(FileError) {
    if path.isEmpty { throw FileError("(no name)", "the path is empty", expected: "the path of a file") }
    if path.hasSuffix("/") { throw FileError.writing(path, EISDIR) }
    if creatingFolders { try createFolder(folder(of: path)) }

    var status = stat()
    let exists = stat(path, &status) == 0
    if exists {
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw FileError.writing(path, EISDIR) }
      if access(path, W_OK) != 0 { throw FileError.writing(path, errno) }
      if kind != S_IFREG {
        let output = try FileOutput(path, opening: path, O_WRONLY)
        try body(output)
        return try output.close(flushing: false)
      }
    }
    let target = exists ? resolvingLinks(path) : path
    let folder = folder(of: target)
    TemporaryFiles.removeLeftovers(in: folder)
    let (temporary, output, lock) = try TemporaryFiles.make(in: folder, for: path)
    // Until the file has its name, so that nobody takes it for a leftover.
    defer { _ = Foundation.close(lock) }
    do throws(FileError) {
      if exists { output.setPermissions(status.st_mode & 0o7777) }
      try body(output)
      try output.close(flushing: true)
      if rename(temporary, target) != 0 { throw FileError.writing(path, errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Makes the folder `path` and those that lead to it, where they are missing.
  ///
  /// - Throws: `FileError` when a file is in the way, or the folder above may not be written to.
  public static func createFolder(_ path: String) throws(FileError) {
    if path.isEmpty { throw FileError("(no name)", "the path is empty", expected: "the path of a folder") }
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw FileError(
        path, "this is a file", expected: "a folder", advice: "Move it away, or choose another folder.")
    }
    let parent = folder(of: path)
    if parent != path, parent != "." { try createFolder(parent) }
    if mkdir(path, 0o777) == 0 { return }
    switch errno {
    case EEXIST:
      // Somebody else may have made it just now.
      if stat(path, &status) != 0 {
        throw FileError(
          path, "this is a link to something that does not exist", expected: "a folder",
          advice: "Remove the link.")
      }
    case ENOENT: throw FileError(path, "no folder can be made here", advice: "Choose another folder.")
    case let number: throw FileError.writing(path, number)
    }
  }

  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// A file being written: see ``AtomicFile``.
public final class FileOutput {
  private let path: String
  private var descriptor: Int32
  /// How many bytes have been written.
  public private(set) var count = 0

  /// Opens `opened`; errors speak of `path`.
  init(_ path: String, opening opened: String, _ flags: Int32) throws(FileError) {
    self.path = path
    descriptor = open(opened, flags | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileError.writing(path, errno) }
  }

  /// A second descriptor of the same file, or -1.
  var duplicate: Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

  deinit { if descriptor >= 0 { _ = Foundation.close(descriptor) } }

  /// Writes `bytes` after those written before.
  public func write(_ bytes: some Sequence<UInt8>) throws(FileError) {
    let done: Result<Void, FileError>? = bytes.withContiguousStorageIfAvailable {
      write(all: UnsafeRawBufferPointer($0))
    }
    guard let done else { return try write(Array(bytes)) }
    try done.get()
  }

  /// Writes the bytes of `buffer` after those written before.
  public func write(_ buffer: UnsafeRawBufferPointer) throws(FileError) { try write(all: buffer).get() }

  private func write(all buffer: UnsafeRawBufferPointer) -> Result<Void, FileError> {
    var rest = buffer[...]
    while !rest.isEmpty {
      // Linux writes at most 2 GiB at a time.
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let written = Foundation.write(descriptor, piece.baseAddress, piece.count)
      if written < 0 {
        if errno == EINTR { continue }
        return .failure(.writing(path, errno, written: count))
      }
      count += written
      rest = rest.dropFirst(written)
    }
    return .success(())
  }

  fileprivate func setPermissions(_ mode: mode_t) { fchmod(descriptor, mode) }

  fileprivate func close(flushing: Bool) throws(FileError) {
    // Some file systems have nothing to flush and say so.
    if flushing, fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP {
      throw FileError.writing(path, errno, written: count)
    }
    let closed = Foundation.close(descriptor)
    let number = errno
    descriptor = -1
    if closed != 0, number != EINTR { throw FileError.writing(path, number, written: count) }
  }
}
