import Foundation

/// How text looks: with colours on a terminal, plain elsewhere, and as wide as there is room.
public struct Style: Sendable {
  /// Whether colours and bold letters are used.
  public let isColored: Bool
  /// The columns that text may fill.
  public let width: Int

  /// What is comfortable to read, however wide the window is.
  private static let widest = 100

  /// A style of the given width, in columns; at most what is comfortable to read.
  public init(isColored: Bool, width: Int = 100) {
    self.isColored = isColored
    self.width = min(max(width, 20), Self.widest)
  }

  /// Colours when `file` is a terminal and the environment does not say `NO_COLOR`. The width is the terminal's, or what
  /// `COLUMNS` says.
  public init(for file: Int32 = STDOUT_FILENO) {
    let environment = ProcessInfo.processInfo.environment
    let colors =
      isatty(file) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    var size = winsize()
    let isKnown = ioctl(file, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    self.init(
      isColored: colors,
      width: isKnown ? Int(size.ws_col) : environment["COLUMNS"].flatMap { Int($0) } ?? Self.widest)
  }

  private func colored(_ text: String, _ code: Int) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// For headings.
  public func bold(_ text: String) -> String { colored(text, 1) }
  /// For what may be passed over.
  public func faint(_ text: String) -> String { colored(text, 2) }
  /// For what has passed: green.
  public func good(_ text: String) -> String { colored(text, 32) }
  /// For what has failed: red.
  public func bad(_ text: String) -> String { colored(text, 31) }
  /// For what should be seen: yellow.
  public func notice(_ text: String) -> String { colored(text, 33) }
}

extension String {
  /// The text with spaces behind it, up to a width.
  public func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text with spaces before it, up to a width.
  public func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  /// The text in lines of at most `width`, broken between words; its own line breaks and indents are kept.
  ///
  /// - Parameter hanging: By how much more the lines are indented that follow a broken one.
  public func wrapped(to width: Int, hanging: Int = 0) -> [String] {
    split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      let indent = String(paragraph.prefix { $0 == " " })
      if paragraph.count <= width { return [String(paragraph)] }
      var lines = [indent]
      var isStart = true
      for word in paragraph.split(separator: " ") {
        if !isStart && lines[lines.count - 1].count + 1 + word.count > width {
          lines.append(indent + String(repeating: " ", count: hanging))
          isStart = true
        }
        lines[lines.count - 1] += (isStart ? "" : " ") + word
        isStart = false
      }
      return lines
    }
  }
}
