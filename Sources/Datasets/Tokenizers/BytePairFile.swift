import NumberText
import Formats

/// A tokenizer's file: a first line with the number of merges, then a line for each, two numbers with a space between.
///
///     byte pairs: 2 merges
///     108 111
///     256 119
extension BytePairTokenizer {
  /// Writes the merges, as text, to `path`.
  ///
  /// - Parameters:
  ///   - path: The file's path; a file that is there is replaced as a whole.
  ///   - creatingFolders: Whether to make the folders that lead to `path` where they are missing.
  /// - Throws: `FileError` when the file cannot be written.
  public func write(to path: String, creatingFolders: Bool = false) throws(FileError) {
    var text = "byte pairs: \(merges.count) merges\n"
    for pair in merges { text += "\(pair.left) \(pair.right)\n" }
    try AtomicFile.write(text, to: path, creatingFolders: creatingFolders)
  }

  /// The tokenizer whose merges are in the file at `path`.
  ///
  /// - Throws: `FileError`, with the line, when the file is missing, cut off or damaged.
  public init(readingFrom path: String) throws(FileError) {
    let advice = "Write the tokenizer again, or fetch the file again."
    let text = try FileContents.text(of: path)
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0))
    }
    let header = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard header.count == 4, header[0] == "byte", header[1] == "pairs:", header[3] == "merges",
      let count = Int(header[2]), count >= 0
    else {
      throw FileError(
        path, at: .line(1), "this is not the first line of a byte-pair tokenizer",
        expected: "\"byte pairs: N merges\"", advice: "Check that this is the file you mean.")
    }
    // The last line ends too: what follows it is empty.
    if lines.count < 2 || lines.count - 2 < count {
      throw FileError(
        path, at: .line(lines.count), "the file ends after \(counted(max(0, lines.count - 2), "merge"))",
        expected: "\(grouped(count)), each with the end of its line", advice: advice)
    }
    if lines.count - 2 > count || lines[count + 1] != "" {
      throw FileError(
        path, at: .line(count + 2), "there is text after the last merge",
        expected: "\(counted(count, "merge")) and no more", advice: advice)
    }

    var merges: [Pair] = []
    var seen: Set<Pair> = []
    var lengths = [Int](repeating: 1, count: 256)
    for (k, line) in lines[1...].prefix(count).enumerated() {
      func problem(_ found: String, _ expected: String) -> FileError {
        FileError(path, at: .line(k + 2), found, expected: expected, advice: advice)
      }
      let numbers = line.split(separator: " ", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let left = numbers[0], let right = numbers[1] else {
        throw problem("\(quoted(line)) is not a merge", "two numbers with a space between")
      }
      for number in [left, right] where !lengths.indices.contains(number) {
        throw problem("number \(number) does not exist here", "numbers from 0 to \(255 + k)")
      }
      let pair = Pair(left, right)
      if !seen.insert(pair).inserted { throw problem("this pair was merged before", "a new pair") }
      // Nothing longer can occur, and a few lines that each double the one before would fill the memory.
      if lengths[left] + lengths[right] > Self.longestPiece {
        throw problem(
          "this merge makes \(lengths[left] + lengths[right]) bytes", "\(Self.longestPiece) bytes at most")
      }
      lengths.append(lengths[left] + lengths[right])
      merges.append(pair)
    }
    self.init(merges: merges)
  }
}
