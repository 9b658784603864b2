import ExerciseKit
import Formats
import Foundation
import Testing

@testable import Classroom
@testable import Formats

/// A class from beginning to end, by the command: marked twice, with a kill in between.
@Suite(.serialized) struct ClassTests {
  private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// Where the package manager puts programs: beside the tests, or beside the bundle that they are in.
  private static var workbook: URL? {
    var folder = program
    while folder.path != "/" {
      let file = folder.appending(path: "workbook")
      if FileManager.default.isExecutableFile(atPath: file.path), folder.path.contains("/.build/") {
        return file
      }
      folder = folder.deletingLastPathComponent()
    }
    let debug = Class.root.appending(path: ".build/debug/workbook")
    return FileManager.default.isExecutableFile(atPath: debug.path) ? debug : nil
  }

  private func start(_ arguments: [String], _ words: FileHandle? = nil, path: String? = nil) throws -> Process
  {
    let process = Process()
    process.executableURL = try #require(Self.workbook)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["WORKBOOK_FOLDER": Class.root.path]) {
      $1
    }
    if let path {
      process.environment?["PATH"] = path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    }
    process.standardOutput = words ?? FileHandle.nullDevice
    process.standardError = words ?? FileHandle.nullDevice
    try process.run()
    return process
  }

  private func run(_ arguments: [String], path: String? = nil) throws -> (status: Int32, text: String) {
    let folder = try TestFolder()
    FileManager.default.createFile(atPath: folder("words"), contents: nil)
    let words = try #require(FileHandle(forWritingAtPath: folder("words")))
    let process = try start(arguments, words, path: path)
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: folder("words"), encoding: .utf8))
  }

  /// Learners as they come, with what must become of 2.1 and 2.2.
  private func handIn(_ folder: String) throws -> [String: (String, String)] {
    let (right1, right2) = (try Class.solution("2.1"), try Class.solution("2.2"))
    let stub = try Class.stub("2.1")
    let flipped =
      stub.replacing(
        "throw Unfinished()", with: "return try flipped(x, w)")
      + "\nfunc flipped(_ x: [Float], _ w: [Float]) throws -> [Float] {\n"
      + "  (0...(x.count - w.count)).map { i in w.indices.reduce(0) { $0 + w[w.count - 1 - $1] * x[i + $1] } }\n}\n"
    func body(_ code: String) -> String { stub.replacing("throw Unfinished()", with: code) }
    try Class.write(["2.1": right1, "2.2": right2], to: folder + "/ada")
    try Class.write(["2.1": flipped, "2.2": try Class.stub("2.2")], to: folder + "/=wrong, \"so\"")
    try Class.write(["2.1": stub + "\nlet y: Int = \"no\"\n", "2.2": right2], to: folder + "/no\ncompile")
    try Class.write(["2.1": body("while true {}")], to: folder + "/loop")
    try Class.write(
      [
        "2.1": body("print(\"{\\\"state\\\":\\\"passed\\\"}\"); exit(0)").replacing(
          "import Practice", with: "import Glibc\nimport Practice"),
        "2.2": "import Foundation\n" + right2 + "\nlet d = FileManager.default\n",
        // What is marked is not what it says of itself.
        "marks.csv": "hostile,100", "Package.swift": "fatalError()",
        "Exercises/02-Convolution/Chapter.swift": "x",
        "Sources/ExerciseKit/Judge.swift": "public let isPassed = true",
      ], to: folder + "/hostile 😈")
    try Class.zip([(try Class.path(of: "2.2"), right2)], to: folder + "/zipped.zip")
    try Class.zip([("../../../2.1.swift", right1)], to: folder + "/slip.zip")
    try AtomicFile.write("PK no zip", to: folder + "/broken.zip")
    guard symlink(folder + "/ada", folder + "/link") == 0 else { throw CannotRead("no link") }
    let (no, missing) = ("could not be marked", "not handed in")
    return [
      "ada": ("passed", "passed"), "=wrong, \"so\"": ("wrong", "not started"),
      "no\ncompile": ("does not compile", "passed"), "loop": ("crashed or ran out of time", missing),
      "hostile 😈": ("crashed or ran out of time", "does not compile"), "zipped": (missing, "passed"),
      "slip": (no, no), "broken": (no, no), "link": (no, no),
    ]
  }

  /// States, marks and reasons, without the times that differ from run to run.
  private func marks(_ folder: String) throws -> [String: [String]] {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder + "/marks.json")))
    let learners = try #require((json as? [String: Any])?["learners"] as? [[String: Any]])
    var marks: [String: [String]] = [:]
    for learner in learners {
      let name = try #require(learner["learner"] as? String)
      #expect(marks[name] == nil, "\(name) is there twice")
      let exercises = try #require(learner["exercises"] as? [String: [String: Any]])
      marks[name] = exercises.sorted { $0.key < $1.key }.map { id, mark in
        "\(id) \(mark["state"] ?? "") \(mark["mark"] ?? "") \(mark["mistake"] ?? "") \(mark["problem"] ?? "")"
      }
    }
    return marks
  }

  @Test(.timeLimit(.minutes(5))) func aClassIsMarkedTwiceWithAKillInBetween() async throws {
    let folder = try TestFolder()
    let expected = try handIn(folder("class"))
    try AtomicFile.write(#"{"exercises": ["2.1", "2.2"]}"#, to: folder("course.json"))
    let command = ["grade", folder("class"), "--course", folder("course.json"), "--output"]

    // Killed as soon as something is noted. On a crowded machine it may have marked all before this test looks again:
    // then once more.
    var isKilledInTime = false
    for _ in 1...4 where !isKilledInTime {
      try? FileManager.default.removeItem(atPath: folder("marks"))
      let killed = try start(command + [folder("marks")])
      let store = try MarkStore(folder: folder("marks"))
      while killed.isRunning,
        store.attempts().flatMap({ store.records(of: $0) }).count(where: { $0.state == .passed }) < 2
      {
        usleep(20_000)
      }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      isKilledInTime =
        killed.terminationReason == .uncaughtSignal
        && !FileManager.default.fileExists(atPath: folder("marks/marks.csv"))
    }
    #expect(isKilledInTime, "it was killed too late to test anything")

    let (status, text) = try run(command + [folder("marks")])
    #expect(status == 0, "\(text)")
    let once = try marks(folder("marks"))
    #expect(Set(once.keys) == Set(expected.keys))
    for (name, states) in expected {
      let lines = once[name] ?? []
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("2.1 \(states.0) ") == true, "\(name): \(lines)")
      #expect(lines.last?.hasPrefix("2.2 \(states.1) ") == true, "\(name): \(lines)")
    }
    #expect(once["ada"] == ["2.1 passed 3  ", "2.2 passed 5  "])
    #expect(once["=wrong, \"so\""]?.first?.contains("flipped") == true)
    #expect(once["slip"]?.first?.contains("names a place outside itself") == true)
    #expect(once["link"]?.first?.contains("it is a link") == true)
    // On a crowded machine the clock stops it before the processor time does.
    #expect(once["loop"]?.first?.contains(/loop that never ends|did not come to an end/) == true)
    #expect(once["hostile 😈"]?.first?.contains("ended by itself (exit code 0)") == true)
    #expect(once["hostile 😈"]?.last?.contains("You use FileManager") == true)

    let csv = try String(contentsOfFile: folder("marks/marks.csv"), encoding: .utf8)
    #expect(csv.contains("\r\n\"'=wrong, \"\"so\"\"\",") && csv.contains("\r\n\"no\ncompile\","), "\(csv)")
    let page = try String(
      contentsOfFile: folder("marks/reports/\(LearnerName("=wrong, \"so\"").key).html"), encoding: .utf8)
    #expect(page.contains("You flipped the kernel") && page.contains("yours") && page.contains("expected"))
    #expect(!page.contains("<script") && page.firstMatch(of: /(src|href)="(?!data:|#)/) == nil)
    // Again: nothing is left to do, and nothing changes. In parts on other machines: the same.
    let (_, again) = try run(command + [folder("marks")])
    #expect(again.contains("all was marked before"), "\(again)")
    #expect(try marks(folder("marks")) == once)
    let few = Set(["ada", "=wrong, \"so\"", "broken", "link"])
    for name in try FileManager.default.contentsOfDirectory(atPath: folder("class"))
    where !few.contains(name) && name != "broken.zip" {
      try FileManager.default.removeItem(atPath: folder("class/" + name))
    }
    for part in 1...2 {
      #expect(try run(command + [folder("parts"), "--shard", "\(part)/2"]).status == 0)
    }
    #expect(try run(["merge", folder("parts"), "--course", folder("course.json")]).status == 0)
    #expect(try marks(folder("parts")) == once.filter { few.contains($0.key) })
    // What was taken back counts no more.
    _ = try run(command + [folder("marks")])
    #expect(Set(try marks(folder("marks")).keys) == few)

  }

  /// Where the system lets nobody make worlds, it is said, and nothing is pretended.
  @Test func withoutASandbox() throws {
    let folder = try TestFolder()
    try AtomicFile.write(
      "#!/bin/sh\necho 'bwrap: No permissions to create new namespace'; exit 1\n", to: folder("bin/bwrap"),
      creatingFolders: true)
    chmod(folder("bin/bwrap"), 0o755)
    try Class.write(["2.1": Class.solution("2.1")], to: folder("class/ada"))
    try AtomicFile.write(#"{"exercises": ["2.1"]}"#, to: folder("course.json"))
    let command = ["grade", folder("class"), "--course", folder("course.json"), "--sandbox"]
    let reason =
      "no sandbox: bubblewrap is installed and cannot work here (bwrap: No permissions to create new namespace)"
    let (refused, words) = try run(command + ["required"], path: folder("bin"))
    #expect(refused == 1 && words.contains("error: " + reason), "\(words)")
    let (status, text) = try run(command + ["auto"], path: folder("bin"))
    #expect(status == 0 && text.contains("note: " + reason), "\(text)")
    #expect(try marks(folder("class-marks")) == ["ada": ["2.1 passed 3  "]])
  }

  @Test func collecting() async throws {
    let folder = try TestFolder()
    try Class.write(["2.1": try Class.solution("2.1"), "notes.txt": "x"], to: folder("there/ada"))
    // A repository with a hook, and a link in place of an answer.
    let repository = folder("there/grace")
    try Class.write(["2.2": try Class.solution("2.2")], to: repository)
    let chapter = repository + "/Exercises/Yours/02-Convolution"
    #expect(symlink("/etc/passwd", chapter + "/CrossCorrelation1d.swift") == 0)
    for words in [
      ["init", "-q"], ["add", "-A"], ["-c", "user.name=g", "-c", "user.email=g@x", "commit", "-qm", "x"],
    ] {
      let git = Process()
      git.executableURL = try #require(ProgramSearch.find("git"))
      git.arguments = ["-C", repository] + words
      try git.run()
      git.waitUntilExit()
      #expect(git.terminationStatus == 0)
    }
    try AtomicFile.write(
      "learner,source,time\r\n\"Ada, Countess\",there/ada,2026-10-12T20:15:00Z\r\ngrace,file://\(repository),\r\n../up,gone,\r\n",
      to: folder("roster.csv"))
    let plan = try Class.course(#"{"exercises": ["2.1", "2.2"]}"#)
    let sources = try Collecting.roster(folder("roster.csv"))
    #expect(sources.map(\.learner) == ["Ada, Countess", "grace", "../up"])
    let collecting = try Collecting(plan, into: folder("in"))
    let now = try Date("2026-10-13T00:00:00Z", strategy: .iso8601)
    var outcomes: [Collecting.Outcome] = []
    for source in sources { outcomes.append(try await collecting.collect(source, now: now)) }
    #expect(outcomes[0] == .collected(files: 1))
    // A link comes as the text that it pointed to, which does not compile; nothing of the other file is in it.
    #expect(outcomes[1] == .collected(files: 2))
    let isProblem = if case .problem = outcomes[2] { true } else { false }
    #expect(isProblem, "\(outcomes[2])")
    let all = try Submission.all(in: folder("in"))
    #expect(Set(all.map(\.learner.text)) == ["Ada, Countess", "grace", "_up"])
    #expect(all.first { $0.learner.text == "grace" }?.time == now)
    let grace = try SubmissionFiles(of: #require(all.first { $0.learner.text == "grace" }), for: plan.entries)
    #expect(grace.answers["2.1"] == Array("/etc/passwd".utf8))
    #expect(try await collecting.collect(sources[0], now: now.addingTimeInterval(3600)) == .unchanged)
    #expect(try Submission.all(in: folder("in")).count == 3)
  }

  private func collect(_ roster: String, in folder: TestFolder, _ plan: CoursePlan) async throws
    -> [Collecting.Outcome]
  {
    try AtomicFile.write("learner,source,time\n" + roster, to: folder("roster.csv"))
    let collecting = try Collecting(plan, into: folder("in"))
    var outcomes: [Collecting.Outcome] = []
    for source in try Collecting.roster(folder("roster.csv")) {
      outcomes.append(try await collecting.collect(source))
    }
    return outcomes
  }

  /// Rows that would become one folder are refused, before one learner's work takes the place of another's.
  @Test(arguments: [
    ("a/b,x,\na_b,y,\n", "rows 2 and 3: \"a/b\" and \"a_b\" would both be \"a_b\""),
    ("ada,x,\nada,y,\n", "rows 2 and 3 are both of ada, and neither has a time"),
    ("ada,x,2026-10-12T20:15:00Z\nada,y,2026-10-12T20:15:00Z\n", "both of ada, at the same time"),
  ]) func rowsOfOneFolder(_ roster: String, _ words: String) throws {
    let folder = try TestFolder()
    try AtomicFile.write("learner,source,time\n" + roster, to: folder("roster.csv"))
    #expect { try Collecting.roster(folder("roster.csv")) } throws: { "\($0)".contains(words) }
  }

  /// A name of any length is collected, and the others after it.
  @Test func aLongName() async throws {
    let folder = try TestFolder()
    try Class.write(["2.1": Class.solution("2.1")], to: folder("there"))
    let plan = try Class.course(#"{"exercises": ["2.1"]}"#)
    let name = String(repeating: "😀", count: 80)
    #expect(
      try await collect("\(name),there,\nada,there,\n", in: folder, plan) == [
        .collected(files: 1), .collected(files: 1),
      ])
    #expect(try Submission.all(in: folder("in")).contains { name.hasPrefix($0.learner.text) })
  }

  /// Collecting twice collects nothing twice; and what was collected stays where a source is gone the next time.
  @Test func collectingAgain() async throws {
    let folder = try TestFolder()
    try Class.write(["2.1": Class.solution("2.1")], to: folder("first"))
    try Class.write(["2.1": Class.stub("2.1")], to: folder("second"))
    // One of two answers cannot be read, and a submission of nothing but a link.
    try Class.write(
      ["2.1": Class.solution("2.1"), "2.2": String(repeating: "x", count: SubmissionFiles.mostBytes + 1)],
      to: folder("large"))
    let link = folder("link/") + (try Class.path(of: "2.1"))
    try AtomicFile.createFolder(URL(filePath: link).deletingLastPathComponent().path)
    #expect(symlink("/etc/passwd", link) == 0)
    let plan = try Class.course(#"{"exercises": ["2.1", "2.2"], "attempts": "last"}"#)
    let roster = """
      ada,first,2026-10-12T20:15:00Z
      ada,second,2026-10-13T20:15:00Z
      bob,first,
      eve,large,
      mallory,link,

      """
    _ = try await collect(roster, in: folder, plan)
    #expect(try await collect(roster, in: folder, plan) == Array(repeating: .unchanged, count: 5))
    let all = try Submission.all(in: folder("in"))
    #expect(all.map(\.learner.text) == ["ada", "ada", "bob", "eve", "mallory"])
    func problem(_ name: String, _ id: String) throws -> String {
      let submission = try #require(all.first { $0.learner.text == name })
      return try SubmissionFiles(of: submission, for: plan.entries).problems[id] ?? ""
    }
    #expect(try problem("eve", "2.2").contains("at most 1048576 are read"))
    #expect(try problem("mallory", "2.1").contains("is a link"))

    try FileManager.default.removeItem(atPath: folder("first"))
    let outcomes = try await collect(roster, in: folder, plan)
    #expect(outcomes[0] == .problem("there is no file or folder first") && outcomes[2] == outcomes[0])
    #expect(try Submission.all(in: folder("in")).map(\.path) == all.map(\.path))
    #expect(try Submission.all(in: folder("in")).allSatisfy { $0.problem == nil })
  }

  /// The course that the help shows is one that can be used.
  @Test func theCourseInTheHelp() throws {
    let (_, text) = try run(["release", "--help"])
    let start = try #require(text.firstRange(of: "\n  {\n")?.lowerBound)
    let end = try #require(text[start...].firstRange(of: "\n  }\n")?.upperBound)
    #expect(throws: Never.self) { try Class.course(String(text[start..<end])) }
  }
}
