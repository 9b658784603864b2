import ArgumentParser
import ExerciseKit
import Foundation

struct NextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Show your next exercise, and make its file.")

  @OptionGroup var place: PlaceOptions
  @Flag(help: "Print an object for programs; null when all is passed.") var json = false

  private struct Report: Encodable {
    let id: String
    let title: String
    let kind: ExerciseKind
    let difficulty: Int
    let minutes: Int
    let points: Int
    let section: String
    let file: String

    init(_ entry: Catalogue.Entry, file: String) {
      id = entry.id
      title = entry.exercise.title
      kind = entry.exercise.kind
      difficulty = entry.exercise.difficulty
      minutes = entry.exercise.minutes
      points = entry.exercise.points
      section = entry.exercise.section
      self.file = file
    }
  }

  func run() async throws {
    let desk = try place.desk()
    guard let entry = desk.next(in: try desk.progressFile.read()) else {
      if json { return print("null") }
      return print("All \(desk.catalogue.entries.count) exercises are passed.")
    }
    let file = try desk.files.file(for: entry)
    if json { return try printJSON(Report(entry, file: desk.shown(file))) }
    let points = entry.exercise.points == 1 ? "1 point" : "\(entry.exercise.points) points"
    print(try introduction(to: entry))
    print(
      """

      How hard      \(entry.exercise.effort), \(points)
      Your file     \(desk.shown(file))
      Open it in your editor, then

        ./workbook watch      checks it each time you save it
        ./workbook check      checks it once
        ./workbook hint       when you are stuck
      """)
  }
}

/// The task as it stands at the head of an exercise's source, without the marks of comments.
func introduction(to entry: Catalogue.Entry) throws -> String {
  let lines = try entry.markedSource().text.split(separator: "\n", omittingEmptySubsequences: false)
    .prefix { $0.hasPrefix("//") }
  return lines.map { $0.dropFirst($0.hasPrefix("// ") ? 3 : 2) }.joined(separator: "\n")
}
