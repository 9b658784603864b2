import Foundation
import Testing

/// The script `workbook` itself, where it does not come to build anything.
@Suite struct ScriptTests {
  private func script(_ arguments: String..., path: String? = nil) throws -> (
    status: Int32, output: String, errors: String
  ) {
    let process = Process()
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [root.appending(path: "workbook").path] + arguments
    if let path { process.environment = ["PATH": path] }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: words, as: UTF8.self)
    )
  }

  @Test(arguments: [
    ("chekc", "check"), ("wach", "watch"), ("list2", "list"), ("progres", "progress"), ("tset", "test"),
  ]) func meant(_ typed: String, _ command: String) throws {
    let (status, _, errors) = try script(typed)
    #expect(status == 2)
    #expect(
      errors
        == "error: there is no command '\(typed)'; did you mean '\(command)'? All commands: ./workbook help\n"
    )
  }

  @Test func nothingLikeIt() throws {
    let (status, _, errors) = try script("xyzzy")
    #expect(status == 2)
    #expect(errors == "error: there is no command 'xyzzy'. All commands: ./workbook help\n")
    #expect(try script("run", "convolutoin").errors.contains("did you mean 'convolution'?"))
  }

  /// Without Swift nothing can be built; the doctor says what is missing all the same.
  @Test func theDoctorBeforeSwiftIsThere() throws {
    let (status, output, _) = try script("doctor", path: "/usr/bin:/bin")
    guard !FileManager.default.isExecutableFile(atPath: "/usr/bin/swift") else { return }
    #expect(status == 1)
    #expect(output.contains("✗ Swift      not found\n             install Swift 6.2 or newer"), "\(output)")
    for name in ["pkg-config", "libpng", "zlib", "openblas", "pandoc"] { #expect(output.contains(name)) }
  }

  /// Where nothing is to be found, the doctor also names what only authors need, and does not count it as missing.
  @Test(arguments: [[], ["--json"]]) func theDoctorNamesWhatAuthorsNeed(_ options: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "workbook")
    process.arguments = ["doctor"] + options
    process.environment = ["PATH": "/nowhere"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = Pipe()
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    if options.isEmpty {
      #expect(
        text.contains("\n\nOnly for authors:\n– pandoc     not found, for the book's site, EPUB and PDF\n"))
      #expect(text.contains("✗ Swift      not found\n"))
    } else {
      #expect(text.contains("\"purpose\" : \"book --check\""))
    }
  }
}
