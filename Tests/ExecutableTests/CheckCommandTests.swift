import Foundation
import Testing

/// `workbook check`, ended in the middle of its work.
@Suite struct CheckCommandTests {
  #if os(Linux)
    /// Killed without a chance to tidy up, it leaves no program running, and the progress as it was.
    @Test(arguments: ["while true {}", "while true { sleep(1) }"])
    func killed(_ loop: String) throws {
      let folder = try TemporaryFolder()
      let file = URL(filePath: folder.file("02-Convolution/CrossCorrelation1d.swift"))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      let text = """
        import Foundation
        func crossCorrelate1d(_ x: [Float], _ w: [Float]) throws -> [Float] { \(loop) }
        """
      try Data(text.utf8).write(to: file)
      let progress = URL(filePath: folder.file("progress.json"))
      try Data("{\"exercises\": {}}".utf8).write(to: progress)

      let process = Process()
      process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "workbook")
      process.arguments = ["check", "2.1", "--yours", folder.path]
      process.currentDirectoryURL = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // The learner's program is known by its library, which lies in a folder that names the process that checks.
      let mark = "workbook-\(process.processIdentifier)-"
      #expect(becomes(1, seconds: 60) { programs(with: mark) })
      kill(process.processIdentifier, SIGKILL)
      #expect(becomes(0, seconds: 10) { programs(with: mark) })
      #expect(try String(contentsOf: progress, encoding: .utf8) == "{\"exercises\": {}}")
    }

    /// Waits without letting go of the thread: other tests would take it, and the program's time be over meanwhile.
    private func becomes(_ count: Int, seconds: Int, _ number: () -> Int) -> Bool {
      for _ in 0..<10 * seconds where number() != count { Thread.sleep(forTimeInterval: 0.1) }
      return number() == count
    }

    /// How many programs of learners run whose command line contains a mark.
    private func programs(with mark: String) -> Int {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.filter { Int($0) != nil }.count { name in
        let line = (try? Data(contentsOf: URL(filePath: "/proc/\(name)/cmdline"))) ?? Data()
        let words = String(decoding: line, as: UTF8.self).split(separator: "\0")
        return words.first?.hasSuffix("exercise-host") == true && words.contains { $0.contains(mark) }
      }
    }
  #endif
}
