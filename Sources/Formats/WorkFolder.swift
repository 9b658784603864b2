import Foundation

/// A hidden folder beside what is being made, in which it is made: the whole takes its name at the end, by one renaming.
///
/// Whoever looks sees nothing or all of it. What a program left that was killed is removed by the next that works beside it.
public final class WorkFolder {
  /// Where it is.
  public let path: String
  private let lock: Int32

  /// - Parameters:
  ///   - parent: The folder that the result will lie in; it is made where it is missing.
  ///   - purpose: A word for the folder's name.
  /// - Throws: `FileError` where nothing can be written there.
  public init(in parent: String, for purpose: String) throws {
    try AtomicFile.createFolder(parent)
    let beginning = ".\(purpose)-"
    Self.removeLeftovers(in: parent, beginning)
    var (path, lock, problem) = ("", Int32(-1), Int32(0))
    // Another that looks for leftovers may remove it between the two: then once more.
    for _ in 0..<100 where lock < 0 {
      path = "\(parent)/\(beginning)\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 36))"
      guard mkdir(path, 0o777) == 0 else { throw FileError.writing(path, errno) }
      lock = open(path + "/.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
      problem = errno
      if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, access(path + "/.lock", F_OK) == 0 { break }
      if lock >= 0 { close(lock) }
      lock = -1
      rmdir(path)
    }
    if lock < 0 { throw FileError.writing(path, problem) }
    (self.path, self.lock) = (path, lock)
  }

  /// Gives what was made under `name` its place. What was there before changes places with it, in one step where the
  /// system can do that, and goes with this folder.
  ///
  /// - Throws: `FileError` where that is not possible.
  public func publish(_ name: String, as target: String) throws {
    let made = path + "/" + name
    if rename(made, target) == 0 { return }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw FileError.writing(target, errno) }
    if Self.exchange(made, target) { return }
    // A file system that cannot exchange: for a moment there is neither.
    let before = path + "/before"
    guard rename(target, before) == 0 else { throw FileError.writing(target, errno) }
    if rename(made, target) == 0 { return }
    let problem = errno
    rename(before, target)
    throw FileError.writing(target, problem)
  }

  /// Lets two change places; false where the system, or the file system, cannot.
  private static func exchange(_ a: String, _ b: String) -> Bool {
    #if canImport(Darwin)
      return renamex_np(a, b, UInt32(RENAME_SWAP)) == 0
    #else
      // Swift does not see it in the C library's headers.
      typealias Rename =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      let exchange: UInt32 = 2  // RENAME_EXCHANGE
      return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, a, AT_FDCWD, b, exchange) == 0
    #endif
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  private static func removeLeftovers(in parent: String, _ beginning: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    where name.hasPrefix(beginning) {
      let folder = parent + "/" + name
      let file = open(folder + "/.lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      if file < 0 {
        // Killed between making and locking it: nothing is in it. Or killed while it was being removed, lock first. Or
        // being made at this moment: then it has its lock now.
        if rmdir(folder) != 0, errno == ENOTEMPTY, access(folder + "/.lock", F_OK) != 0 {
          try? FileManager.default.removeItem(atPath: folder)
        }
        continue
      }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: folder) }
      close(file)
    }
  }
}
