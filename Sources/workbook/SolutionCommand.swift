import ArgumentParser
import ExerciseKit

struct SolutionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solution", abstract: "Show our answer to an exercise, once you have passed it.")

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file.") var exercise: String?
  @Flag(name: .customLong("give-up"), help: "Show it though you have not passed the exercise.") var giveUp =
    false

  func run() async throws {
    let desk = try place.desk()
    if try LearnersCopy(root: desk.root) != nil {
      throw CouldNot("this copy of the workbook is for a course: your instructor has the solutions")
    }
    let entry = try exercise.map(desk.catalogue.entry) ?? lastPassed(desk) ?? desk.current()
    let record = try desk.progressFile.read()[entry.id]
    guard record.passed != nil || record.gaveUp || giveUp else {
      throw CouldNot(
        "\(entry.id) is not passed yet. ./workbook hint \(entry.id) helps; "
          + "./workbook solution \(entry.id) --give-up shows the answer all the same.")
    }
    if record.passed == nil { try desk.progressFile.change { $0[entry.id].gaveUp = true } }
    print(try solution(of: entry))
  }

  /// Without a name, and without giving up: the exercise that was passed last.
  private func lastPassed(_ desk: Desk) throws -> Catalogue.Entry? {
    if giveUp { return nil }
    let progress = try desk.progressFile.read()
    return desk.catalogue.entries.compactMap { entry in progress[entry.id].passed.map { (entry, $0) } }
      .max { $0.1 < $1.1 }?.0
  }
}

/// Our answer, without the task above it.
func solution(of entry: Catalogue.Entry) throws -> String {
  var lines = try entry.markedSource().solution.split(separator: "\n", omittingEmptySubsequences: false)[...]
  lines = lines.drop { !$0.hasPrefix("import ") }.drop { $0.hasPrefix("import ") || $0.isEmpty }
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines.joined(separator: "\n")
}
