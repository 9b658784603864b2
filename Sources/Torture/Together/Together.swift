import ArgumentParser
import Foundation
import NumberText
import Training
import Workbench

/// `torture together`: two of everything on one folder, and a clone in odd places.
struct Together: TorturePart {
  static let name = "together"
  static let configuration = CommandConfiguration(
    commandName: "together", abstract: "Two programs on one folder; clones that were moved, renamed, locked.",
    discussion: """
      EXAMPLES
        torture together
      """)

  @OptionGroup var options: TortureOptions

  /// What was tried, in the order of the report.
  private struct Case {
    var name: String
    var tries: Int
    var words: [String]
  }

  func attempt(_ experiment: inout Experiment) throws -> [String] {
    let work = NSTemporaryDirectory() + "torture-together-\(getpid())"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    chmod(work, 0o777)
    defer { try? FileManager.default.removeItem(atPath: work) }
    var cases: [Case] = []
    let versions = options.common.quick ? 20 : 120
    var reads = 0
    for (place, subject) in WriterSubject.all.enumerated() {
      let (read, words) = try TwoWriters.attempt(subject, versions: versions, work: "\(work)/two-\(place)")
      reads += read
      cases.append(Case(name: "two write one \(subject.name)", tries: 2 * versions, words: words))
    }
    // Without the other programs (a run of this one alone) what they do together is left out, and the table says so.
    let programs = Programs()
    var left: [String] = []
    if programs.path("train-cnn") != nil {
      cases.append(try trainers(programs, work))
    } else {
      left.append("train-cnn")
    }
    if let root = Programs.root, programs.path("workbook") != nil, programs.path("exercise-host") != nil {
      if !options.common.quick { cases += try learners(programs, root, work) }
    } else {
      left.append("workbook")
    }
    return show(cases, reads, left, &experiment)
  }

  private func show(_ cases: [Case], _ reads: Int, _ left: [String], _ experiment: inout Experiment)
    -> [String]
  {
    var table = Table("Together", columns: ["what", "tries", "as it must be"])
    for one in cases { table.add(one.name, grouped(one.tries), one.words.isEmpty ? "yes" : "no") }
    for name in left { table.add("what \(name) does (it is not built)", "0", "left out") }
    experiment.show(
      table,
      note:
        "While two were writing, a third read \(grouped(reads)) times, and found all of it whole each time.")
    experiment.metrics["cases"] = Double(cases.count)
    experiment.metrics["right"] = Double(cases.filter(\.words.isEmpty).count)
    experiment.metrics["reads_meanwhile"] = Double(reads)
    experiment.metrics["left_out"] = Double(left.count)
    return cases.flatMap(\.words)
  }

  /// Two runs of one training into one folder: the second is refused, or begins when the first has ended. The weights are
  /// those of one run, and the log has each step once.
  private func trainers(_ programs: Programs, _ work: String) throws -> Case {
    let folder = work + "/trained ä ö"
    let line = ["--quick", "--epochs", "1", "--output", folder]
    let children = try (0..<2).map { try programs.start("train-cnn", line, words: "\(work)/trainer-\($0)") }
    var words: [String] = []
    var done = 0
    for (place, child) in children.enumerated() {
      let end = child.wait(240) ?? child.kill()
      let said = (try? String(contentsOfFile: "\(work)/trainer-\(place)", encoding: .utf8)) ?? ""
      if end == .exited(0) {
        done += 1
      } else if end != .exited(1) || !said.contains("another run is at work in this folder") {
        words.append("two trainers: \(end): \(said.suffix(300))")
      }
    }
    if done == 0 { words.append("two trainers: none has come to its end") }
    let alone = try programs.run(
      "train-cnn", Array(line.dropLast()) + [work + "/alone"], words: work + "/trainer", seconds: 240)
    if !alone.isDone { words.append("a trainer alone: \(alone.end) \(alone.words.suffix(300))") }
    func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }
    if bytes(folder + "/weights.safetensors") == nil
      || bytes(folder + "/weights.safetensors") != bytes(work + "/alone/weights.safetensors")
    {
      words.append("two trainers: the weights are not those of one")
    }
    let steps = TrainingLog.rows(of: folder + "/log.csv").map(\.step)
    let expected = TrainingLog.rows(of: work + "/alone/log.csv").map(\.step)
    if steps != expected || steps.isEmpty {
      words.append("two trainers: the log has \(steps.count) steps of \(expected.count)")
    }
    let left = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasPrefix(".")
    }
    if !left.isEmpty { words.append("two trainers: left behind: \(left)") }
    return Case(name: "two trainers, one folder", tries: 2, words: words)
  }

  /// Learners' and instructors' commands, in clones at odd places.
  private func learners(_ programs: Programs, _ root: String, _ work: String) throws -> [Case] {
    var cases: [Case] = []
    var clone = try Clone(of: root, at: work + "/first")
    let said = work + "/said"
    func check(_ clone: Clone, user: Int? = nil) throws -> Programs.Outcome {
      try programs.run("workbook", ["check", "1.1"], words: said, root: clone.root, in: "/", user: user)
    }
    func expectPassed(_ name: String, _ outcome: Programs.Outcome) -> Case {
      let isRight = outcome.isDone && outcome.words.contains("4 of 4")
      return Case(
        name: name, tries: 1, words: isRight ? [] : ["\(name): \(outcome.end): \(outcome.words.suffix(600))"])
    }
    try clone.answer()

    // Two runners: both see their verdict, and the progress has both attempts.
    let children = try (0..<2).map {
      try programs.start(
        "workbook", ["check", "1.1"], words: "\(work)/runner-\($0)", root: clone.root, in: "/")
    }
    var words: [String] = []
    for (place, child) in children.enumerated() {
      let end = child.wait(120) ?? child.kill()
      let text = (try? String(contentsOfFile: "\(work)/runner-\(place)", encoding: .utf8)) ?? ""
      if end != .exited(0) { words.append("two runners: \(end): \(text.suffix(400))") }
    }
    let progress =
      (try? String(contentsOfFile: clone.root + "/Exercises/Yours/progress.json", encoding: .utf8)) ?? ""
    if progress.firstMatch(of: /"attempts"\s*:\s*2\b/) == nil {
      words.append("two runners: not two attempts: \(progress)")
    }
    cases.append(Case(name: "two runners, one learner", tries: 2, words: words))

    // Moved, under a name with spaces and umlauts.
    let place = work + "/Übung & Größe/wörk büch"
    try FileManager.default.createDirectory(
      atPath: URL(filePath: place).deletingLastPathComponent().path, withIntermediateDirectories: true)
    guard rename(clone.root, place) == 0 else { throw Fault("\(place): \(String(cString: strerror(errno)))") }
    clone = Clone(alreadyAt: place)
    cases.append(expectPassed("a clone that was moved and renamed", try check(clone)))

    // A file in another encoding is kept by `reset`, byte by byte.
    let latin = Array(Clone.answer.utf8).split(separator: Array("é".utf8)).joined(separator: [0xE9])
    try clone.answer(Array(latin))
    let reset = try programs.run("workbook", ["reset", "1.1"], words: said, root: clone.root, in: "/")
    let backups = clone.root + "/Exercises/Yours/Backups/01-BigAndSmall"
    let kept = ((try? FileManager.default.contentsOfDirectory(atPath: backups)) ?? []).contains {
      FileManager.default.contents(atPath: backups + "/" + $0) == Data(latin)
    }
    cases.append(
      Case(
        name: "reset of a file in Latin-1", tries: 1,
        words: reset.isDone && kept ? [] : ["reset lost a file: \(reset.words)"]))

    cases.append(try builds(programs, clone, work))
    cases.append(try graders(programs, clone, work))
    if geteuid() == 0, access("/usr/bin/setpriv", X_OK) == 0 {
      try clone.answer()
      chmod(work, 0o755)
      clone.setWritable(true)
      try? FileManager.default.removeItem(atPath: clone.root + "/Exercises/Yours/progress.json")
      cases.append(expectPassed("a clone on another user's account", try check(clone, user: 65534)))
      clone.setWritable(false)
      let outcome = try check(clone, user: 65534)
      var one = expectPassed("a clone that may not be written to", outcome)
      // The verdict, and one plain line on the progress.
      if outcome.words.components(separatedBy: "progress is not kept").count != 2
        || outcome.words.contains("NSCocoa")
      {
        one.words.append("\(one.name): \(outcome.words.suffix(600))")
      }
      cases.append(one)
      clone.setWritable(true)
    }
    return cases
  }

  /// Two builds of the book at once: each page as one of them would make it.
  private func builds(_ programs: Programs, _ clone: Clone, _ work: String) throws -> Case {
    // A page that is to be filled in anew.
    let page = clone.root + "/Book/03-pooling.md"
    let right = try String(contentsOfFile: page, encoding: .utf8)
    let spoiled = right.replacing(/(-->)[0-9.,]+( %)?(<!--\/-->)/) { "\($0.1)0\($0.2 ?? "")\($0.3)" }
    try spoiled.write(toFile: page, atomically: true, encoding: .utf8)
    let children = try (0..<2).map {
      try programs.start(
        "workbook", ["book", "03-pooling"], words: "\(work)/book-\($0)", root: clone.root, in: "/")
    }
    var words: [String] = []
    for (place, child) in children.enumerated() {
      let end = child.wait(120) ?? child.kill()
      let text = (try? String(contentsOfFile: "\(work)/book-\(place)", encoding: .utf8)) ?? ""
      if case .signaled = end { words.append("two book builds: \(end): \(text.suffix(300))") }
    }
    let after = try String(contentsOfFile: page, encoding: .utf8)
    if spoiled == right { words.append("two book builds: the page has no number to fill in") }
    if after != right { words.append("two book builds: the page is not as one build makes it") }
    return Case(name: "two builds of the book", tries: 2, words: words)
  }

  /// Two graders on one folder of marks: one marks, the other says why it does not; each mark is there once.
  private func graders(_ programs: Programs, _ clone: Clone, _ work: String) throws -> Case {
    let submissions = work + "/handed in"
    let answer = submissions + "/ada/" + Clone.file
    try FileManager.default.createDirectory(
      atPath: URL(filePath: answer).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Clone.answer.write(toFile: answer, atomically: true, encoding: .utf8)
    let line = ["grade", submissions, "--exercise", "1.1", "--sandbox", "none", "--jobs", "1"]
    let children = try (0..<2).map {
      try programs.start("workbook", line, words: "\(work)/grader-\($0)", root: clone.root, in: work)
    }
    var words: [String] = []
    let ends = children.map { $0.wait(240) ?? $0.kill() }
    let texts = (0..<2).map { (try? String(contentsOfFile: "\(work)/grader-\($0)", encoding: .utf8)) ?? "" }
    let refused = zip(ends, texts).filter { $0 == .exited(1) && $1.contains("is writing marks there") }.count
    let done = ends.filter { $0 == .exited(0) }.count
    // Where one was done before the other began, both have marked.
    if done == 0 || done + refused != 2 {
      words.append("two graders: \(ends): \(texts.map { $0.suffix(300) })")
    }
    let table = (try? String(contentsOfFile: submissions + "-marks/marks.csv", encoding: .utf8)) ?? ""
    let lines = table.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("ada") }
    if lines.count != 1 { words.append("two graders: \(lines.count) lines of one learner in the table") }
    return Case(name: "two graders, one folder of marks", tries: 2, words: words)
  }
}

extension Clone {
  /// A copy that is there already.
  init(alreadyAt root: String) { self.root = root }
}
