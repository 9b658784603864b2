import Foundation

/// A file system in memory, so small that it can be filled. Only the system's administrator can make one, and on Linux.
final class SmallDisk {
  let path: String
  private let filler: String

  /// Nil where it cannot be made.
  init?(_ path: String) {
    #if os(Linux)
      self.path = path
      filler = path + "/.filler"
      guard mkdir(path, 0o777) == 0 || errno == EEXIST,
        mount("torture", path, "tmpfs", 0, "size=2m,mode=777") == 0
      else { return nil }
    #else
      return nil
    #endif
  }

  deinit {
    #if os(Linux)
      umount2(path, Int32(MNT_DETACH))
    #endif
  }

  /// Fills it but for a few bytes.
  func fill(but left: Int) throws {
    let file = open(filler, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) == block.count {}
    var status = stat()
    fstat(file, &status)
    ftruncate(file, max(0, status.st_size - off_t(left)))
  }

  func empty() { unlink(filler) }
}
