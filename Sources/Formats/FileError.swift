import NumberText

/// A file that could not be read or written: which one, where in it, what was found, what was expected, what to do.
///
/// `description` is one line that begins with the path, then the advice, indented so that `error: \(error)` lines up:
///
///     error: data/train-images-idx3-ubyte.gz: the file ends after 4,999,871 of 47,040,016 bytes.
///            It was probably cut off while downloading; fetch it again.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A place inside a file.
  public enum Place: Sendable, Equatable {
    /// The offset of a byte, counted from 0.
    case byte(Int)
    /// A line of text, counted from 1.
    case line(Int)
  }

  /// The file, as it was asked for.
  public var path: String
  /// Where in the file, when there is a place to name.
  public var place: Place?
  /// What is wrong, a clause without a full stop.
  public var found: String
  /// What should have been there, a phrase without a full stop.
  public var expected: String?
  /// What to do next: whole sentences, perhaps on several lines.
  public var advice: String?

  /// - Parameters:
  ///   - path: The file, as it was asked for.
  ///   - place: Where in the file, when there is a place to name.
  ///   - found: What is wrong, a clause without a full stop.
  ///   - expected: What should have been there, a phrase without a full stop.
  ///   - advice: What to do next: whole sentences, perhaps on several lines.
  public init(
    _ path: String, at place: Place? = nil, _ found: String, expected: String? = nil, advice: String? = nil
  ) {
    self.path = path
    self.place = place
    self.found = found
    self.expected = expected
    self.advice = advice
  }

  public var description: String {
    var text = path + ": "
    switch place {
    case .byte(let offset): text += "byte \(grouped(offset)): "
    case .line(let number): text += "line \(grouped(number)): "
    case nil: break
    }
    text += found
    if let expected { text += "; expected \(expected)" }
    text += "."
    for line in (advice ?? "").split(separator: "\n") { text += "\n       " + line }
    return text
  }
}
