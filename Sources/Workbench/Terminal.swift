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
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        return  // closed, or on a full disk: there is nobody to tell
      }
    }
  }

  /// Sees to it that the three standard streams are there, and that one whose reader has gone ends nothing.
  static func prepareStreams() {
    // The next file to be opened would take the number of a stream that is closed, and be written into.
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
    signal(SIGPIPE, SIG_IGN)
  }
}
