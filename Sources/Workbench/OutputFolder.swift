import Formats
import Foundation

/// The folder that an experiment writes to.
public struct OutputFolder: Sendable {
  /// The folder's path, as it was given.
  public let path: String

  /// Makes the folder, and tries whether files can be written there.
  ///
  /// - Throws: `FileError` when they cannot: a file is in the way, permission is missing, the disk is full.
  public init(_ path: String) throws(FileError) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    do throws(FileError) {
      try AtomicFile.createFolder(self.path)
      // Named as `AtomicFile` names what is not yet whole: should this program be killed here, the next one removes it.
      let probe = file(".workbook-probe-\(ProcessInfo.processInfo.processIdentifier).tmp")
      defer { unlink(probe) }
      try AtomicFile.write([0], to: probe)
    } catch {
      throw FileError(
        self.path, "nothing can be written there: \(Self.reason(error, self.path))",
        advice: "Name another folder with --output.")
    }
  }

  /// The path of the file `name` in it.
  public func file(_ name: String) -> String { path == "/" ? path + name : path + "/" + name }

  /// The folder `name` in it.
  public func folder(_ name: String) throws(FileError) -> OutputFolder { try OutputFolder(file(name)) }

  /// What was found; with its path where that lies on the way to the folder.
  private static func reason(_ error: FileError, _ path: String) -> String {
    path.hasPrefix(error.path + "/") ? "\(error.path): \(error.found)" : error.found
  }
}
