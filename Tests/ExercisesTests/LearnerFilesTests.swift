import ExerciseKit
import Foundation
import Testing

/// The learner's files and progress: nothing is lost.
@Suite struct LearnerFilesTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "workbook-files-\(UUID().uuidString)")
  private var entry: Catalogue.Entry { get throws { try #require(Workplace.entries.first) } }

  @Test func stubIsMadeOnceAndNeverOverwritten() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = LearnerFiles(folder: folder)
    let file = try files.file(for: entry)
    #expect(try String(contentsOf: file, encoding: .utf8) == entry.markedSource().stub)
    try "mine".write(to: file, atomically: true, encoding: .utf8)
    #expect(try files.file(for: entry) == file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
  }

  @Test func resetKeepsEveryVersion() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = LearnerFiles(folder: folder)
    let file = try files.file(for: entry)
    #expect(try files.reset(entry) == nil)
    var backups: [String] = []
    for text in ["first", "second", "third"] {
      try text.write(to: file, atomically: true, encoding: .utf8)
      let backup = try #require(try files.reset(entry))
      backups.append(try String(contentsOf: backup, encoding: .utf8))
      #expect(try String(contentsOf: file, encoding: .utf8) == entry.markedSource().stub)
    }
    #expect(backups == ["first", "second", "third"])
    let kept = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      $0.contains("Backups/")
    }
    #expect(kept.filter { $0.hasSuffix(".swift") }.count == 3)
  }

  /// An editor may write in another encoding: the bytes are kept.
  @Test func resetKeepsBytesThatAreNoUTF8() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = LearnerFiles(folder: folder)
    let file = try files.file(for: entry)
    let latin = Data("// caf".utf8) + Data([0xE9, 0x0D, 0x0A])
    try latin.write(to: file)
    let backup = try #require(try files.reset(entry))
    #expect(try Data(contentsOf: backup) == latin)
  }

  /// From any numbers in the file one can go on counting.
  @Test(arguments: ["9223372036854775807", "-3"]) func progressHasAnyNumbers(_ number: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = ProgressFile(folder: folder)
    let record = "{\"hints\": \(number), \"points\": \(number), \"attempts\": \(number)}"
    try "{\"exercises\": {\"1.1\": \(record), \"1.2\": \(record)}}".write(
      to: file.url, atomically: true, encoding: .utf8)
    let progress = try file.change {
      $0["1.1"].attempts += 1
      $0["1.1"].hints += 1
    }
    #expect(progress["1.1"].hints > 0 && progress["1.1"].points >= 0)
    #expect(progress["1.1"].points + progress["1.2"].points < 10_000_000)
    #expect(progress["1.1"].state == .notStarted)
  }

  @Test func progressIsChangedByManyAtOnce() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = ProgressFile(folder: folder)
    #expect(try file.read() == LearnerProgress())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<40 {
        group.addTask {
          try file.change {
            $0["2.1"].attempts += 1
            $0["9.\(index)"].points = index
          }
        }
      }
      try await group.waitForAll()
    }
    let progress = try file.read()
    #expect(progress["2.1"].attempts == 40)
    #expect((0..<40).allSatisfy { progress["9.\($0)"].points == $0 })
  }

  @Test func aBrokenProgressFileIsNamedAndKept() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = ProgressFile(folder: folder)
    try "{\"exercises\": {".write(to: file.url, atomically: true, encoding: .utf8)
    let error = #expect(throws: ProgressFile.Unreadable.self) { try file.change { $0["2.1"].points = 3 } }
    #expect(error?.description.hasPrefix("\(file.url.path): not the workbook's progress") == true)
    #expect(try String(contentsOf: file.url, encoding: .utf8) == "{\"exercises\": {")
  }

  @Test func markedSource() {
    let source = MarkedSource(
      """
      func f() throws -> Int {
        // BEGIN SOLUTION
        return 3
        // END SOLUTION
      }
      func g() throws -> Int {
        // BEGIN SOLUTION
        return 4
        // INSTEAD
        // var start = 1
        // if start > 0 {
        //   start = 2
        //
        // }
        // throw Unfinished()
        // END SOLUTION
      }
      """)
    #expect(source.isMarked)
    #expect(
      source.stub == """
        func f() throws -> Int {
          throw Unfinished()
        }
        func g() throws -> Int {
          var start = 1
          if start > 0 {
            start = 2

          }
          throw Unfinished()
        }
        """)
    #expect(
      source.solution == """
        func f() throws -> Int {
          return 3
        }
        func g() throws -> Int {
          return 4
        }
        """)
    #expect(source.solutionLines == ["  return 3", "  return 4"])
    #expect(!MarkedSource("// BEGIN SOLUTION\n").isMarked)
    #expect(!MarkedSource("// END SOLUTION\n// BEGIN SOLUTION\n").isMarked)
    #expect(!MarkedSource("// BEGIN SOLUTION\n// INSTEAD\n").isMarked)
    #expect(!MarkedSource("// INSTEAD\n// BEGIN SOLUTION\n// END SOLUTION\n").isMarked)
    #expect(MarkedSource("// BEGIN SOLUTION\n// INSTEAD\n// END SOLUTION\n").isMarked)
  }
}
