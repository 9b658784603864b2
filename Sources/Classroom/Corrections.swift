import ExerciseKit
import Foundation

/// What a person has decided after the machine: marks and comments, in a file that no marking writes to.
///
///     [
///       { "learner": "ada", "exercise": "2.3", "mark": 4.5, "comment": "The idea is right, and the sum is off by one." },
///       { "learner": "grace", "comment": "Handed in by mail, accepted." }
///     ]
///
/// Without `mark` it is a comment; without `exercise` it is about the learner.
public struct Correction: Codable, Sendable, Equatable {
  /// The learner's name, as marks show it.
  public var learner: String
  /// The exercise, by its id; nil where it is about the learner.
  public var exercise: String?
  /// The points that count instead; nil for a comment alone.
  public var mark: Double?
  /// What the learner reads.
  public var comment: String?

  /// The name of the file in the folder of marks.
  public static let file = "corrections.json"

  /// The corrections in a folder of marks; none where there is no file.
  ///
  /// - Throws: Where the file cannot be understood: better no marks than marks without what was decided.
  public static func all(in folder: String) throws -> [Correction] {
    let path = folder + "/" + file
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      let all = try JSONDecoder().decode([Correction].self, from: Data(contentsOf: URL(filePath: path)))
      if let odd = all.first(where: {
        ($0.mark.map { !$0.isFinite || $0 < 0 } ?? false) || $0.mark != nil && $0.exercise == nil
      }) {
        throw CannotRead(
          "the correction for \(odd.learner) needs an exercise, and a mark that is not negative")
      }
      return all
    } catch {
      let reason =
        (error as? CannotRead)?.description ?? "it is a list of objects with learner, exercise, mark, comment"
      throw CannotRead(
        "\(path): the corrections cannot be understood: \(reason) (\(error.localizedDescription))")
    }
  }
}
