import Foundation

/// Looks for programs as a shell does.
public enum ProgramSearch {
  /// The folders that a shell looks through, by the variable `PATH`.
  public static var path: String? { ProcessInfo.processInfo.environment["PATH"] }

  /// Where a program is, or nil when it is not installed.
  ///
  /// - Parameters:
  ///   - name: As it is typed, `swiftc`.
  ///   - path: The folders to look through, with colons between them.
  public static func find(_ name: String, path: String? = Self.path) -> URL? {
    (path ?? "").split(separator: ":").lazy.map { URL(filePath: String($0)).appending(path: name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
