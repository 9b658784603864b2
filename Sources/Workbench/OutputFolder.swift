import Foundation

/// The folder that an experiment writes to.
public struct OutputFolder: Sendable {
  public let path: String

  /// Makes the folder, and tries whether files can be written there.
  public init(_ path: String) throws {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
      let probe = self.path + "/.probe-\(ProcessInfo.processInfo.processIdentifier)"
      try Data([0]).write(to: URL(fileURLWithPath: probe))
      try FileManager.default.removeItem(atPath: probe)
    } catch {
      throw CannotWrite(path: self.path, reason: Self.reason(error))
    }
  }

  /// The path of the file `name` in it.
  public func file(_ name: String) -> String { path + "/" + name }

  /// The folder `name` in it.
  public func folder(_ name: String) throws -> OutputFolder { try OutputFolder(file(name)) }

  private static func reason(_ error: any Error) -> String {
    var error = error as NSError
    while let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { error = cause }
    return error.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(error.code))) : error.localizedDescription
  }
}

struct CannotWrite: Error, CustomStringConvertible {
  let path: String
  let reason: String
  var description: String {
    """
    \(path): nothing can be written there: \(reason).
           Name another folder with --output.
    """
  }
}
