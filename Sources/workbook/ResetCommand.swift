import ArgumentParser
import ExerciseKit

struct ResetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Begin an exercise anew; your file is kept as a backup.")

  @OptionGroup var place: PlaceOptions
  @Argument(help: "Its number (2.3), its name or its file.") var exercise: String?

  func run() async throws {
    let desk = try place.desk()
    let entry = try desk.entry(exercise)
    let backup = try desk.files.reset(entry)
    try desk.progressFile.change {
      $0[entry.id].state = .notStarted
      $0[entry.id].points = 0
    }
    print("\(desk.shown(desk.files.path(of: entry))) is as new.")
    if let backup { print("Your file is kept in \(desk.shown(backup)).") }
  }
}
