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
    /// The exercises passed after our solution was asked for.
    let passedWithSolution: Int
    let next: String?
    let chapters: [Chapter]
  }

  func run() async throws {
    let desk = try place.desk()
    let progress = try desk.progressFile.read()
    let chapters = desk.catalogue.chapters.map { chapter in
      Report.Chapter(
        chapter: chapter.number, title: desk.catalogue.title(ofChapter: chapter.number),
        passed: chapter.entries.count { progress[$0.id].state == .passed }, exercises: chapter.entries.count,
        points: chapter.entries.reduce(0) { $0 + min(progress[$1.id].points, $1.exercise.points) },
        pointsPossible: chapter.entries.reduce(0) { $0 + $1.exercise.points })
    }
    let next = desk.next(in: progress)
    let report = Report(
      passed: chapters.reduce(0) { $0 + $1.passed }, exercises: chapters.reduce(0) { $0 + $1.exercises },
      points: chapters.reduce(0) { $0 + $1.points },
      pointsPossible: chapters.reduce(0) { $0 + $1.pointsPossible },
      passedWithSolution: desk.catalogue.entries.count {
        progress[$0.id].state == .passed && progress[$0.id].gaveUp
      }, next: next?.id, chapters: chapters)
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
      let start = "\(chapter.chapter)".paddedLeft(to: 2)
      if 32 + most + 23 > style.width {
        print("\(start)  \(chapter.title)\n    \(dots)\n    \(ratio)  \(points)")
      } else {
        print("\(start)  \(chapter.title.padded(to: 26)) \(dots)  \(ratio.padded(to: 6)) \(points)")
      }
    }
    let rest = next.map { " · next: \($0.id) \($0.exercise.title)" } ?? " · all passed"
    let seen = report.passedWithSolution > 0 ? " (\(report.passedWithSolution) with our solution)" : ""
    let line =
      "\(report.passed) of \(report.exercises) exercises\(seen), \(report.points) of \(report.pointsPossible) points\(rest)"
    print(line.wrapped(to: style.width).joined(separator: "\n"))
  }
}
