import CExerciseHost
import ExerciseChannel
import Formats
import Foundation

extension Catalogue.Entry {
  /// Compiles a learner's file, runs it in a process of its own and says what came of it.
  ///
  /// Throws only when the examination itself cannot take place, never for what the learner's code does.
  ///
  /// - Parameters:
  ///   - file: The learner's file.
  ///   - toolchain: The compiler and the engine's modules, confined where strangers' code is marked.
  ///   - seconds: The processor time allowed, when it is not the exercise's own.
  ///   - waiting: The time that may pass in all. On a busy machine a program may get a fraction of a core, so this limit is
  ///     usually wider.
  public func examine(
    _ file: URL, with toolchain: Toolchain, seconds: Int? = nil, waiting: Int? = nil
  ) async throws -> Verdict {
    let given = exercise.kind == .findTheFault ? try markedSource().stub : nil
    return try await exercise.examine(
      file, given: given, with: toolchain, seconds: seconds, waiting: waiting, without: withheld)
  }
}

extension Exercise {
  /// - Parameters:
  ///   - given: The program that the learner was given, where it shows by no `Unfinished` that nothing was done yet.
  ///   - seconds: The processor time allowed, when it is not the exercise's own.
  ///   - waiting: The time that may pass in all. On a busy machine a program may get a fraction of a core, so this limit
  ///     is usually wider.
  fileprivate func examine(
    _ file: URL, given: String?, with toolchain: Toolchain, seconds limit: Int?, waiting: Int?,
    without withheld: Set<String>
  ) async throws -> Verdict {
    let limit = limit ?? secondsAllowed
    _ = Examination.ignoreBrokenPipes
    _ = Examination.hideMemory
    _ = Examination.removeLeftovers
    let folder = Examination.newFolder()
    try AtomicFile.createFolder(folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }

    let clock = ContinuousClock()
    var seconds = Verdict.Seconds()
    let start = clock.now
    let build: LearnerBuild
    do {
      build = try await LearnerBuild(
        file: file, functions: functions, allowed: allowed, isOptimized: isOptimized, toolchain: toolchain,
        into: folder)
    } catch let problem as LearnerBuild.Problem {
      seconds.build = (clock.now - start).seconds
      return verdict(on: problem, file: file, seconds: seconds)
    }
    let warnings = build.diagnostics.map(\.text).joined(separator: "\n")
    seconds.build = (clock.now - start).seconds

    var process = LearnerProcess(
      host: toolchain.host, library: build.library, seconds: limit, waiting: waiting ?? 3 * limit + 8,
      bytes: mebibytesAllowed << 20, sandbox: toolchain.sandbox)
    let (result, end) = try await process.ask { learner in
      let answer = self.answer(of: learner)
      let judgement = self.judge(answer, without: withheld)
      let call = learner.lastCall
      return (judgement, call, self.imageFailure(of: answer, after: judgement))
    }
    seconds.run = (clock.now - start).seconds - seconds.build
    let (judgement, call, image) = try result.get()

    if let stopped = judgement.stopped {
      let report = await StopReport(
        stopped, end: end, exercise: self, seconds: limit, build: build, toolchain: toolchain)
      return Verdict(
        .stopped, of: file, judgement: judgement, problem: report.text, call: call, line: report.line,
        printed: report.printed, warnings: warnings, seconds: seconds)
    }
    if judgement.isPassed && build.keepsState {
      process.asksBefore = true
      let kept = try await judgementOfKeptAnswers(process, without: withheld)
      seconds.run = (clock.now - start).seconds - seconds.build
      if let kept {
        return Verdict(
          .wrong, of: file, judgement: kept, mistake: keptMistake, printed: end.printed, warnings: warnings,
          seconds: seconds)
      }
    }
    let isUntouched = given.map { Self.isSame(build.source, as: $0) } ?? judgement.isUnfinished
    let known = KnownMistakes(of: self, without: withheld)
    let mistake = isUntouched ? nil : known.mistake(behind: judgement)
    return Verdict(
      isUntouched ? .notStarted : judgement.isPassed ? .passed : .wrong, of: file,
      judgement: judgement, image: image,
      mistake: mistake.map { mistake in
        (
          mistake.name,
          known.isCertain(mistake, behind: judgement)
            ? mistake.advice : "Often this is the reason: \(mistake.advice)"
        )
      }, printed: end.printed, warnings: warnings,
      seconds: seconds)
  }

  private var keptMistake: (name: String, advice: String) {
    (
      "kept from call to call",
      """
      Called once, your answer is right. Called twice in a row with other numbers in the same shapes, it gives something \
      of the first call again: does a variable outside the function keep what was worked out before?
      """
    )
  }

  /// Asks an answer that passed once more, in a new process, and before each call the same with other numbers: nil where
  /// that changes nothing, else the judgement.
  ///
  /// What trains is not asked again. An answer that stops at numbers that no check has given it is not blamed for that.
  private func judgementOfKeptAnswers(_ process: LearnerProcess, without withheld: Set<String>) async throws
    -> Judgement?
  {
    guard checks.contains(where: { $0.layer < .training }) else { return nil }
    let (result, _) = try await process.ask { learner in
      self.judge(self.answer(of: learner), upTo: .gradients, without: withheld)
    }
    let judgement = try result.get()
    return judgement.stopped == nil && judgement.failure != nil ? judgement : nil
  }

  /// Whether a file has a text, white space at the ends of lines aside.
  private static func isSame(_ file: URL, as text: String) -> Bool {
    func trimmed(_ lines: [Substring]) -> [String] {
      lines.map { $0.trimmingSuffix { $0 == " " } }.filter { !$0.isEmpty }
    }
    return trimmed(lines(of: file)) == trimmed(text.split(whereSeparator: \.isNewline))
  }

  private func verdict(on problem: LearnerBuild.Problem, file: URL, seconds: Verdict.Seconds) -> Verdict {
    switch problem {
    case .diagnostics(let text):
      let line = text.firstMatch(of: /:(\d+):\d+: error/).flatMap { Int($0.1) }
      return Verdict(.doesNotCompile, of: file, problem: text, line: line, seconds: seconds)
    case .unreadable(let reason):
      return Verdict(.doesNotCompile, of: file, problem: reason, seconds: seconds)
    case .compilerStopped(let isLimit):
      return Verdict(
        .doesNotCompile, of: file,
        problem: isLimit
          ? """
          The compiler was stopped: it needed more than \(Toolchain.compilerSeconds) seconds or \
          \(Toolchain.compilerMebibytes) MiB. Something in the file is very large for it: an expression, or a type made
          of types. Write it in several small steps.
          """
          : """
          The compiler itself crashed on this file. That is a fault of the compiler; write what you changed last in
          another way.
          """, seconds: seconds)
    case .otherFunctions(let functions):
      let names = functions.map { $0.prefix { $0 != ":" } }.joined(separator: ", ")
      return Verdict(
        .doesNotCompile, of: file,
        problem: """
          The file must contain \(names) just as the exercise gives it: the same name, the same parameters
          and the same result. `./workbook reset` makes the file anew and keeps yours as a backup.
          """, seconds: seconds)
    case .forbiddenImport(let module, let line):
      return Verdict(
        .doesNotCompile, of: file,
        problem: "You import \(module). An exercise does with Practice, Foundation and the engine.",
        line: line, seconds: seconds)
    case .forbidden(let forbidden, let line) where forbidden.isOutside:
      return Verdict(
        .doesNotCompile, of: file,
        problem: """
          You use \(forbidden.name). An answer calculates: it leaves files, other programs and the system alone.
          """, line: line, seconds: seconds)
    case .forbidden(let forbidden, let line):
      return Verdict(
        .doesNotCompile, of: file,
        problem: """
          You use \(forbidden.name). This exercise is about doing without it.
          It may use \(allowed.sentence).
          """, line: line, seconds: seconds)
    }
  }
}

private enum Examination {
  /// Writing to a process that is gone is an error to handle, not a reason to die.
  static let ignoreBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()

  /// The answers that are expected are in here, and a learner's process is one of the same user.
  static let hideMemory: Void = { _ = host_hide_memory() }()

  private static let files = FileManager.default

  /// A name for the folder of one examination. It says which process made it.
  static func newFolder() -> URL {
    files.temporaryDirectory.appending(path: "workbook-\(getpid())-\(UUID().uuidString)")
  }

  /// Removes the folders of processes that were interrupted or killed.
  static let removeLeftovers: Void = {
    let folder = files.temporaryDirectory
    for name in (try? files.contentsOfDirectory(atPath: folder.path)) ?? [] {
      guard let match = name.wholeMatch(of: /workbook-(\d+)-[0-9A-F-]{36}/), let id = pid_t(match.1),
        kill(id, 0) != 0, errno == ESRCH
      else { continue }
      try? files.removeItem(at: folder.appending(path: name))
    }
  }()
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Substring {
  fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
    String(reversed().drop(while: isDropped).reversed())
  }
}
