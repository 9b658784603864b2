import ArgumentParser
import ExerciseKit
import Foundation

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check your answer to an exercise, or to a chapter's.",
    discussion: """
      Without an exercise: the one whose file you saved last. Exit code 0 when it is passed, else 1. Of several, those \
      that you have not started are listed, and do not count.

      EXAMPLES
        workbook check 2.3       one exercise
        workbook check 2         all of chapter 2
        workbook check --all     all there are
      """)

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file; or a chapter's number (2).") var exercise: String?
  @Flag(help: "Check every exercise that you have started.") var all = false
  @Flag(help: "Print an object for programs; of several exercises, an array.") var json = false

  func validate() throws {
    if all && exercise != nil { throw ValidationError("name an exercise, or say --all, not both") }
  }

  private var isMany: Bool { all || exercise.flatMap { Int($0) } != nil }

  func run() async throws {
    let desk = try place.desk()
    let toolchain = try Toolchain(root: desk.root)
    let style = Style()
    let entries =
      all
      ? desk.catalogue.entries : try exercise.map(desk.catalogue.select) ?? [try desk.entry(nil)]
    var reports: [VerdictReport] = []
    for entry in entries {
      let file = desk.files.path(of: entry)
      let isStarted = !isMany || desk.savedAt(entry) != nil
      let checked =
        isStarted ? try await desk.check(entry, with: toolchain) : Checked(verdict: .notStarted(file))
      reports.append(
        VerdictReport(
          checked.verdict, of: entry, file: desk.shown(file),
          picture: checked.picture.map(desk.shown), results: checked.results.map { desk.shown($0.file) }))
      if json { continue }
      let isShort = isMany && [.passed, .notStarted].contains(checked.verdict.state)
      if !isShort || !isMany { print(desk.text(of: checked, for: entry, style: style)) }
      if isShort {
        let isPassed = checked.verdict.state == .passed
        let line =
          "\(entry.id)  \(entry.exercise.title): \(isPassed ? "passed, \(entry.exercise.points) points" : "not started")"
        let mark = isPassed ? style.good("✓") : style.faint("○")
        let lines = line.wrapped(to: style.width - 2, hanging: 5)
        print(([mark + " " + lines[0]] + lines.dropFirst().map { "  " + $0 }).joined(separator: "\n"))
      } else if isMany {
        print()
      }
      fflush(nil)
    }
    if json {
      if isMany { try printJSON(reports) } else { try printJSON(reports[0]) }
    } else if isMany {
      printSum(reports, style)
    } else {
      try printWhatNext(reports[0], entries[0], desk, style)
    }
    let counted = isMany ? reports.filter { $0.state != .notStarted } : reports
    if !counted.allSatisfy({ $0.state == .passed }) { throw ExitCode(1) }
  }

  private func printSum(_ reports: [VerdictReport], _ style: Style) {
    let passed = reports.count { $0.state == .passed }
    let others = reports.filter { ![.passed, .notStarted].contains($0.state) }.map(\.id)
    let (points, possible) = reports.reduce((0, 0)) { ($0.0 + $1.points, $0.1 + $1.pointsPossible) }
    var line = "\n\(passed) of \(reports.count) passed, \(points) of \(possible) points"
    if !others.isEmpty { line += " · not right yet: \(others.joined(separator: ", "))" }
    if others.isEmpty && passed == 0 { line += " · ./workbook next shows the first" }
    print(line.wrapped(to: style.width).joined(separator: "\n"))
  }

  private func printWhatNext(_ report: VerdictReport, _ entry: Catalogue.Entry, _ desk: Desk, _ style: Style)
    throws
  {
    func show(_ line: String) {
      print(line.wrapped(to: style.width - 2).map { "  " + style.faint($0) }.joined(separator: "\n"))
    }
    if report.state == .passed {
      let progress = try? desk.progressFile.read()
      let next = progress.flatMap { desk.next(in: $0, after: entry) }
      if progress?[entry.id].gaveUp == true { show("You had seen our solution before; the list says so.") }
      show(
        "./workbook solution \(entry.id) shows ours"
          + (next.map { " · next: \($0.id) \($0.exercise.title)" } ?? ""))
    } else if report.state != .doesNotCompile {
      print()
      show(
        "./workbook hint \(entry.id) · checked in \(report.seconds.formatted(.number.precision(.fractionLength(1)))) s"
      )
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
  /// What was asked when the program stopped.
  let call: String?
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
        case .stopped: "stopped"
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
    call = verdict.call
    self.file = file
    line = verdict.line
    self.picture = picture
    self.results = results
    seconds = verdict.seconds.total
    secondsBuilding = verdict.seconds.build
    secondsRunning = verdict.seconds.run
  }
}
