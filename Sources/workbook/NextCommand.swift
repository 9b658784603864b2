import ArgumentParser
import ExerciseKit
import Foundation

struct NextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Show your next exercise, and make its file.")

  @OptionGroup var place: PlaceOptions

  func run() async throws {
    let desk = try place.desk()
    guard let entry = desk.next(in: try desk.progressFile.read()) else {
      return print("All \(desk.catalogue.entries.count) exercises are passed.")
    }
    let file = try desk.files.file(for: entry)
    print(try introduction(to: entry))
    print(
      """

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
