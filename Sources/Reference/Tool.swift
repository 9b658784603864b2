import Formats
import Foundation

/// Programs of Swift's toolchain, and how they are run.
enum Tool {
  /// A program in `PATH`, or beside `swiftc`.
  static func find(_ name: String) -> URL? {
    if let own = ProgramSearch.find(name) { return own }
    let compiler = ProgramSearch.find("swiftc")?.resolvingSymlinksInPath()
    let beside = compiler?.deletingLastPathComponent().appending(path: name)
    return beside.flatMap { FileManager.default.isExecutableFile(atPath: $0.path) ? $0 : nil }
  }

  /// Runs a program to its end: whether it succeeded, and all that it printed.
  static func run(_ program: URL, _ arguments: [String]) throws -> (succeeded: Bool, text: String) {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      throw CannotDocument("\(program.path) cannot be run: \(error.localizedDescription)")
    }
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus == 0, String(decoding: bytes, as: UTF8.self))
  }

  /// What the compiler compiles for here: `x86_64-unknown-linux-gnu`.
  static func targetTriple() throws -> String? {
    guard let compiler = find("swiftc") else { return nil }
    let (_, text) = try run(compiler, ["-print-target-info"])
    return text.firstMatch(of: /"triple"\s*:\s*"([^"]+)"/).map { String($0.1) }
  }

  /// The folder of the system's headers, where the compiler does not find them by itself.
  static func sdk() throws -> String? {
    #if os(macOS)
      let (succeeded, text) = try run(URL(filePath: "/usr/bin/xcrun"), ["--show-sdk-path"])
      return succeeded ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    #else
      return nil
    #endif
  }
}
