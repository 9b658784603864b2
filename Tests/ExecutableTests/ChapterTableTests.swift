import Foundation
import Testing

/// One table of chapters, in Package.swift: what else names them agrees with it.
@Suite struct ChapterTableTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The lines of the table that have a program.
  static func table() throws -> [(number: Int, program: String)] {
    let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    return manifest.matches(of: /\n  Chapter\("([0-9]+)-[A-Za-z]+", program: "([a-z-]+)"/).map {
      (Int($0.output.1)!, String($0.output.2))
    }
  }

  @Test func everyProgramIsOfItsChapter() throws {
    let table = try Self.table()
    #expect(table.count >= 8)
    for (number, program) in table {
      let outcome = try run(program, "--help")
      #expect(outcome.output.hasPrefix("OVERVIEW: Chapter \(number): "), "\(program)")
      for option in ["--seed", "--output", "--threads", "--quick", "--full", "EXAMPLES"] {
        #expect(outcome.output.contains(option), "\(program) --help lacks \(option)")
      }
    }
  }

  @Test func theReadmeListsEveryProgram() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    for (number, program) in try Self.table() {
      let rows = readme.split(separator: "\n").filter {
        $0.hasPrefix("| \(number) ") && $0.contains("`./workbook run \(program)`")
      }
      #expect(rows.count == 1, "README.md has no row for chapter \(number), \(program)")
    }
  }

  @Test func theScriptKnowsEveryProgramFromAnywhere() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: Self.root.appending(path: "workbook").path)
    let script = Process()
    script.executableURL = URL(filePath: folder.file("link"))
    script.arguments = ["run", "--help"]
    script.currentDirectoryURL = URL(filePath: folder.path)
    let output = Pipe()
    script.standardOutput = output
    try script.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    script.waitUntilExit()
    #expect(script.terminationStatus == 0)
    for (_, program) in try Self.table() {
      #expect(text.contains("\n  \(program)\n"), "\(text)")
    }
  }
}
