import ArgumentParser
import ExerciseKit

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show all exercises, and how far you are.")

  @OptionGroup var place: PlaceOptions
  @Flag(help: "Print an array of objects for programs.") var json = false

  private struct Item: Encodable {
    let id: String
    let chapter: Int
    let title: String
    let kind: ExerciseKind
    let difficulty: Int
    let minutes: Int
    let points: Int
    let hints: Int
    let mistakes: Int
    let state: String
  }

  func run() async throws {
    let desk = try place.desk()
    let progress = try desk.progressFile.read()
    if json {
      return try printJSON(
        desk.catalogue.entries.map { entry in
          Item(
            id: entry.id, chapter: entry.chapter, title: entry.exercise.title, kind: entry.exercise.kind,
            difficulty: entry.exercise.difficulty, minutes: entry.exercise.minutes,
            points: entry.exercise.points,
            hints: entry.exercise.hints.count, mistakes: entry.exercise.mistakeCount,
            state: progress[entry.id].state.rawValue)
        })
    }
    print(table(desk, progress, style: Style()))
  }
}

/// All exercises as a table, chapter by chapter.
func table(_ desk: Desk, _ progress: LearnerProgress, style: Style) -> String {
  var lines: [String] = []
  let current = (try? desk.current())?.id
  for chapter in desk.catalogue.chapters {
    lines += [style.bold("\(chapter.number)  \(Catalogue.title(ofFolder: chapter.folder))")]
    for entry in chapter.entries {
      let record = progress[entry.id]
      let mark =
        switch record.state {
        case .passed: style.good("●")
        case .notStarted: style.faint("○")
        case .wrong, .stopped, .doesNotCompile: style.notice("◐")
        }
      let points = entry.exercise.points == 1 ? "1 point" : "\(entry.exercise.points) points"
      let state = record.state == .notStarted ? "" : record.state.rawValue
      let here = entry.id == current ? "  ← you are here" : ""
      lines.append(
        "  \(mark) \(entry.id.padded(to: 5)) \(entry.exercise.title.padded(to: 46)) "
          + "\(entry.exercise.difficultyMarks) \("\(entry.exercise.minutes) min".paddedLeft(to: 7))  "
          + points.padded(to: 10) + state + style.faint(here))
    }
  }
  return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
}
