import ArgumentParser
import ExerciseKit

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check your answer to an exercise.",
    discussion:
      "Without an exercise: the one whose file you saved last. Exit code 0 when it is passed, else 1.")

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file.") var exercise: String?
  @Flag(help: "Check every exercise that you have started.") var all = false
  @Flag(help: "Print an object for programs; with --all, an array.") var json = false

  func validate() throws {
    if all && exercise != nil { throw ValidationError("name an exercise, or say --all, not both") }
  }

  func run() async throws {
    let desk = try place.desk()
    let toolchain = try Toolchain(root: desk.root)
    let style = Style()
    let entries = all ? desk.catalogue.entries.filter { desk.savedAt($0) != nil } : [try desk.entry(exercise)]
    if entries.isEmpty && !json {
      print("You have not started an exercise yet; ./workbook next shows the first.")
    }
    var reports: [VerdictReport] = []
    for (index, entry) in entries.enumerated() {
      let checked = try await desk.check(entry, with: toolchain)
      reports.append(
        VerdictReport(
          checked.verdict, of: entry, file: desk.shown(desk.files.path(of: entry)),
          picture: checked.picture.map(desk.shown), results: checked.results.map { desk.shown($0.file) }))
      if json { continue }
      if index > 0 { print() }
      print(desk.text(of: checked, for: entry, style: style))
    }
    if json {
      if all { try printJSON(reports) } else { try printJSON(reports[0]) }
    } else if let report = reports.first, !all {
      try printWhatNext(report, entries[0], desk, style)
    }
    if !reports.allSatisfy({ $0.state == .passed }) { throw ExitCode(1) }
  }

  private func printWhatNext(_ report: VerdictReport, _ entry: Catalogue.Entry, _ desk: Desk, _ style: Style)
    throws
  {
    if report.state == .passed {
      let next = (try? desk.progressFile.read()).flatMap { desk.next(in: $0) }
      print(
        style.faint("  ./workbook solution \(entry.id) shows ours")
          + (next.map { " · next: \($0.id) \($0.exercise.title)" } ?? ""))
    } else if report.state != .doesNotCompile {
      print(
        "\n"
          + style.faint(
            "  ./workbook hint \(entry.id) · checked in \(report.seconds.formatted(.number.precision(.fractionLength(1)))) s"
          ))
    }
  }
}

/// A verdict for programs.
struct VerdictReport: Encodable {
  struct Check: Encodable {
    let layer: String
    let text: String
    let points: Int
    let outcome: String
    /// What was wrong.
    let failure: Failure?
  }

  struct Failure: Encodable {
    /// What was called, or what should hold.
    let call: String
    /// The arguments by name, the result and what was expected, each as a short text.
    let given: [String: String]
    let yours: String
    let expected: String
    /// The first place that differs, and the calculation for it.
    let place: [Int]?
    let calculation: String?

    init(_ failure: ExerciseKit.Failure) {
      call = failure.call
      given = Dictionary(failure.given.map { ($0.name, $0.text) }) { first, _ in first }
      yours = failure.yoursText
      expected = failure.expectedText
      place = failure.difference.place
      calculation = failure.calculation
    }
  }

  struct Curve: Encodable {
    let name: String
    /// Null where a number is not finite.
    let yours: [Double?]
    let expected: [Double?]

    init(_ curve: ExerciseKit.Curve) {
      name = curve.name
      yours = curve.yours.map { $0.isFinite ? $0 : nil }
      expected = curve.expected.map { $0.isFinite ? $0 : nil }
    }
  }

  let id: String
  let state: Verdict.State
  let points: Int
  let pointsPossible: Int
  let checks: [Check]
  /// How numbers went while the answer ran.
  let curves: [Curve]
  let mistake: String?
  let advice: String?
  let problem: String?
  let file: String
  let line: Int?
  /// A PNG file with yours, what was expected and the difference.
  let picture: String?
  /// PNG files with what the answer made.
  let results: [String]
  let seconds: Double
  let secondsBuilding: Double
  let secondsRunning: Double

  init(_ verdict: Verdict, of entry: Catalogue.Entry, file: String, picture: String?, results: [String]) {
    id = entry.id
    state = verdict.state
    points = verdict.points
    pointsPossible = entry.exercise.points
    checks = (verdict.judgement?.lines ?? []).map { line in
      let outcome =
        switch line.outcome {
        case .passed: "passed"
        case .failed: "failed"
        case .notTried: "not tried"
        }
      return Check(
        layer: "\(line.layer)", text: line.text, points: line.points, outcome: outcome,
        failure: line.failure.map(Failure.init))
    }
    curves = (verdict.judgement?.curves ?? []).map(Curve.init)
    mistake = verdict.mistake?.name
    advice = verdict.mistake?.advice
    problem = verdict.problem
    self.file = file
    line = verdict.line
    self.picture = picture
    self.results = results
    seconds = verdict.seconds.total
    secondsBuilding = verdict.seconds.build
    secondsRunning = verdict.seconds.run
  }
}
