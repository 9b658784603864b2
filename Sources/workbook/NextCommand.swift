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
    let width = Style().width
    print(try introduction(to: entry, width: width))
    let text = """

      How hard      \(entry.exercise.effort), \(points)
      Your file     \(desk.shown(file))
      Open it in your editor, then

        ./workbook watch      checks it each time you save it
        ./workbook check      checks it once
        ./workbook hint       when you are stuck
      """
    print(text.wrapped(to: width, hanging: 2).joined(separator: "\n"))
  }
}

/// The task as it stands at the head of an exercise's source, without the marks of comments.
///
/// - Parameter width: Text in wider lines is broken anew, between words. Formulas and tables, which are indented, stay.
func introduction(to entry: Catalogue.Entry, width: Int = .max) throws -> String {
  let lines = try entry.markedSource().text.split(separator: "\n", omittingEmptySubsequences: false)
    .prefix { $0.hasPrefix("//") }
  let text = lines.map { $0.dropFirst($0.hasPrefix("// ") ? 3 : 2) }
  if text.allSatisfy({ $0.count <= width }) { return text.joined(separator: "\n") }
  var shown =
    text[0].count <= width
    ? [String(text[0])]
    : text[0].split(separator: "    ").map {
      String($0.drop { $0 == " " })
    }
  var paragraph: [Substring] = []
  func flush() {
    shown += paragraph.isEmpty ? [] : paragraph.joined(separator: " ").wrapped(to: width)
    paragraph = []
  }
  for line in text.dropFirst() {
    if line.isEmpty || line.hasPrefix(" ") {
      flush()
      shown.append(String(line))
    } else {
      paragraph.append(line)
    }
  }
  flush()
  return shown.joined(separator: "\n")
}
