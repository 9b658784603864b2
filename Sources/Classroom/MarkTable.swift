import ExerciseKit
import Foundation
import NumberText

/// Marks as tables for spreadsheets and programs.
public enum MarkTable {
  /// `marks.csv`: a row for each learner, a column for each exercise. UTF-8 with the mark that Excel looks for.
  public static func csv(_ marks: ClassMarks) -> String {
    let entries = marks.plan.entries
    var rows = [
      ["learner", "total", "possible", "percent"] + entries.map(\.id)
        + ["submissions", "late", "not marked", "corrected", "comments"]
    ]
    for learner in marks.learners {
      let all = entries.compactMap { entry in learner.marks[entry.id].map { (entry.id, $0) } }
      let unmarked = all.filter { $0.1.record.state == .unmarkable && !$0.1.isCorrected }
      let reasons = Set(unmarked.compactMap(\.1.record.problem)).sorted()
      rows.append(
        [
          cell(learner.name), number(learner.total), number(marks.possible),
          number(100 * learner.total / max(marks.possible, 1e-9)),
        ] + entries.map { entry in learner.marks[entry.id].map { number($0.mark) } ?? "" }
          + [
            "\(learner.attempts)", cell(all.filter { $0.1.isLate }.map(\.0).joined(separator: " ")),
            cell(
              unmarked.isEmpty
                ? "" : "\(unmarked.map(\.0).joined(separator: " ")): \(reasons.joined(separator: "; "))"),
            cell(all.filter(\.1.isCorrected).map(\.0).joined(separator: " ")),
            cell(
              (learner.comments + all.compactMap { id, mark in mark.comment.map { "\(id): \($0)" } })
                .joined(separator: "\n")),
          ])
    }
    return "\u{FEFF}" + rows.map { $0.joined(separator: ",") }.joined(separator: "\r\n") + "\r\n"
  }

  /// A mark with at most two digits behind the point, whatever the language of the machine.
  static func number(_ value: Double) -> String {
    var text = fixed(value, 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// Text for a cell. What a spreadsheet would take for a formula gets an apostrophe before it; quotes are doubled.
  static func cell(_ text: String) -> String {
    var text = text.replacing("\0", with: "\u{FFFD}")
    // Spreadsheets look behind white space, and take these wide signs for the narrow ones.
    let first = text.unicodeScalars.first {
      !$0.properties.isWhitespace && $0 != "\u{FEFF}" && $0 != "\u{200B}"
    }
    if let first,
      "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}\u{2212}|%".unicodeScalars.contains(first)
        || text.unicodeScalars.first.map({ "\t\r\n".unicodeScalars.contains($0) }) == true
    {
      text = "'" + text
    }
    let isPlain = text.unicodeScalars.allSatisfy { !",\"\r\n;\t".unicodeScalars.contains($0) }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  struct Row: Encodable {
    struct Exercise: Encodable {
      let state: MarkRecord.State
      let mark: Double
      let possible: Double
      let markBeforeLateness: Double
      let shareLeft: Double
      let mistake: String?
      let problem: String?
      let seconds: Double
      let isCorrected: Bool
      let comment: String?
    }
    let learner: String
    let key: String
    let total: Double
    let possible: Double
    let submissions: Int
    let problems: [String]
    let comments: [String]
    let exercises: [String: Exercise]
  }

  /// `marks.json`: all that is known, for programs.
  static func rows(_ marks: ClassMarks) -> [Row] {
    marks.learners.map { learner in
      let exercises = marks.plan.entries.compactMap { entry in
        learner.marks[entry.id].map { mark in
          (
            entry.id,
            Row.Exercise(
              state: mark.record.state, mark: mark.mark, possible: marks.plan.points(of: entry),
              markBeforeLateness: mark.full, shareLeft: mark.share, mistake: mark.record.mistake,
              problem: mark.record.problem, seconds: mark.record.seconds, isCorrected: mark.isCorrected,
              comment: mark.comment)
          )
        }
      }
      return Row(
        learner: learner.name, key: learner.key, total: learner.total, possible: marks.possible,
        submissions: learner.attempts, problems: learner.problems, comments: learner.comments,
        exercises: Dictionary(uniqueKeysWithValues: exercises))
    }
  }
}
