/// A text with its label.
public struct LabeledText: Sendable, Equatable {
  /// What stands before the tab.
  public let label: String
  /// What stands after it.
  public let text: String
  /// The line of the file it stands on, counted from 1.
  public let line: Int

  /// - Parameters:
  ///   - label: What stands before the first tab of the line.
  ///   - text: What stands after it, up to the end of the line.
  ///   - line: The line of the file it stands on, counted from 1.
  public init(label: String, text: String, line: Int) {
    self.label = label
    self.text = text
    self.line = line
  }
}

/// Reads labelled texts: a label, a tab and a text on every line, in UTF-8.
///
/// Lines may end as on Windows, the file may begin with a byte-order mark, and empty lines may stand at its end. A text
/// may have tabs of its own.
public enum TSVFile {
  /// The lines of the file at `path`.
  ///
  /// - Throws: `FileError`, with the line, where a label, a tab or a text is missing, or the text is no UTF-8.
  public static func read(_ path: String) throws(FileError) -> [LabeledText] {
    var text = try FileContents.text(of: path)[...]
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }

    // On bytes: to a Swift `Character`, "\r\n" is one, and a combining accent would swallow the tab before it.
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines = lines.map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if lines.isEmpty {
      throw FileError(path, "the file is empty", expected: "lines of a label, a tab and a text")
    }

    var rows: [LabeledText] = []
    rows.reserveCapacity(lines.count)
    for (i, line) in lines.enumerated() {
      func problem(_ found: String) -> FileError {
        FileError(path, at: .line(i + 1), found, expected: "a label, a tab and a text")
      }
      if line.isEmpty { throw problem("the line is empty") }
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { throw problem("there is no tab") }
      let label = line[..<tab]
      let text = line[line.index(after: tab)...]
      if label.isEmpty { throw problem("there is no label before the tab") }
      if text.isEmpty { throw problem("there is no text after the tab") }
      rows.append(LabeledText(label: String(Substring(label)), text: String(Substring(text)), line: i + 1))
    }
    return rows
  }
}
