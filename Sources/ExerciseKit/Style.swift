import Foundation

/// How text looks: with colours on a terminal, plain elsewhere.
public struct Style: Sendable {
  public let isColored: Bool

  public init(isColored: Bool) { self.isColored = isColored }

  /// Colours when `file` is a terminal and the environment does not say `NO_COLOR`.
  public init(for file: Int32 = STDOUT_FILENO) {
    let environment = ProcessInfo.processInfo.environment
    isColored = isatty(file) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private func colored(_ text: String, _ code: Int) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  public func bold(_ text: String) -> String { colored(text, 1) }
  public func faint(_ text: String) -> String { colored(text, 2) }
  public func good(_ text: String) -> String { colored(text, 32) }
  public func bad(_ text: String) -> String { colored(text, 31) }
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
  public func wrapped(to width: Int) -> [String] {
    split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      var lines = [String(paragraph.prefix { $0 == " " })]
      var isStart = true
      for word in paragraph.split(separator: " ") {
        if !isStart && lines[lines.count - 1].count + 1 + word.count > width {
          lines.append("")
          isStart = true
        }
        lines[lines.count - 1] += (isStart ? "" : " ") + word
        isStart = false
      }
      return lines
    }
  }
}
