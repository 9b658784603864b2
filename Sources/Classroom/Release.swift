import ExerciseKit
import Formats
import Foundation

/// A workbook to hand out: the engine, the chapters and the book as they are; of the exercises the learners' files alone;
/// and a judge that is built already, because what it judges by is what nobody may read.
public struct Release: Sendable {
  let root: URL
  let plan: CoursePlan
  /// The judge: the program `workbook`, for one system or several, by the names that `uname -sm` gives: `Linux-x86_64`.
  let runners: [String: URL]
  /// The version of Swift whose libraries the judge needs beside it; nil where it brings its own.
  let swiftVersion: String?

  /// A copy of the workbook at `root`, with the exercises of a course.
  public init(of root: URL, _ plan: CoursePlan, runners: [String: URL], swiftVersion: String?) {
    (self.root, self.plan, self.runners, self.swiftVersion) = (root, plan, runners, swiftVersion)
  }

  /// What stays here: folders and files by their beginning.
  static let keptBack = [
    "Sources/ExerciseKit/", "Sources/Classroom/", "Sources/BookKit/", "Sources/Reference/", "Sources/Site/",
    "Sources/workbook/", "Sources/Torture/",
    "Tests/ExercisesTests/",
    "Tests/ExecutableTests/", "Tests/BookTests/", "Tests/SiteTests/", "Tests/ClassroomTests/",
    "Exercises/Tests/",
    "Exercises/Package.swift",
    ".github/",
  ]

  /// The targets that are built from these.
  static let targetsKeptBack = [
    "ExerciseKit", "Classroom", "BookKit", "Reference", "Site", "workbook", "torture", "ExercisesTests",
    "ExecutableTests", "BookTests", "SiteTests",
    "ClassroomTests",
    "Exercises",
  ]

  /// Writes the copy into a folder that is not there yet.
  ///
  /// - Returns: How many files it has.
  public func write(to folder: String) async throws -> Int {
    let files = FileManager.default
    if files.fileExists(atPath: folder) {
      throw FileError(folder, "it is there already", advice: "Name another folder, or move that one away.")
    }
    var count = 0
    for path in try await sources()
    where !Self.keptBack.contains(where: path.hasPrefix) && !isOfExercises(path) {
      let (from, to) = (root.appending(path: path).path, folder + "/" + path)
      var status = stat()
      guard lstat(from, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      if path == "Package.swift" {
        try AtomicFile.write(manifest(), to: to, creatingFolders: true)
      } else if path == ".gitignore" {
        try AtomicFile.write(ignored(), to: to, creatingFolders: true)
      } else {
        try AtomicFile.write(Data(contentsOf: URL(filePath: from)), to: to, creatingFolders: true)
        if status.st_mode & 0o111 != 0 { chmod(to, 0o755) }
      }
      count += 1
    }
    for entry in plan.entries {
      let name = String(format: "%02d-", entry.number) + entry.name
      try AtomicFile.write(
        entry.markedSource().stub,
        to: "\(folder)/Exercises/\(entry.chapterFolder)/\(name)/\(entry.name).swift",
        creatingFolders: true)
      count += 1
    }
    for (system, program) in runners {
      // Packed also because words in a program can be read by anybody who looks for them.
      try Gzip.write(
        [UInt8](Data(contentsOf: program)), to: "\(folder)/runner/\(system).gz", level: 6,
        creatingFolders: true)
      count += 1
    }
    if let swiftVersion { try AtomicFile.write(swiftVersion + "\n", to: folder + "/runner/swift-version") }
    // Not the course's file as it is: what it says of other exercises is nobody's business.
    try Gzip.write([UInt8](handedOut().json()), to: folder + "/" + LearnersCopy.path, creatingFolders: true)
    return count + 1
  }

  /// The course, of what is handed out.
  private func handedOut() -> Course {
    var course = Course()
    course.title = plan.course.title
    course.exercises = plan.entries.map(\.id)
    for entry in plan.entries {
      if plan.points(of: entry) != Double(entry.exercise.points) {
        course.points[entry.id] = plan.points(of: entry)
      }
      course.due[entry.id] = plan.due(entry)
      let hidden = plan.hidden(of: entry)
      if !hidden.isEmpty { course.hidden[entry.id] = hidden.sorted() }
    }
    course.late = plan.course.late
    course.attempts = plan.course.attempts
    return course
  }

  /// Exercises/NN-…: of these only the learners' files are handed out.
  private func isOfExercises(_ path: String) -> Bool { path.firstMatch(of: /^Exercises\/\d\d-/) != nil }

  /// What Git leaves out: in a learner's copy not what they hand in.
  private func ignored() throws -> String {
    let text = try String(contentsOf: root.appending(path: ".gitignore"), encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.contains("Exercises/Yours/") }.joined(separator: "\n")
      + "\n"
      + ["Backups/", "Pictures/", ".progress.lock", "progress.json"].map { "Exercises/Yours/\($0)\n" }
      .joined()
  }

  private func manifest() throws -> String {
    let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let line = "let leftOut: Set<String> = []"
    guard text.contains(line) else {
      throw FileError(
        "Package.swift", "it has no line \"\(line)\"",
        advice: "Release puts there what a learner's copy is without.")
    }
    let names = Self.targetsKeptBack.map { "\"\($0)\"" }.joined(separator: ", ")
    return text.replacing(line, with: "let leftOut: Set<String> = [\(names)]")
  }

  /// The files of the workbook: those that Git keeps; without Git all but what was built and what somebody made.
  private func sources() async throws -> [String] {
    if FileManager.default.fileExists(atPath: root.path + "/.git"), let git = ProgramSearch.find("git") {
      let (succeeded, text) = try await output(
        of: git, ["-c", "safe.directory=*", "-c", "core.quotepath=false", "-C", root.path, "ls-files"])
      if succeeded { return text.split(separator: "\n").map(String.init) }
    }
    guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
    return walk.compactMap { $0 as? String }.filter { path in
      ![".", "out/", "Exercises/Yours/", "Package.resolved"].contains { path.hasPrefix($0) }
        || path == ".swift-format" || path == ".gitignore" || path.hasSuffix("Yours/README.md")
        || path.hasSuffix("Yours/compile_flags.txt")
    }.sorted()
  }
}
