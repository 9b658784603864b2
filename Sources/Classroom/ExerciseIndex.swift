import BookKit
import ExerciseKit

extension Catalogue {
  /// The exercises as the book's index lists them.
  ///
  /// - Throws: When a source cannot be read.
  public func listedInBook() throws -> [ListedExercise] {
    try entries.map { entry in
      ListedExercise(
        id: entry.id, chapter: entry.chapter, title: entry.exercise.title,
        task: try Self.task(of: entry.markedSource().text), section: entry.exercise.section,
        difficulty: entry.exercise.difficulty, minutes: entry.exercise.minutes)
    }
  }

  /// The first sentence of the first documentation comment: what the learner's function gives.
  static func task(of source: String) -> String {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
    let comment = lines.drop { !$0.hasPrefix("/// ") }.prefix { $0.hasPrefix("/// ") }.map { $0.dropFirst(4) }
      .joined(separator: " ")
    guard let end = comment.firstRange(of: /[.!?](?= |$)/) else { return comment }
    return String(comment[..<end.upperBound])
  }
}
