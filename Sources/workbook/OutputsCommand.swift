import ArgumentParser
import BookKit
import Classroom
import ExerciseKit
import Formats
import Foundation
import NumberText
import Workbench

struct OutputsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outputs", abstract: "Make the book's figures, tables and results anew.",
    discussion: """
      Runs the chapters' experiments in full, one after the other, for some of them measure time; takes what comes of them \
      into Book/Results; and fills in the pages. Killed, it goes on where it was. Each results.json says which command, \
      seed, version and machine made it.

      EXAMPLES
        workbook outputs                    all chapters: some hours
        workbook outputs 2 3 --standard     two chapters, as `run` runs them
        workbook outputs --quick            can all be made? Nothing in the book is changed
        workbook outputs 3 --check          run again, each as it was when it was committed, and compared: the same bits
                                            on the same kind of processor, elsewhere within 5 % or 0.02; timings never
        workbook outputs --plan             the plan of twelve weeks on the teacher's page, from pages and exercises
        workbook outputs --slides           slides from the pages, into out/slides; nothing is run
      """)

  @Argument(help: "Chapters by number; all when none is given.") var chapters: [Int] = []
  @Flag(help: "Run again and compare with what is committed; nothing is changed.") var check = false
  @Flag(help: "The small versions, to see that all can be made; nothing is changed.") var quick = false
  @Flag(help: "As `run` runs them, rather than in full.") var standard = false
  @Flag(help: "Make slides of the pages: out/slides/NN-name.html.") var slides = false
  @Flag(help: "Only the teacher's plan anew: how long pages and exercises take.") var plan = false
  @Flag(help: "Also what was made already by just these programs.") var again = false
  @Option(help: ArgumentHelp("Only this experiment; may be repeated.", valueName: "name")) var only:
    [String] = []
  @Option(
    help:
      "How many run at a time. They share the cores, so that timings mean nothing: for --quick and --check.")
  var jobs = 1

  func validate() throws {
    if quick && standard { throw ValidationError("--quick and --standard: give one of them") }
    if jobs < 1 { throw ValidationError("--jobs is 1 or more") }
    if jobs > 1 && !quick && !check {
      throw ValidationError("--jobs is for --quick and --check: others measure time")
    }
    if slides && (check || quick) { throw ValidationError("--slides runs nothing: give it alone") }
  }

  private var scale: Scale { quick ? .quick : standard ? .standard : .full }

  /// How much of an experiment is run: as much as when it was committed, where that is to be compared.
  private func scale(_ item: Outputs.Item, _ outputs: Outputs) -> Scale {
    check && !quick && !standard ? outputs.committed(item)?.scale ?? scale : scale
  }

  func run() async throws {
    let root = workbookFolder
    if slides { return try await makeSlides(root) }
    if plan { return try fillIn(root, only: "Book/teaching.md") }
    let programs = try Toolchain(root: root).products
    let outputs = Outputs(root: root, programs: programs)
    try await build(outputs, root, programs)
    let all = try await outputs.items(chapters)
    let items = all.filter { only.isEmpty || only.contains($0.experiment) }
    if items.isEmpty {
      throw CouldNot(
        "there is no such experiment; there are: \(all.map(\.experiment).joined(separator: " "))")
    }
    let work = root.path + "/out/outputs/" + (check ? "check-" : "") + scale.rawValue
    let expected = items.map { outputs.committed($0)?.seconds ?? 30 }
    let start = ContinuousClock.now
    var problems = 0
    var (compared, timings) = (0, 0)
    var isExact = true

    try await withThrowingTaskGroup(of: (Int, Result<Bool, any Error>).self) { group in
      let threads = jobs > 1 ? max(1, ProcessInfo.processInfo.activeProcessorCount / jobs) : nil
      var next = items.indices.makeIterator()
      func add() {
        guard let index = next.next() else { return }
        let item = items[index]
        group.addTask {
          do {
            let folder = work + "/" + item.folder
            let scale = scale(item, outputs)
            let stamp = outputs.stamp(item, scale)
            if !again, (try? String(contentsOfFile: folder + ".done", encoding: .utf8)) == stamp,
              FileManager.default.fileExists(atPath: folder + "/results.json")
            {
              return (index, .success(false))
            }
            try AtomicFile.createFolder(URL(filePath: folder).deletingLastPathComponent().path)
            try await outputs.run(item, scale, to: folder, threads: threads)
            try AtomicFile.write(stamp, to: folder + ".done")
            return (index, .success(true))
          } catch { return (index, .failure(error)) }
        }
      }
      for _ in 0..<jobs { add() }
      var done = 0.0
      var spent = 0.0
      while let (index, outcome) = try await group.next() {
        let item = items[index]
        done += expected[index]
        let left = expected.reduce(0, +) - done
        let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
        if case .success(true) = outcome { spent += expected[index] }
        // As fast as until now; before the first is done, as fast as the machine that made the committed results.
        let time = spent > 0 ? " · about \(clock(left * seconds / spent)) left" : ""
        switch outcome {
        case .failure(let error):
          problems += 1
          print("✗ \(item.folder.padded(to: 40)) \(error)")
        case .success(let isNew):
          print("\(isNew ? "✓" : "·") \(item.folder.padded(to: 40)) \(isNew ? "made" : "was made")\(time)")
          if check {
            let (count, times, exact, found) = compare(item, outputs, work + "/" + item.folder, root)
            (compared, timings, isExact) = (compared + count, timings + times, isExact && exact)
            for difference in found { print("    ✗ \(difference)") }
            problems += found.count
          } else if !quick {
            try outputs.take(item, from: work + "/" + item.folder)
          }
        }
        fflush(nil)
        add()
      }
    }
    if check {
      print(
        "\(counted(compared, "figure")) compared, \(isExact ? "bit for bit" : "within 5 % or 0.02, for they come from another processor, or one that is not known well enough"); "
          + "\(counted(timings, "timing")) not compared")
    } else if !quick {
      try fillIn(root)
    }
    if problems > 0 { throw CouldNot("\(counted(problems, "problem")): see above") }
  }

  private func compare(_ item: Outputs.Item, _ outputs: Outputs, _ folder: String, _ root: URL)
    -> (Int, Int, Bool, [String])
  {
    guard let committed = outputs.committed(item) else { return (0, 0, true, ["nothing is committed of it"]) }
    guard
      let new = try? JSONDecoder().decode(
        Results.self, from: Data(contentsOf: URL(filePath: folder + "/results.json")))
    else { return (0, 0, true, ["results.json cannot be read"]) }
    let comparison = OutputComparison(
      committed, new, committedFolder: root.path + "/Book/Results/" + item.folder, newFolder: folder)
    return (comparison.compared, comparison.timings, comparison.isExact, comparison.differences)
  }

  /// Builds the chapters' programs where they are not there yet.
  private func build(_ outputs: Outputs, _ root: URL, _ programs: URL) async throws {
    let isRelease = programs.lastPathComponent == "release"
    for chapter in try outputs.chapters() where chapters.isEmpty || chapters.contains(chapter.number) {
      if !isRelease && FileManager.default.isExecutableFile(atPath: programs.path + "/" + chapter.program) {
        continue
      }
      Terminal.error("building \(chapter.program) …")
      let (built, words) = try await output(
        of: URL(filePath: "/usr/bin/env"),
        [
          "swift", "build", "--package-path", root.path, "-c", isRelease ? "release" : "debug", "--product",
          chapter.program,
        ])
      if !built { throw CouldNot("\(chapter.program) does not build:\n\(words.suffix(2000))") }
    }
    let known = Set(try outputs.chapters().map(\.number))
    if let other = chapters.first(where: { !known.contains($0) }) {
      throw CouldNot("there is no chapter \(other) with experiments")
    }
  }

  private func fillIn(_ root: URL, only page: String? = nil) throws {
    let plan = try TeachingPlan.results(Catalogue(root: root), root, command: "outputs --plan")
    try plan.write(to: OutputFolder(root.path + "/Book/Results/teaching/plan"))
    let book = try Book(root: root)
    var written = 0
    for path in page.map({ [$0] }) ?? book.pages {
      let page = try book.filled(path)
      for problem in page.problems { print("  \(problem)") }
      if try book.write(page) { written += 1 }
    }
    print(
      "\(counted(written, "page")) filled in anew. ./workbook book --check compares pages, results and sources."
    )
  }

  private func makeSlides(_ root: URL) async throws {
    let book = try Book(root: root)
    let pages =
      chapters.isEmpty
      ? book.pages.filter { $0.firstMatch(of: /^Book\/\d\d-/) != nil }
      : try chapters.map { try book.page("\($0)") }
    for path in pages {
      let deck = SlideDeck(try book.read(path), in: root)
      let target = "out/slides/" + URL(filePath: path).deletingPathExtension().lastPathComponent + ".html"
      try AtomicFile.write(try await deck.html(), to: root.path + "/" + target, creatingFolders: true)
      print(target)
    }
  }
}
