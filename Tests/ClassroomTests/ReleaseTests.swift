import ExerciseKit
import Foundation
import Testing

@testable import Classroom
@testable import Formats

/// A copy for learners has what they need, and nothing that they may not read.
@Suite struct ReleaseTests {
  private let course = """
    { "title": "T", "exercises": ["2.1", "2.3", "4.13"], "points": { "2.3": 12, "3.1": 99 }, "hidden": { "2.3": ["property"] },
      "due": { "all": "2026-12-18T23:59:00Z" } }
    """

  private func copy(_ folder: TestFolder, course: String? = nil) async throws -> (
    folder: String, plan: CoursePlan
  ) {
    let plan = try Class.course(course ?? self.course)
    let runner = folder("program")
    try AtomicFile.write("a program", to: runner)
    let release = Release(
      of: Class.root, plan, runners: ["Linux-x86_64": URL(filePath: runner)], swiftVersion: "6.3.1")
    #expect(try await release.write(to: folder("copy")) > 500)
    return (folder("copy"), plan)
  }

  private func files(_ folder: String) -> [String] {
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
  }

  /// With all exercises, one may give another's answer away.
  @Test func aCopyOfAllChaptersHasNoAnswers() async throws {
    let folder = try TestFolder()
    let (copy, plan) = try await copy(folder, course: "{ }")
    let check = ReleaseCheck(of: copy, try Class.catalogue.get(), plan)
    #expect(plan.entries.count == (try Class.catalogue.get().entries.count))
    #expect(try check.solutionsInFiles() == [])
  }

  @Test func aCopyHasNoAnswers() async throws {
    let folder = try TestFolder()
    let (copy, plan) = try await copy(folder)
    let check = ReleaseCheck(of: copy, try Class.catalogue.get(), plan)
    #expect(try check.solutionsInFiles() == [])
    let files = files(copy)
    // What was asked for, with its numbers in the whole; nothing of the judge.
    #expect(
      files.filter { $0.hasPrefix("Exercises/") && $0.hasSuffix(".swift") } == [
        "Exercises/02-Convolution/01-CrossCorrelation1d/CrossCorrelation1d.swift",
        "Exercises/02-Convolution/03-CrossCorrelation2d/CrossCorrelation2d.swift",
        try #require(
          files.first { $0.hasPrefix("Exercises/04-FullyConnected/13-") && $0.hasSuffix(".swift") }),
      ])
    for name in [
      "Sources/ExerciseKit", "Sources/workbook", "Sources/Classroom", "Tests/ExercisesTests",
      "Exercises/Tests",
    ] {
      #expect(!files.contains(name), "\(name)")
    }
    for name in [
      "workbook", "Package.swift", "Sources/Engine", "Sources/exercise-host", "Book/02-convolution.md",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(FileManager.default.isExecutableFile(atPath: copy + "/workbook"))
    // What they hand in is not left out by Git.
    let ignored = try String(contentsOfFile: copy + "/.gitignore", encoding: .utf8)
    #expect(!ignored.contains("Exercises/Yours/*") && ignored.contains("Exercises/Yours/progress.json"))

    // The check can fail: an answer in another layout, marks, known mistakes.
    let answer = try Class.entry("2.3").markedSource().solutionLines.map { "   " + $0 + "  // mine" }.joined(
      separator: "\n\n")
    try AtomicFile.write(answer, to: copy + "/Exercises/Yours/notes.txt")
    try AtomicFile.write("// BEGIN SOLUTION\n", to: copy + "/Exercises/Yours/marks.txt")
    try AtomicFile.write("let mistakes: [Mistake<Answer>] = []", to: copy + "/Sources/Left.swift")
    #expect(
      try check.solutionsInFiles() == [
        "Exercises/Yours/marks.txt: the marks of a solution", "Exercises/Yours/notes.txt: our answer to 2.3",
        "Sources/Left.swift: known mistakes",
      ])
  }

  /// The copy's own catalogue: a choice, with the course's points and dates, and without the hidden checks.
  @Test func aCopyKnowsItsCourse() async throws {
    let folder = try TestFolder()
    let (copy, plan) = try await copy(folder)
    let catalogue = try Catalogue(root: URL(filePath: copy))
    #expect(catalogue.entries.map(\.id) == ["2.1", "2.3", "4.13"])
    let entry = try catalogue.entry("2.3")
    #expect(entry.coursePoints == 12 && entry.due != nil)
    #expect(entry.withheld == plan.hidden(of: try Class.entry("2.3")) && !entry.withheld.isEmpty)
    #expect(try entry.markedSource().stub == Class.stub("2.3"))
    // Not what the course says of exercises that are not in it.
    let json = String(decoding: try Gzip.read(copy + "/" + LearnersCopy.path), as: UTF8.self)
    #expect(!json.contains("99"))

    let file = URL(filePath: folder("CrossCorrelation2d.swift"))
    try Data(Class.solution("2.3").utf8).write(to: file)
    let verdict = try await entry.examine(file, with: Toolchain(root: Class.root))
    #expect(verdict.state == .passed)
    #expect(verdict.judgement?.lines.contains { $0.layer == .property } == false)
    #expect(verdict.points < entry.exercise.points)
    let text = VerdictText(verdict, of: entry, path: "a", style: Style(isColored: false)).text
    #expect(text.contains("The other points are for checks that are made when it is marked."))
  }

  @Test func everyStubIsUnfinishedInTheCopy() async throws {
    let folder = try TestFolder()
    let (copy, plan) = try await copy(folder)
    let check = ReleaseCheck(of: copy, try Class.catalogue.get(), plan)
    let toolchain = try Toolchain(root: Class.root)
    #expect(try await check.stubs(with: toolchain) == [])
    let file = try #require(files(copy).first { $0.hasSuffix("CrossCorrelation1d.swift") })
    try AtomicFile.write(try Class.solution("2.1"), to: copy + "/" + file)
    #expect(
      try await check.stubs(with: toolchain) == ["2.1: the learner's file is passed, and not unfinished"])
  }
}
