import Foundation

/// The command line that lets an interrupted run go on: the one that it was started with, and `--resume`.
public enum CommandToGoOn {
  /// - Parameter path: The checkpoint.
  /// - Returns: The line, as a shell takes it.
  public static func line(resuming path: String) -> String {
    // The script says how it was called; otherwise the program was started by its own name or path.
    line(
      command: ProcessInfo.processInfo.environment["WORKBOOK_COMMAND"] ?? quoted(CommandLine.arguments[0]),
      arguments: Array(CommandLine.arguments.dropFirst()), resuming: path)
  }

  static func line(command: String, arguments: [String], resuming path: String) -> String {
    var arguments = arguments
    if let place = arguments.firstIndex(of: "--resume") {
      arguments.removeSubrange(place..<min(place + 2, arguments.count))
    }
    arguments.removeAll { $0.hasPrefix("--resume=") }
    return ([command] + (arguments + ["--resume", path]).map(quoted)).joined(separator: " ")
  }

  /// The word as a shell reads it back.
  static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+".contains($0) }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
