import ExerciseKit
import Foundation

/// Which files the learner has saved since it was last asked.
struct Saves {
  /// A file's state: a save changes it, whether the editor writes into the file or puts a new one in its place.
  private struct Stamp: Equatable {
    let file: UInt64
    let seconds, nanoseconds, size: Int

    init?(of path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      file = UInt64(status.st_ino)
      size = Int(status.st_size)
      #if canImport(Darwin)
        (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
      #else
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
      #endif
    }

    func isBefore(_ other: Stamp) -> Bool { (seconds, nanoseconds) < (other.seconds, other.nanoseconds) }
  }

  private let desk: Desk
  private var stamps: [String: Stamp]

  init(_ desk: Desk) {
    self.desk = desk
    stamps = Self.stamps(desk)
  }

  private static func stamps(_ desk: Desk) -> [String: Stamp] {
    var stamps: [String: Stamp] = [:]
    for entry in desk.catalogue.entries { stamps[entry.id] = Stamp(of: desk.files.path(of: entry).path) }
    return stamps
  }

  /// The exercise whose file was saved: `current` where it is one of several, else the one saved last.
  ///
  /// A new file that holds what the workbook puts into it was not saved by the learner.
  mutating func saved(current: Catalogue.Entry) -> Catalogue.Entry? {
    let now = Self.stamps(desk)
    let changed = desk.catalogue.entries.filter { entry in
      guard let stamp = now[entry.id], stamp != stamps[entry.id] else { return false }
      return stamps[entry.id] != nil || desk.savedAt(entry) != nil
    }
    stamps = now
    if changed.contains(where: { $0.id == current.id }) { return current }
    return changed.max { now[$0.id]!.isBefore(now[$1.id]!) }
  }
}
