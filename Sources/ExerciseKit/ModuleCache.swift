import Foundation

/// Where the compiler keeps modules that it has read, for the next time.
enum ModuleCache {
  /// Beside the products, as long as this user may write there; in a clone that is read-only, or somebody else's, in a
  /// folder of this user's own.
  ///
  /// Not the package manager's own folder: that one breaks when a path to it is spelt in two ways.
  static func folder(beside products: URL) -> URL {
    let shared = products.appending(path: "LearnerModuleCache")
    let isThere = FileManager.default.fileExists(atPath: shared.path)
    if access((isThere ? shared : products).path, W_OK) == 0 { return shared }
    let temporary = FileManager.default.temporaryDirectory
    let own = temporary.appending(path: "workbook-modules-\(getuid())")
    mkdir(own.path, 0o700)
    // The name can be guessed: it must be a folder that nobody else has put there, or may write to.
    var status = stat()
    if lstat(own.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
      status.st_mode & 0o022 == 0
    {
      return own
    }
    return temporary.appending(path: "workbook-modules-\(getpid())-\(UUID().uuidString)")
  }
}
