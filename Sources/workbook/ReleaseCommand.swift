import ArgumentParser
import Classroom
import ExerciseKit
import Formats
import Foundation
import NumberText

import class Workbench.Progress

struct ReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Make a copy of the workbook for learners.",
    discussion: """
      The copy has the engine, the chapters and the book; of each exercise the file that learners start from; and the \
      judge as a program that is built already, for nobody may read what it judges by. It is a folder with a Git \
      repository; where DIR ends in .zip, a zip file. Before anybody gets it, it is checked: no answer of ours is in it, \
      each file that learners start from is unfinished, everything builds.

      EXAMPLES
        workbook release ../for-learners
        workbook release ../for-learners.zip --course course.json
        workbook release ../week-2 --chapters 2 --chapters 3
        workbook release ../for-learners --static       needs no certain version of Swift there

      A COURSE is a file like this. Each part may be left out; dates end in Z or in a zone such as +02:00.
        {
          "title": "Deep learning, autumn",
          "chapters": [1, 2, 3],
          "exercises": ["2.1", "2.3", "MaxPooling"],
          "points": { "2.3": 10 },
          "due": { "all": "2026-12-18T23:59:00Z", "2": "2026-10-12T23:59:00+02:00", "2.3": "2026-10-19T23:59:00+02:00" },
          "hidden": { "2.3": ["property"] },
          "late": { "perDay": 0.1, "atMostDays": 5, "graceMinutes": 15 },
          "attempts": "best"
        }
      `hidden` names layers of checks (shape, by hand, property, gradients, it trains) or checks by their texts; they are \
      made by `grade` alone. They are in the judge that is handed out, compiled and packed: out of sight, and no secret \
      from somebody who takes programs apart.

      OTHER SYSTEMS: the copy is for the system that it is made on. Build there what else is wanted, and name it: \
      --runner Darwin-arm64=/path/to/workbook.
      """)

  @Argument(help: "The folder or zip file to make.") var dir: String
  @Option(help: ArgumentHelp("The course's file.", valueName: "file")) var course: String?
  @Option(help: ArgumentHelp("A chapter to hand out exercises of; may be repeated.", valueName: "n"))
  var chapters: [Int] = []
  @Option(help: ArgumentHelp("An exercise to hand out; may be repeated.", valueName: "id")) var exercises:
    [String] = []
  @Option(help: ArgumentHelp("A judge for another system; may be repeated.", valueName: "system=file"))
  var runner: [String] = []
  @Flag(help: "Build a judge that brings Swift's libraries along (takes some minutes).") var `static` = false
  @Flag(inversion: .prefixedNo, help: "Build all of the copy, to see that it can be built.") var build = true

  func run() async throws {
    let root = workbookFolder
    let catalogue = try Catalogue(root: root)
    var settled = try course.map { try Course(file: URL(filePath: $0)) } ?? Course()
    if !chapters.isEmpty { settled.chapters = chapters }
    if !exercises.isEmpty { settled.exercises = exercises }
    let plan = try CoursePlan(settled, in: catalogue)
    let toolchain = try Toolchain(root: root)
    if FileManager.default.fileExists(atPath: dir) {
      throw CouldNot("\(dir): it is there already; name another folder, or move that one away")
    }
    let isZip = dir.lowercased().hasSuffix(".zip")
    let target = URL(filePath: dir).standardizedFileURL
    let name = target.deletingPathExtension().lastPathComponent
    let work = try WorkFolder(in: target.deletingLastPathComponent().path, for: "release")
    let folder = work.path + "/" + (isZip ? name : target.lastPathComponent)

    let release = try await Release(
      of: root, plan, runners: judges(root), swiftVersion: swiftVersion(of: judge(root), toolchain))
    let count = try await release.write(to: folder)
    say("\(counted(plan.entries.count, "exercise")), \(counted(count, "file"))")
    try await check(folder, catalogue, plan, toolchain)
    try await git(["init", "--quiet", "--initial-branch", "main"], in: folder)
    try await git(["add", "--all", "--force"], in: folder)
    try await git(["commit", "--quiet", "--message", "The workbook"], in: folder)
    if isZip {
      try await git(
        ["archive", "--format=zip", "--prefix=\(name)/", "--output=\(work.path)/out.zip", "HEAD"], in: folder)
    }
    try work.publish(isZip ? "out.zip" : target.lastPathComponent, as: target.path)
    print(
      "\(dir): \(isZip ? "a zip file" : "a Git repository") for learners. They begin with: ./workbook next")
  }

  private func check(_ folder: String, _ catalogue: Catalogue, _ plan: CoursePlan, _ toolchain: Toolchain)
    async throws
  {
    let check = ReleaseCheck(of: folder, catalogue, plan)
    let found = try check.solutionsInFiles()
    for problem in found { print("  ✗ \(problem)") }
    if !found.isEmpty { throw CouldNot("the copy has answers in it, and is not handed out") }
    say("✓ no answer of ours is in it")
    for note in try check.answersInTheBook() { say("  note: \(note)") }
    let progress = Progress("the learners' files", total: plan.entries.count, unit: "files")
    let problems = try await check.stubs(with: toolchain) { progress.update($0) }
    Progress.clearLine()
    for problem in problems { print("  ✗ \(problem)") }
    if !problems.isEmpty { throw CouldNot("not every file that learners start from is unfinished") }
    say("✓ each file that learners start from is unfinished")
    guard build else { return }
    say("building all of it, as a learner's machine will (some minutes) …")
    let (built, words) = try await output(
      of: URL(filePath: "/usr/bin/env"), ["swift", "build", "--package-path", folder])
    if !built { throw CouldNot("the copy does not build:\n\(words.suffix(3000))") }
    try? FileManager.default.removeItem(atPath: folder + "/.build")
    try? FileManager.default.removeItem(atPath: folder + "/Package.resolved")
    say("✓ everything builds")
  }

  /// The judge for this system: this program, or one that is built now and brings its libraries.
  private func judge(_ root: URL) async throws -> URL {
    guard self.static else { return try Toolchain(root: root).products.appending(path: "workbook") }
    let scratch = root.appending(path: ".build/static")
    let product = scratch.appending(path: "release/workbook")
    say("building a judge that brings Swift's libraries along (some minutes) …")
    let (built, words) = try await output(
      of: URL(filePath: "/usr/bin/env"),
      [
        "swift", "build", "--package-path", root.path, "--scratch-path", scratch.path, "-c", "release",
        "--product",
        "workbook", "--static-swift-stdlib",
      ])
    if !built { throw CouldNot("the judge does not build:\n\(words.suffix(3000))") }
    return product
  }

  private func judges(_ root: URL) async throws -> [String: URL] {
    var name = utsname()
    uname(&name)
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    var judges = ["\(text(name.sysname))-\(text(name.machine))": try await judge(root)]
    for other in runner {
      let parts = other.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].wholeMatch(of: /\w+-\w+/) != nil,
        FileManager.default.fileExists(atPath: parts[1])
      else {
        throw CouldNot("--runner \(other): it is a system and a file, such as Darwin-arm64=/path/to/workbook")
      }
      judges[parts[0]] = URL(filePath: parts[1])
    }
    return judges
  }

  /// The version of Swift that a judge needs beside it; nil where it has all in itself.
  private func swiftVersion(of judge: URL, _ toolchain: Toolchain) async throws -> String? {
    let bytes = try Data(contentsOf: judge, options: .alwaysMapped)
    guard bytes.range(of: Data("libswiftCore.so".utf8)) != nil, let compiler = ProgramSearch.find("swiftc")
    else {
      return nil
    }
    let (_, text) = try await output(of: compiler, ["--version"])
    return text.firstMatch(of: /Swift version ([\d.]+)/).map { String($0.1) }
  }

  private func git(_ arguments: [String], in folder: String) async throws {
    guard let git = ProgramSearch.find("git") else { throw CouldNot("git is needed for this") }
    let (succeeded, text) = try await output(
      of: git,
      [
        "-C", folder, "-c", "user.name=The workbook", "-c", "user.email=workbook@localhost", "-c",
        "commit.gpgsign=false",
      ]
        + arguments)
    if !succeeded { throw CouldNot("git \(arguments[0]): \(text)") }
  }

  private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
