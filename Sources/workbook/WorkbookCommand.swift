import ArgumentParser
import ExerciseKit
import Foundation
import enum Workbench.CommandWords

/// The command for learners, instructors and authors.
@main
struct WorkbookCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbook",
    abstract: "A workbook that teaches deep learning: exercises, hints and checks.",
    discussion: """
      An exercise is a small file in Exercises/Yours. Open it in your editor, and let `workbook watch` check it each \
      time you save it.

      Exit codes: 0 done or passed, 1 not passed or could not, 2 wrong command line.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Learner",
        subcommands: [
          ListCommand.self, NextCommand.self, WatchCommand.self, CheckCommand.self, HintCommand.self,
          SolutionCommand.self, ResetCommand.self, ProgressCommand.self, DoctorCommand.self,
        ]),
      CommandGroup(
        name: "Instructor",
        subcommands: [
          OutputsCommand.self, ReleaseCommand.self, CollectCommand.self, GradeCommand.self, MergeCommand.self,
        ]),
      CommandGroup(name: "Author", subcommands: [DevCommand.self, BookCommand.self, DocsCommand.self]),
    ])

  static func main() async {
    do {
      try CommandWords.check(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      finish(error)
    }
  }

  /// Ends the program: help and successes on standard output, errors on standard error.
  private static func finish(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    if code.isSuccess {
      print(message)
      Foundation.exit(0)
    }
    if error is ExitCode { Foundation.exit(code.rawValue) }
    FileHandle.standardError.write(
      Data((message.hasPrefix("Error") ? "e" + message.dropFirst() : message).utf8))
    FileHandle.standardError.write(Data("\n".utf8))
    Foundation.exit(code == .validationFailure ? 2 : 1)
  }
}
