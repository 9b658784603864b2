import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is known of the terminal, and how to write to it. Results go to stdout; progress and errors to stderr.
public enum Terminal {
  /// Whether progress is watched by a person, so that a line may be written over.
  public static let isInteractive: Bool =
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    && ProcessInfo.processInfo.environment["CI"] == nil

  /// The number of columns.
  public static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Writes a line to stderr.
  public static func error(_ line: String) { note(line + "\n") }

  /// Writes to stderr, after all that was printed before: so the two stand in the order in which they came.
  static func note(_ text: String) {
    fflush(nil)
    FileHandle.standardError.write(Data(text.utf8))
  }
}
