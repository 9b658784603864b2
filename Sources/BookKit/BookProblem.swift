/// Something on a page that the book cannot fill in, or that it would fill in otherwise: where, what, what to do.
///
/// `description` begins with the file and the line, as compilers write them, so that editors can jump there.
public struct BookProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, from the repository's root on.
  public var path: String
  /// Counted from 1; nil when the whole file is meant.
  public var line: Int?
  /// What is wrong, without a full stop.
  public var found: String
  /// What to do: whole sentences, perhaps on several lines.
  public var advice: String?

  /// A problem in a file, and what to do about it.
  public init(_ path: String, line: Int? = nil, _ found: String, advice: String? = nil) {
    self.path = path
    self.line = line
    self.found = found
    self.advice = advice
  }

  public var description: String {
    var text = path + (line.map { ":\($0)" } ?? "") + ": " + found
    for line in (advice ?? "").split(separator: "\n") { text += "\n       " + line }
    return text
  }
}

/// What is wrong with a marker, before anybody knows on which line it stands.
struct MarkerProblem: Error, Equatable {
  let found: String
  let advice: String?

  init(_ found: String, _ advice: String? = nil) {
    self.found = found
    self.advice = advice
  }
}
