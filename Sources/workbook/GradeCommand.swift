import ArgumentParser
import Classroom
import ExerciseKit
import Foundation
import NumberText
import class Workbench.Progress

/// Which course, where it matters.
struct CourseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The course: dates, points, hidden checks (see release --help).", valueName: "file"))
  var course: String?

  func plan(_ catalogue: Catalogue) throws -> CoursePlan {
    try CoursePlan(course.map { try Course(file: URL(filePath: $0)) } ?? Course(), in: catalogue)
  }
}

struct GradeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Mark what learners have handed in.",
    discussion: """
      DIR holds one folder or zip file for each submission: ada.zip, grace/, or several of one learner with their times, \
      ada@2026-10-12T20-15-00Z.zip. Each exercise of each is compiled and run by itself, in a sandbox (bubblewrap) \
      without network, files or other processes; what is right is decided here. A marking that was killed goes on where \
      it was. What a person decides stands in corrections.json among the marks, and no marking writes to that file:

        [ { "learner": "ada", "exercise": "2.3", "mark": 4.5, "comment": "The idea is right." } ]

      EXAMPLES
        workbook grade handed-in                       marks in handed-in-marks/
        workbook grade handed-in --course course.json --jobs 8
        workbook grade handed-in --exercise 2.3        one exercise anew, for all
        workbook grade my-answers --single             one submission: a grading service's container

      MANY MACHINES
        Slurm   sbatch --array=1-8 --wrap './workbook grade handed-in --output marks --shard $SLURM_ARRAY_TASK_ID/8'
        MPI     mpirun -n 8 sh -c './workbook grade handed-in --output marks --shard $((OMPI_COMM_WORLD_RANK+1))/8'
        then    ./workbook merge marks

      Exit code 0 when all was marked as far as it can be, also where submissions are broken; 1 when marking itself \
      could not be done.
      """)

  @OptionGroup var courseOptions: CourseOptions
  @Argument(help: "The folder with the submissions.") var dir: String
  @Option(help: ArgumentHelp("Where the marks go (default: DIR-marks).", valueName: "dir")) var output:
    String?
  @Option(help: "How many answers are compiled and run at a time (default: one for each core).") var jobs:
    Int?
  @Option(help: ArgumentHelp("Mark this exercise anew for all, or a chapter's.", valueName: "id"))
  var exercise: [String] = []
  @Option(help: ArgumentHelp("Only a part of the submissions: part I of N.", valueName: "I/N")) var shard:
    String?
  @Option(help: "auto: a sandbox where there can be one; required: else nothing is marked; none.")
  var sandbox = SandboxChoice.auto
  @Flag(help: "DIR is itself one submission.") var single = false

  enum SandboxChoice: String, ExpressibleByArgument, CaseIterable { case auto, required, none }

  private static let worker = "WORKBOOK_MARKS"

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs is 1 or more") }
    if shard != nil, part == nil { throw ValidationError("--shard is written 3/8: the third of eight parts") }
  }

  private var part: (index: Int, count: Int)? {
    guard let match = shard?.wholeMatch(of: /(\d+)\/(\d+)/), let index = Int(match.1),
      let count = Int(match.2),
      count >= 1, (1...count).contains(index)
    else { return nil }
    return (index, count)
  }

  private var marks: String {
    let folder = output ?? (dir.hasSuffix("/") ? String(dir.dropLast()) : dir) + "-marks"
    return part.map { "\(folder)/shards/\($0.index)-of-\($0.count)" } ?? folder
  }

  private func submissions() throws -> [Submission] {
    let all = single ? [Submission(alone: dir)] : try Submission.all(in: dir)
    guard let part else { return all }
    return all.filter { $0.isOf(shard: part.index, of: part.count) }
  }

  func run() async throws {
    let root = workbookFolder
    let plan = try courseOptions.plan(try Catalogue(root: root))
    let store = try MarkStore(folder: marks)
    let again =
      exercise.isEmpty ? nil : Set(try exercise.flatMap { try Catalogue(root: root).select($0).map(\.id) })
    if ProcessInfo.processInfo.environment[Self.worker] != nil {
      return try await mark(plan, store, again, root)
    }
    let lock = try MarkLock(folder: marks)
    try store.settle(afterCrash: false)
    let all = try submissions()
    if all.isEmpty && part == nil { throw CouldNot("\(dir): there is nothing in it to mark") }
    try await supervise(store)
    let marks = try ClassMarks(store, plan: plan, of: all)
    let files = try MarkFiles.write(marks, to: self.marks)
    withExtendedLifetime(lock) { show(marks, files) }
  }

  /// Marks in a process of its own, and again when that process ends by a fault: a judge that stops at one answer must not
  /// take the others with it.
  private func supervise(_ store: MarkStore) async throws {
    let program = try Toolchain(root: workbookFolder).products.appending(path: "workbook")
    for _ in 0..<1000 {
      let process = Process()
      process.executableURL = program
      process.arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
      process.environment = ProcessInfo.processInfo.environment.merging([Self.worker: "1"]) { $1 }
      // When this process is gone, however it ended, the other reads the end of its input and goes as well.
      let life = Pipe()
      process.standardInput = life
      // `waitUntilExit` looks again and again, and costs a fifth of a core for as long as the marking goes on.
      try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        process.terminationHandler = { _ in done.resume() }
        do { try process.run() } catch { done.resume(throwing: error) }
      }
      withExtendedLifetime(life) {}
      if process.terminationReason == .exit {
        if process.terminationStatus == 0 { return }
        throw ExitCode(process.terminationStatus)
      }
      if [SIGINT, SIGTERM, SIGHUP].contains(process.terminationStatus) { throw ExitCode(1) }
      tell(
        "note: the judge stopped (signal \(process.terminationStatus)) and goes on with the other answers\n")
      try store.settle(afterCrash: true)
    }
    throw CouldNot("the judge stops again and again; what is marked is kept")
  }

  private func mark(_ plan: CoursePlan, _ store: MarkStore, _ again: Set<String>?, _ root: URL) async throws {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR {}
      _exit(1)
    }
    var toolchain = try Toolchain(root: root)
    if sandbox != .none {
      do { toolchain = toolchain.confined(by: try await Sandbox(toolchain)) } catch let missing
        as Sandbox.Missing
      {
        if sandbox == .required { throw CouldNot("no sandbox: \(missing.description)") }
        tell(
          """
          note: no sandbox: \(missing.description). Answers run with limits on time, memory, files and system calls alone, \
          and under your own name.

          """)
      }
    }
    let grading = Grading(
      plan, with: toolchain, into: store, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      again: again)
    var progress: Progress?
    let start = ContinuousClock.now
    let count = try await grading.mark(try submissions()) { state in
      progress = progress ?? Progress("marking", total: state.total, unit: "answers")
      progress?.update(state.done, note: state.last.inOneLine)
    }
    let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
    Progress.clearLine()
    tell(
      count == 0
        ? "all was marked before\n"
        : "\(counted(count, "answer")) marked in \(clock(seconds)), \(grouped(Double(count) * 60 / max(seconds, 0.001))) a minute\n"
    )
  }

  private func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private func show(_ marks: ClassMarks, _ files: [(file: String, meaning: String)]) {
    showMarks(marks, files, in: self.marks)
    if part != nil { print("\nWhen all parts are done: ./workbook merge \(output ?? dir + "-marks")") }
  }
}

/// The class in a few lines, and where everything lies.
func showMarks(_ marks: ClassMarks, _ files: [(file: String, meaning: String)], in folder: String) {
  let unmarked = marks.learners.filter { !$0.problems.isEmpty }
  let mean =
    marks.learners.isEmpty ? 0 : marks.learners.reduce(0) { $0 + $1.total } / Double(marks.learners.count)
  print(
    "\(counted(marks.learners.count, "learner")), \(counted(marks.plan.entries.count, "exercise")), on average "
      + "\(fixed(mean, 1)) of \(fixed(marks.possible, 1)) points")
  for learner in unmarked.prefix(20) {
    print("  could not be marked: \(learner.name.inOneLine): \(learner.problems.joined(separator: "; "))")
  }
  if unmarked.count > 20 { print("  … and \(unmarked.count - 20) more; see summary.html") }
  for correction in marks.unused {
    print("  a correction is about nobody: \(correction.learner.inOneLine) \(correction.exercise ?? "")")
  }
  print("\n\(folder)/")
  for (file, meaning) in files { print("  \(file.padded(to: 14)) \(meaning)") }
}

struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Bring together the marks of several machines.",
    discussion: """
      EXAMPLES
        workbook merge marks                                 the parts that lie in marks/shards
        workbook merge marks --from machine-a --from machine-b
      """)

  @OptionGroup var courseOptions: CourseOptions
  @Argument(help: "Where the marks go; its own parts are in shards/.") var dir: String
  @Option(help: ArgumentHelp("A folder of marks from elsewhere; may be repeated.", valueName: "dir"))
  var from: [String] = []

  func run() async throws {
    let plan = try courseOptions.plan(try Catalogue(root: workbookFolder))
    let parts = ((try? FileManager.default.contentsOfDirectory(atPath: dir + "/shards")) ?? []).sorted()
      .filter { !$0.hasPrefix(".") }.map { "\(dir)/shards/\($0)" }
    let folders = parts + from
    if folders.isEmpty {
      throw CouldNot("\(dir)/shards: there are no parts; name folders of marks with --from")
    }
    let lock = try MarkLock(folder: dir)
    let store = try MarkStore(folder: dir)
    let (count, conflicts) = try Merging.merge(folders, into: store)
    for conflict in conflicts { print("  two parts differ, the better one counts: \(conflict)") }
    let marks = try ClassMarks(store, plan: plan)
    let files = try MarkFiles.write(marks, to: dir)
    withExtendedLifetime(lock) {
      print("\(counted(folders.count, "part")) with \(counted(count, "submission"))")
      showMarks(marks, files, in: dir)
    }
  }
}

struct CollectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect", abstract: "Bring learners' work into one folder, to be marked.",
    discussion: """
      The roster is a table (CSV) with the columns learner, source and, where it is known, time. A source is a folder, a \
      zip file, or a Git repository's address. Only the exercises' files are taken; nothing of a repository is run. What \
      has not changed since it was last collected is left as it is.

        learner,source,time
        ada,https://example.org/ada/workbook.git,
        grace,mail/grace.zip,2026-10-12T20:15:00Z

      EXAMPLES
        workbook collect roster.csv handed-in
      """)

  @OptionGroup var courseOptions: CourseOptions
  @Argument(help: "The roster.") var roster: String
  @Argument(help: "The folder that it goes to.") var dir: String

  func run() async throws {
    let plan = try courseOptions.plan(try Catalogue(root: workbookFolder))
    let sources = try Collecting.roster(roster)
    let collecting = try Collecting(plan, into: dir)
    let progress = Progress("collecting", total: sources.count, unit: "learners")
    var (collected, unchanged, problems) = (0, 0, 0)
    for (index, source) in sources.enumerated() {
      progress.update(index, note: source.learner.inOneLine)
      switch try await collecting.collect(source) {
      case .collected: collected += 1
      case .unchanged: unchanged += 1
      case .problem(let reason):
        problems += 1
        Progress.clearLine()
        print("  \(source.learner.inOneLine): \(reason)")
      }
    }
    Progress.clearLine()
    print("\(collected) collected, \(unchanged) as before, \(problems) could not be read")
    print("Next: ./workbook grade \(dir)")
  }
}
