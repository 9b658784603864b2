import Foundation

/// What is held of every exercise: it can be solved, it cannot be passed by mistake, and it is complete.
///
/// Each function gives what is wrong, in sentences for the author; an empty list is a proof. The tests hold all exercises
/// to it, and `./workbook dev check` one.
public struct ExerciseProof: Sendable {
  /// The exercise that is held to it.
  public let entry: Catalogue.Entry
  private let examined: @Sendable (_ text: String) async throws -> Verdict

  /// - Parameters:
  ///   - entry: The exercise that is held to it.
  ///   - examined: Examines a text as the learner's file.
  public init(
    of entry: Catalogue.Entry,
    examining examined: @escaping @Sendable (_ text: String) async throws -> Verdict
  ) {
    self.entry = entry
    self.examined = examined
  }

  /// A proof that compiles in a temporary folder. Nothing of a learner's is touched.
  public init(of entry: Catalogue.Entry, with toolchain: Toolchain) {
    self.init(of: entry) { text in
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "workbook-proof-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "\(entry.name).swift")
      try Data(text.utf8).write(to: file)
      return try await entry.examine(file, with: toolchain)
    }
  }
}

extension ExerciseProof {
  /// Title, hints, mistakes, points, section, and what it says of the effort.
  public func completeness() throws -> [String] {
    let exercise = entry.exercise
    let text = try entry.markedSource().text
    let head = text.prefix(400)
    let own = try String(
      contentsOf: entry.folder.appending(path: "\(entry.name)Exercise.swift"), encoding: .utf8)
    return problems(
      (!text.contains("TODO") && !own.contains("TODO"), "something is still to be written: look for TODO"),
      (exercise.hints.count == 3, "there are three hints: an idea, the formula, nearly the code"),
      (exercise.hints.allSatisfy { $0.count >= 20 }, "a hint has at least 20 characters"),
      (exercise.mistakeCount >= 3, "there are at least three known mistakes"),
      (exercise.hasChecksWithPoints, "each check has a text and points"),
      ((1...5).contains(exercise.difficulty), "difficulty is a number from 1 to 5"),
      (exercise.minutes >= 5 && exercise.minutes.isMultiple(of: 5), "minutes are a multiple of 5"),
      (!exercise.title.isEmpty && exercise.title.count <= 46, "the title has at most 46 characters"),
      (
        exercise.section.wholeMatch(of: /(\d+)\.[1-9]\d*/).flatMap { Int($0.1) } == entry.chapter,
        "the section is one of the chapter, such as \(entry.chapter).2, and not \(exercise.section)"
      ),
      (
        head.hasPrefix("// \(entry.id)  \(exercise.title)"),
        "\(entry.name).swift begins with: // \(entry.id)  \(exercise.title)"
      ),
      (
        head.contains("chapter \(entry.chapter), section \(exercise.section)"),
        "the first line says: (the book: chapter \(entry.chapter), section \(exercise.section))"
      ))
  }

  /// The marks in the source, and that nothing of our answer is in the learner's file.
  public func source() throws -> [String] {
    let source = try entry.markedSource()
    guard source.isMarked else { return ["the source needs // BEGIN SOLUTION and // END SOLUTION, in pairs"] }
    let stub = source.stub.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let isFault = entry.exercise.kind == .findTheFault
    // Statement by statement, for a part of a line gives an answer away as well. What a fault moved elsewhere, or what
    // it shares with the right line, is no secret.
    let secret = Set(
      source.solutionLines.flatMap { $0.split { "{};".contains($0) } }
        .map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { line in line.count >= 12 && !(isFault && stub.contains { $0.contains(line) }) })
    let shown = secret.filter { code in stub.contains { $0.contains(code) } }
    return problems(
      (isFault || !secret.isEmpty, "there is a solution between the marks"),
      (shown.isEmpty, "the learner's file contains: \(shown.sorted().joined(separator: " | "))"),
      (!source.stub.contains("SOLUTION") && !source.solution.contains("SOLUTION"), "no marks are left over"),
      (
        isFault != source.stub.contains("throw Unfinished()"),
        isFault
          ? "a program with a fault stands complete after // INSTEAD, and does not throw Unfinished"
          : "the learner's file throws Unfinished"
      ), (!isFault || source.stub != source.solution, "the program is given with a fault in it"))
  }

  /// Our answer passes, called in this process.
  public func solutionInProcess() throws -> [String] {
    let judgement = entry.exercise.judgeSolution()
    return problems(
      (judgement.isPassed, "the solution fails: \(described(judgement))"),
      (!judgement.isPassed || judgement.points == entry.exercise.points, "the solution gets all points"))
  }

  /// Each known mistake fails, is complete and of the right shape, and is told from all others.
  public func mistakes() throws -> [String] { try entry.exercise.problemsOfMistakes() }

  /// Our answer passes as a learner would have written it: compiled alone, with only what is allowed, in the host.
  public func solutionInHost() async throws -> [String] {
    let verdict = try await examined(entry.markedSource().solution)
    return problems(
      (verdict.state == .passed, "the solution in the host: \(described(verdict))"),
      (verdict.state != .passed || verdict.points == entry.exercise.points, "the solution gets all points"),
      (verdict.warnings.isEmpty, "the solution has warnings: \(verdict.warnings)"))
  }

  /// What the learner is given compiles without warnings and is told from an answer. A program with a fault is rejected
  /// by the name of its first known mistake as soon as anything was changed in it.
  public func stub() async throws -> [String] {
    let stub = try entry.markedSource().stub
    let verdict = try await examined(stub)
    var found = problems(
      (
        verdict.state == .notStarted, "the learner's file as given: \(described(verdict)), not as not started"
      ),
      (verdict.points == 0, "the learner's file as given gets points"),
      (verdict.warnings.isEmpty, "the learner's file has warnings: \(verdict.warnings)"))
    if entry.exercise.kind == .findTheFault {
      let touched = try await examined(stub + "\n// Looked at.\n")
      let expected = entry.exercise.mistakeNames.first ?? ""
      found += problems(
        (
          touched.state == .wrong && touched.mistake?.name == expected,
          "the program as given, with a comment added, must be rejected as \"\(expected)\": \(described(touched))"
        ),
        (
          touched.judgement?.curves.isEmpty == false,
          "the learner sees no curve: a check must call trial.plot"
        ))
    } else {
      found += problems(
        (verdict.judgement?.isUnfinished == true, "the learner's file does not throw Unfinished"))
    }
    return found
  }

  private func problems(_ statements: (holds: Bool, statement: String)...) -> [String] {
    statements.filter { !$0.holds }.map { "\(entry.id): \($0.statement)" }
  }

  private func described(_ verdict: Verdict) -> String {
    "\(verdict.state)"
      + (verdict.problem.map { ": \($0)" } ?? verdict.mistake.map { ": \($0.name)" }
        ?? verdict.judgement.map { ": " + described($0) } ?? "")
  }

  private func described(_ judgement: Judgement) -> String {
    judgement.failure.map { FailureText($0).lines.joined(separator: "\n") } ?? ""
  }
}

extension Exercise {
  fileprivate var hasChecksWithPoints: Bool {
    !checks.isEmpty && checks.allSatisfy { $0.points > 0 && !$0.text.isEmpty }
  }

  fileprivate var mistakeNames: [String] { mistakes.map(\.name) }

  fileprivate func judgeSolution() -> Judgement { judge(solution) }

  fileprivate func problemsOfMistakes() throws -> [String] {
    var found: [String] = []
    if Set(mistakeNames).count != mistakes.count { found.append("two known mistakes have the same name") }
    let known = KnownMistakes(of: self)
    for (index, mistake) in mistakes.enumerated() {
      let judgement = known.judgement(of: index)
      let taken = known.mistake(behind: judgement)?.name
      if judgement.isPassed { found.append("\(mistake.name): passes") }
      if !judgement.isPassed && taken != mistake.name {
        found.append("\(mistake.name): is taken for \(taken ?? "none that is known")")
      }
      if let kind = judgement.failure?.difference.kind, kind != .number, kind != .statement {
        found.append("\(mistake.name): fails by \(kind), and should give complete but wrong numbers")
      }
      if judgement.lines.contains(where: { $0.layer == .shape && !$0.isPassed }) {
        found.append("\(mistake.name): has another shape")
      }
      if mistake.advice.count < 20 {
        found.append("\(mistake.name): the advice has fewer than 20 characters")
      }
    }
    return found
  }
}
