import Foundation
import Testing

/// What a learner is told of their work: by `check --all`, by the list, and after giving up; and that it fits the window.
@Suite struct LearnerCommandTests {
  /// A folder of a learner's with a right answer to 2.1 and a wrong one to 2.2, and commands in it.
  private final class Learner {
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      try write(
        "OutputSize",
        """
        func outputSize(input n: Int, kernel k: Int, stride s: Int, padding p: Int, dilation d: Int) throws -> Int { 3 }
        """)
    }

    func write(_ name: String, _ answer: String) throws {
      let file = URL(filePath: folder.file("02-Convolution/\(name).swift"))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("import Practice\n\n\(answer)\n".utf8).write(to: file)
    }

    /// Our answer to 2.1, seen by giving up, as the learner's own.
    func copySolution() throws {
      try write("CrossCorrelation1d", call("solution", "2.1", "--give-up").output)
    }

    func call(_ arguments: String...) throws -> Outcome { try call(arguments) }

    func call(_ arguments: [String], columns: Int = 100) throws -> Outcome {
      let process = Process()
      process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "workbook")
      process.arguments = arguments + ["--yours", folder.path]
      process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "\(columns)"]) { $1 }
      process.currentDirectoryURL = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let (output, errors) = (folder.file("output.txt"), folder.file("errors.txt"))
      for file in [output, errors] { FileManager.default.createFile(atPath: file, contents: nil) }
      process.standardOutput = FileHandle(forWritingAtPath: output)
      process.standardError = FileHandle(forWritingAtPath: errors)
      try process.run()
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
        errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// What `list` says about an exercise, in one line or more.
    func listed(_ id: String) throws -> String {
      let lines = try call("list").output.split(separator: "\n").map(String.init)
      let start = try #require(lines.firstIndex { $0.contains(" \(id) ") })
      let rest = lines[(start + 1)...].prefix { line in
        !["○", "◐", "●"].contains { line.hasPrefix("  \($0)") }
      }
      return ([lines[start]] + rest).joined(separator: " ")
    }
  }

  @Test func givingUpLeavesAMark() throws {
    let learner = try Learner()
    let refused = try learner.call("solution", "2.1")
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.errors.contains("2.1 is not passed yet") && refused.errors.contains("--give-up"))
    #expect(try !learner.listed("2.1").contains("solution seen"))

    let shown = try learner.call("solution", "2.1", "--give-up")
    #expect(shown.status == 0 && shown.output.contains("func crossCorrelate1d"))
    #expect(try learner.listed("2.1").contains("solution seen"))
    #expect(try !learner.listed("2.2").contains("solution seen"))
    // Once seen, it is shown again without being asked twice.
    #expect(try learner.call("solution", "2.1").output == shown.output)

    try learner.copySolution()
    let passed = try learner.call("check", "2.1")
    #expect(
      passed.status == 0 && passed.output.contains("You had seen our solution before"), "\(passed.output)")
    #expect(try learner.listed("2.1").contains("solution seen"))
  }

  @Test func allThatWasStartedIsChecked() throws {
    let learner = try Learner()
    try learner.copySolution()
    let outcome = try learner.call("check", "--all")
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("✓ 2.1 ") && $0.contains("passed, 3 points") })
    #expect(lines.contains { $0.contains("outputSize(input: 7, kernel: 3") })
    let waiting = lines.count { $0.hasPrefix("○ ") && $0.contains("not started") }
    #expect(lines.last?.hasPrefix("1 of \(waiting + 2) passed, ") == true, "\(lines.last ?? "")")
    #expect(lines.last?.hasSuffix("not right yet: 2.2") == true)
    let both = try learner.call("check", "--all", "2.1")
    #expect(both.status == 2)
    #expect(both.errors.contains("name an exercise, or say --all, not both"))

    // What was not started does not count.
    try FileManager.default.removeItem(atPath: learner.folder.file("02-Convolution/OutputSize.swift"))
    let right = try learner.call("check", "--all")
    #expect(right.status == 0 && right.output.contains("1 of \(waiting + 2) passed"))
  }

  /// Every line is as wide as the window at most, but for a word that is longer by itself: a path.
  @Test(arguments: [40, 80]) func textFitsTheWindow(_ columns: Int) throws {
    let learner = try Learner()
    try learner.copySolution()
    for command in [
      ["list"], ["progress"], ["hint", "2.2"], ["check", "2.1"], ["check", "2.2"], ["check", "--all"],
    ] {
      let output = try learner.call(command, columns: columns).output
      #expect(!output.isEmpty)
      for line in output.split(separator: "\n") where line.count > columns {
        #expect(!line.drop { $0 == " " }.contains(" "), "\(command), \(columns) columns: \(line)")
      }
    }
  }
}
