import ArgumentParser
import ExerciseKit
import Foundation

struct DevCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev", abstract: "Write exercises: begin one, and prove it.",
    discussion: """
      CONTRIBUTING.md says what an exercise needs.

      EXAMPLES
        workbook dev new 5 GatedStep            a skeleton that compiles, and its line in the chapter's list
        workbook dev new 5 LostState --fault    the same for a program with a fault
        workbook dev check 5.3                  all that the tests hold for one exercise
      """, subcommands: [DevNewCommand.self, DevCheckCommand.self])
}

struct DevNewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Begin an exercise: its two files, and its line in the chapter's list.")

  @Argument(help: "The chapter: its number, or its folder.") var chapter: String
  @Argument(help: "The exercise's name, written like a type: GatedStep.") var name: String
  @Flag(help: "A program with a fault, to be found and mended.") var fault = false

  func run() async throws {
    let root = workbookFolder
    let skeleton = try ExerciseSkeleton(
      chapter: chapter, name: name, kind: fault ? .findTheFault : .write, root: root)
    try skeleton.write()
    for (url, _) in skeleton.files {
      print(url.path.replacing(root.path + "/", with: "", maxReplacements: 1))
    }
    print("\nWrite over what is there, then: ./workbook dev check \(skeleton.id)")
  }
}

struct DevCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Hold an exercise to all that the tests ask of it.",
    discussion: """
      Without an exercise: the one whose files you saved last. Exit code 0 when all holds, else 1. Learners' files are \
      not touched.
      """)

  @Argument(help: "Its number (2.3) or its name.") var exercise: String?

  func run() async throws {
    let root = workbookFolder
    let catalogue = try Catalogue(root: root)
    guard
      let entry = try exercise.map(catalogue.entry) ?? catalogue.entries.max(by: { saved($0) < saved($1) })
    else { throw CouldNot("there are no exercises in \(root.path)/Exercises") }
    let proof = ExerciseProof(of: entry, with: try Toolchain(root: root))
    let style = Style()
    print(style.bold("\(entry.id)  \(entry.exercise.title)"))
    var count = 0
    func show(_ text: String, _ problems: () async throws -> [String]) async throws {
      let start = ContinuousClock.now
      let found = try await problems()
      let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
      let time = seconds >= 0.1 ? String(format: "%.1f s", seconds) : ""
      let line = "\(text.padded(to: 62)) \(style.faint(time))"
      print("  \(found.isEmpty ? style.good("✓") : style.bad("✗")) \(line)".trimmingTrailingSpaces)
      for problem in found.flatMap({ $0.wrapped(to: 90) }) { print("      " + problem) }
      fflush(nil)
      count += found.count
    }
    let isFault = entry.exercise.kind == .findTheFault
    try await show("title, section, hints, mistakes, points, effort; no TODO", proof.completeness)
    try await show("the learner's file has nothing of our answer", proof.source)
    if !entry.exercise.isOptimized {
      try await show("our answer passes in this process", proof.solutionInProcess)
    }
    try await show(
      "each of \(entry.exercise.mistakeCount) mistakes is rejected by its own name", proof.mistakes)
    try await show("our answer passes as a learner's file, without warnings", proof.solutionInHost)
    try await show(
      isFault
        ? "the program as given runs, and is told from a mended one" : "the stub compiles and is unfinished",
      proof.stub)
    if count > 0 { throw ExitCode(1) }
  }

  /// When one of an exercise's own files was saved last.
  private func saved(_ entry: Catalogue.Entry) -> Date {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: entry.folder.path)) ?? []
    return files.compactMap { name in
      try? entry.folder.appending(path: name).resourceValues(forKeys: [.contentModificationDateKey])
        .contentModificationDate
    }.max() ?? .distantPast
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
