import Foundation

/// Two processes that write the same thing into the same folder, while a third reads it.
enum TwoWriters {
  /// - Returns: How often the file was read meanwhile, and what was wrong.
  static func attempt(_ subject: WriterSubject, versions: Int, work: String) throws -> (
    reads: Int, words: [String]
  ) {
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    let trials = (0..<2).map { WriterTrial(subject: subject, work: "\(work)/\($0)", seed: UInt64($0)) }
    // Numbers of their own, and one folder.
    var children: [Child] = []
    let folder = "\(work)/shared"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for trial in trials {
      try FileManager.default.createDirectory(atPath: trial.work, withIntermediateDirectories: true)
      children.append(
        try Child(
          Child.thisProgram,
          [
            "write-again", "--writer", subject.name, "--folder", folder, "--numbers", trial.work + "/numbers",
            "--from", "1",
            "--to", "\(versions + 1)",
          ], words: trial.work + "/words"))
    }
    var (reads, words) = (0, [String]())
    let deadline = ContinuousClock.now + .seconds(60)
    // The marks' reader puts away what a killed judge has left: while two are at work, it only looks on at the end.
    let isWatched = subject.name != "marks" && subject.name != "released copy"
    while children.contains(where: { $0.poll() == nil }), ContinuousClock.now < deadline {
      if isWatched {
        do {
          _ = try subject.version(folder)
          reads += 1
        } catch {
          words.append("\(subject.name), written by two at once: \(error)")
          break
        }
      }
      usleep(300)
    }
    for (child, trial) in zip(children, trials) {
      let end = child.poll() ?? child.kill()
      let said = (try? String(contentsOfFile: trial.work + "/words", encoding: .utf8)) ?? ""
      if end != .exited(0) {
        words.append("\(subject.name), written by two at once: \(end) \(said.prefix(300))")
      }
    }
    let last = try subject.version(folder)
    // Each change of the progress counts one: none may be lost, and none counted twice.
    let expected = subject.name == "progress" ? 2 * versions : versions
    if last != expected {
      words.append("\(subject.name): two wrote \(versions) versions each, and \(last) is there")
    }
    return (reads + 1, words)
  }
}
