import ArgumentParser
import ExerciseKit

struct ProgressCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "progress", abstract: "Show how far you are, chapter by chapter.")

  @OptionGroup var place: PlaceOptions
  @Flag(help: "Print an object for programs.") var json = false

  private struct Report: Encodable {
    struct Chapter: Encodable {
      let chapter: Int
      let title: String
      let passed: Int
      let exercises: Int
      let points: Int
      let pointsPossible: Int
    }
    let passed: Int
    let exercises: Int
    let points: Int
    let pointsPossible: Int
    let next: String?
    let chapters: [Chapter]
  }

  func run() async throws {
    let desk = try place.desk()
    let progress = try desk.progressFile.read()
    let chapters = desk.catalogue.chapters.map { chapter in
      Report.Chapter(
        chapter: chapter.number, title: Catalogue.title(ofFolder: chapter.folder),
        passed: chapter.entries.count { progress[$0.id].state == .passed }, exercises: chapter.entries.count,
        points: chapter.entries.reduce(0) { $0 + min(progress[$1.id].points, $1.exercise.points) },
        pointsPossible: chapter.entries.reduce(0) { $0 + $1.exercise.points })
    }
    let next = desk.next(in: progress)
    let report = Report(
      passed: chapters.reduce(0) { $0 + $1.passed }, exercises: chapters.reduce(0) { $0 + $1.exercises },
      points: chapters.reduce(0) { $0 + $1.points },
      pointsPossible: chapters.reduce(0) { $0 + $1.pointsPossible }, next: next?.id, chapters: chapters)
    if json { return try printJSON(report) }

    let style = Style()
    let most = chapters.map(\.exercises).max() ?? 0
    for chapter in chapters {
      let dots =
        style.good(String(repeating: "●", count: chapter.passed))
        + style.faint(String(repeating: "○", count: chapter.exercises - chapter.passed))
        + String(repeating: " ", count: most - chapter.exercises)
      let ratio = "\(chapter.passed)/\(chapter.exercises)"
      let points =
        chapter.points == chapter.pointsPossible
        ? "\(chapter.points) points" : "\(chapter.points) of \(chapter.pointsPossible) points"
      print(
        "\("\(chapter.chapter)".paddedLeft(to: 2))  \(chapter.title.padded(to: 26)) \(dots)  \(ratio.padded(to: 6)) \(points)"
      )
    }
    let rest = next.map { " · next: \($0.id) \($0.exercise.title)" } ?? " · all passed"
    print(
      "\(report.passed) of \(report.exercises) exercises, \(report.points) of \(report.pointsPossible) points\(rest)"
    )
  }
}
