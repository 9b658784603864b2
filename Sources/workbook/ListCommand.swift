import ArgumentParser
import ExerciseKit
import Foundation

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show all exercises, and how far you are.")

  @OptionGroup var place: PlaceOptions
  @Argument(help: "A chapter: its number. Without it, all.") var chapter: String?
  @Flag(help: "Print an array of objects for programs.") var json = false

  private struct Item: Encodable {
    let id: String
    let chapter: Int
    let title: String
    let kind: ExerciseKind
    let difficulty: Int
    let minutes: Int
    let points: Int
    /// What the course makes it worth, and when it is due.
    let coursePoints: Double?
    let due: Date?
    let hints: Int
    let mistakes: Int
    let state: String
    /// Whether our solution was asked for before the exercise was passed.
    let gaveUp: Bool
  }

  func run() async throws {
    let desk = try place.desk()
    let progress = try desk.progressFile.read()
    let entries = try chapter.map(desk.catalogue.select) ?? desk.catalogue.entries
    if json {
      return try printJSON(
        entries.map { entry in
          Item(
            id: entry.id, chapter: entry.chapter, title: entry.exercise.title, kind: entry.exercise.kind,
            difficulty: entry.exercise.difficulty, minutes: entry.exercise.minutes,
            points: entry.exercise.points, coursePoints: entry.coursePoints, due: entry.due,
            hints: entry.exercise.hints.count, mistakes: entry.exercise.mistakeCount,
            state: progress[entry.id].state.rawValue, gaveUp: progress[entry.id].gaveUp)
        })
    }
    print(table(of: entries, desk, progress, style: Style()))
  }
}

/// Exercises as a table, chapter by chapter.
func table(
  of entries: [Catalogue.Entry], _ desk: Desk, _ progress: LearnerProgress, style: Style
) -> String {
  var lines: [String] = []
  let current = (try? desk.current())?.id
  var chapter: Int?
  for entry in entries {
    if entry.chapter != chapter {
      chapter = entry.chapter
      lines.append(style.bold("\(entry.chapter)  \(desk.catalogue.title(ofChapter: entry.chapter))"))
    }
    lines += rows(of: entry, progress[entry.id], isHere: entry.id == current, style: style)
  }
  return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
}

/// One exercise in a line; in two or more, where there is no room for that.
private func rows(
  of entry: Catalogue.Entry, _ record: LearnerProgress.Record, isHere: Bool, style: Style
) -> [String] {
  let mark =
    switch record.state {
    case .passed: style.good("●")
    case .notStarted: style.faint("○")
    case .wrong, .stopped, .doesNotCompile: style.notice("◐")
    }
  let exercise = entry.exercise
  let minutes = "\(exercise.minutes) min".paddedLeft(to: 7)
  let worth = entry.coursePoints ?? Double(exercise.points)
  let points = worth == 1 ? "1 point" : "\(worth.formatted(.number.precision(.fractionLength(0...2)))) points"
  let here = isHere ? "  ← you are here" : ""
  let due = entry.due.map { " due \($0.formatted(date: .abbreviated, time: .shortened))" } ?? ""
  let state = state(of: record) + (record.state == .passed ? "" : due)
  let rest = "\(exercise.difficultyMarks) \(minutes)  \(points.padded(to: 10))\(state)"
  let start = "  \(mark) \(entry.id.padded(to: 5)) "
  if 11 + 46 + rest.count + here.count <= style.width {
    return [start + exercise.title.padded(to: 46) + " " + rest + style.faint(here)]
  }
  let room = style.width - 10
  let titles = exercise.title.wrapped(to: room)
  let details = "\(exercise.difficultyMarks) \(exercise.minutes) min  \(points)"
  let words = state + (state.isEmpty ? String(here.dropFirst(2)) : here)
  let second =
    details.count + 2 + words.count <= room || words.isEmpty
    ? [details + "  " + words] : [details] + words.wrapped(to: room)
  return [start + titles[0]]
    + (titles.dropFirst() + second).map { String(repeating: " ", count: 10) + $0 }
}

/// What became of an exercise, in words; nothing where it is not started.
func state(of record: LearnerProgress.Record) -> String {
  let state = record.state == .notStarted ? "" : record.state.rawValue
  return !record.gaveUp ? state : state.isEmpty ? "solution seen" : state + ", solution seen"
}
