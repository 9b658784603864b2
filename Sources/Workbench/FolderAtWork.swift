import Formats
import Foundation

/// A folder in which one training run is at work: two at once would leave the weights of one and the log of the other.
///
/// The folder itself is locked, so that no file is left, and nothing is to be put away after a crash.
final class FolderAtWork {
  private let descriptor: Int32

  /// - Throws: `FileError` when another program is at work there.
  init(_ path: String) throws(FileError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Where the system cannot lock a folder, all is as it was without.
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw FileError(
        path, "another run is at work in this folder",
        advice: "Wait for it, or name another folder with --output.")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
