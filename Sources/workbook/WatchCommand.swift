import ArgumentParser
import ExerciseKit
import Foundation

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Check your answer each time you save it.",
    discussion: """
      Begins with the exercise named, else with the one you were at. Saving the file of another exercise goes to that \
      one, and the key n to the next. q or Ctrl-C ends it.
      """)

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file.") var exercise: String?

  func run() async throws {
    let desk = try place.desk()
    let toolchain = try Toolchain(root: desk.root)
    var entry = try desk.entry(exercise)
    try desk.files.file(for: entry)
    let style = Style()
    let keyboard = Keyboard()
    defer { keyboard.restore() }

    var saves = Saves(desk)
    try await show(entry, desk, toolchain, style, keyboard, since: nil)
    while true {
      switch keyboard.key() {
      case "q": return
      case "l":
        print("\n" + table(of: desk.catalogue.entries, desk, try desk.progressFile.read(), style: style))
      case "h": try showHint(entry, desk, style)
      case "s": try showSolution(entry, desk, style)
      case "n":
        if let next = desk.next(in: try desk.progressFile.read(), after: entry) {
          entry = next
          try desk.files.file(for: entry)
          try await show(entry, desk, toolchain, style, keyboard, since: nil)
        }
      default: break
      }
      if let saved = saves.saved(current: entry) {
        entry = saved
        try await show(entry, desk, toolchain, style, keyboard, since: .now)
      }
    }
  }

  private func show(
    _ entry: Catalogue.Entry, _ desk: Desk, _ toolchain: Toolchain, _ style: Style, _ keyboard: Keyboard,
    since start: ContinuousClock.Instant?
  ) async throws {
    let checked = try await desk.check(entry, with: toolchain)
    let verdict = checked.verdict
    if keyboard.isThere && style.isColored { print("\u{1B}[2J\u{1B}[H", terminator: "") } else { print() }
    print(desk.text(of: checked, for: entry, style: style))
    let progress = try desk.progressFile.read()
    if verdict.state == .passed, let next = desk.next(in: progress, after: entry) {
      let file = desk.shown(try desk.files.file(for: next))
      let line = "  Next: \(next.id)  \(next.exercise.title)      \(file)"
      print("\n" + (line.count <= style.width ? line : line.replacing("      \(file)", with: "\n  \(file)")))
    }
    let hints = entry.exercise.hints.count
    let hint = min(progress[entry.id].hints + 1, hints)
    let keys =
      verdict.state == .passed
      ? "n next · s our solution · l list · q quit"
      : "h hint \(hint) of \(hints) · s solution · l list · q quit"
    let clock = Date.now.formatted(
      Date.VerbatimFormatStyle(
        format:
          "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
        timeZone: .current, calendar: .current))
    let took = verdict.seconds.total.formatted(.number.precision(.fractionLength(1)))
    let when = start == nil ? "checked in \(took) s" : "saved \(clock), checked in \(took) s"
    let line = keyboard.isThere ? keys.padded(to: 52) + when : when
    let lines = line.count + 2 <= style.width ? [line] : (keys + "\n" + when).wrapped(to: style.width - 2)
    print("\n" + lines.map { "  " + style.faint($0) }.joined(separator: "\n"))
    // Nobody reads any more: there is nothing to watch for.
    if fflush(nil) != 0 { throw CouldNot("standard output cannot be written to") }
  }

  private func showHint(_ entry: Catalogue.Entry, _ desk: Desk, _ style: Style) throws {
    let progress = try desk.progressFile.change {
      $0[entry.id].hints = min($0[entry.id].hints + 1, entry.exercise.hints.count)
    }
    print("\n" + hints(of: entry, upTo: progress[entry.id].hints, style: style))
  }

  private func showSolution(_ entry: Catalogue.Entry, _ desk: Desk, _ style: Style) throws {
    let record = try desk.progressFile.read()[entry.id]
    if record.passed != nil || record.gaveUp {
      print("\n" + (try solution(of: entry)))
    } else {
      print("\n  Not passed yet. ./workbook solution \(entry.id) --give-up shows our answer all the same.")
    }
  }
}
