import Formats
import Foundation

/// A workbook that was handed out: stubs in place of the marked sources, and a judge that was built elsewhere.
///
/// The course travels packed beside the judge: which exercises there are, what they are worth, when they are due, and
/// which checks are left to the marking.
public struct LearnersCopy: Sendable {
  /// The course that the copy was made for.
  public let course: Course

  /// Where the course lies in such a workbook.
  public static let path = "runner/course.gz"

  /// Nil where `root` is a whole workbook.
  public init?(root: URL) throws {
    let file = root.appending(path: Self.path)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    course = try Course(json: Data(Gzip.read(file.path, limit: 1 << 20)), path: file.path)
  }
}
