import Foundation
import Testing

/// What happens where nobody listens: closed and full streams.
@Suite struct StreamTests {
  static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

  /// Runs a line of shell in which `$p` is a chapter's program.
  private func shell(_ line: String) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["p": Self.programs + "/pooling"]) { $1 }
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationReason == .exit ? process.terminationStatus : -1, text)
  }

  @Test(arguments: ["2>&-", "2>/dev/full", "2>&1 >/dev/null | true", "<&-"])
  func theRunGoesOnWhereStderrDoesNot(redirection: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try shell("\"$p\" gradients --quick --output '\(folder.path)' \(redirection)")
    #expect(outcome.status == 0, "\(outcome)")
    // The end of the pipe does not wait for the program.
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: folder.file("results.json")) {
      usleep(100_000)
    }
    #expect(try metrics(folder.file("results.json"))["mean_2_2_reached"] == 1)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullStdoutIsAnError() throws {
    for command in ["gradients --quick --output \"$d\"", "--help", "experiments"] {
      let folder = try TemporaryFolder()
      let outcome = try shell("d='\(folder.path)'; \"$p\" \(command) >/dev/full")
      #expect(outcome.status == 1, "\(command)")
      #expect(outcome.errors.contains("not all that was printed could be written"), "\(outcome.errors)")
    }
  }

  @Test func aReaderThatHasEnoughIsNoError() throws {
    let outcome = try shell("\"$p\" --help | head -n 1")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
  }
}
