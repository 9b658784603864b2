import Foundation
import Synchronization

/// The files that `AtomicFile` writes before they get their names: `.workbook-….tmp`.
///
/// Who writes one holds a lock on it. The system lets go of the lock when the program ends, however it ends; a file of
/// that name without a lock is a leftover of a program that was killed.
enum TemporaryFiles {
  private static let prefix = ".workbook-"
  private static let suffix = ".tmp"
  /// The folders that were looked through: once is enough for a program.
  private static let cleaned = Mutex<Set<ByteName>>([])

  /// Makes a temporary file in `folder`, and a descriptor that keeps it locked until it is closed.
  static func make(
    in folder: String, for path: String
  ) throws(FileError) -> (path: String, output: FileOutput, lock: Int32) {
    while true {
      let name = prefix + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
      let temporary = (folder == "/" ? "" : folder) + "/" + name
      let output = try FileOutput(path, opening: temporary, O_WRONLY | O_CREAT | O_EXCL)
      let lock = output.duplicate
      if lock < 0 { return (temporary, output, lock) }
      // Between making and locking, another program may take it for a leftover: it holds the lock now and is about to
      // remove the file, or has removed it.
      if flock(lock, LOCK_EX | LOCK_NB) == 0 {
        var status = stat()
        if fstat(lock, &status) != 0 || status.st_nlink > 0 { return (temporary, output, lock) }
      } else if errno != EWOULDBLOCK {
        // A file system without locks says so here, and then to whoever looks for leftovers as well.
        return (temporary, output, lock)
      }
      _ = close(lock)
    }
  }

  /// Removes the temporary files in `folder` that nobody writes any more.
  static func removeLeftovers(in folder: String) {
    if cleaned.withLock({ $0.insert(ByteName(folder)).inserted }) { removeUnlocked(in: folder) }
  }

  /// Removes the temporary files in `folder` on which nobody holds a lock.
  static func removeUnlocked(in folder: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(cString: $0)
        }
      }
      if !name.hasPrefix(prefix) || !name.hasSuffix(suffix) { continue }
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      if descriptor < 0 { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      _ = close(descriptor)
    }
  }
}
