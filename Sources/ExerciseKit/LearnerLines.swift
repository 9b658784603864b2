import Foundation

/// The lines of a learner's file, whatever ends them, and whatever its encoding; none where it cannot be read.
func lines(of file: URL) -> [Substring] {
  String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
    .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
}
