import ExerciseKit
import Formats
import Foundation

/// Writes all that comes of marking: tables, reports, the class, and the formats of others.
public enum MarkFiles {
  /// - Returns: The names of what was written, for people.
  public static func write(_ marks: ClassMarks, to folder: String) throws -> [(file: String, meaning: String)]
  {
    let summary = ClassSummary(marks)
    let similar = try SimilarAnswers(marks)
    func json(_ value: some Encodable, _ name: String) throws {
      let encoder = JSONEncoder()
      encoder.dateEncodingStrategy = .iso8601
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write(
        encoder.encode(value) + Data("\n".utf8), to: folder + "/" + name, creatingFolders: true)
    }
    for learner in marks.learners {
      let report = LearnerReport(learner: learner, plan: marks.plan)
      try AtomicFile.write(report.html, to: folder + "/reports/\(learner.key).html", creatingFolders: true)
      try json(GradescopeResults(learner, plan: marks.plan), "gradescope/\(learner.key)/results.json")
      for entry in marks.plan.entries {
        guard let mark = learner.marks[entry.id], mark.record.state != .missing else { continue }
        try json(
          ExercismResults(mark.record, of: entry, hidden: marks.plan.hidden(of: entry)),
          "exercism/\(learner.key)/\(entry.id)/results.json")
      }
    }
    // Nothing is left of a learner who is gone.
    let keys = Set(marks.learners.map(\.key))
    for (part, suffix) in [("reports", ".html"), ("gradescope", ""), ("exercism", "")] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
      where name.hasSuffix(suffix) && !name.hasPrefix(".")
        && !keys.contains(String(name.dropLast(suffix.count)))
      {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(part)/\(name)")
      }
    }
    struct All: Encodable {
      let course: Course
      let summary: ClassSummary
      let learners: [MarkTable.Row]
    }
    try json(All(course: marks.plan.course, summary: summary, learners: MarkTable.rows(marks)), "marks.json")
    try AtomicFile.write(similar.html, to: folder + "/similar.html")
    try AtomicFile.write(summary.html(marks), to: folder + "/summary.html")
    try AtomicFile.write(MarkTable.csv(marks), to: folder + "/marks.csv")
    return [
      ("marks.csv", "the marks, for a spreadsheet"),
      ("marks.json", "the same and all that is known, for programs"),
      ("summary.html", "the class: pass rates, mistakes by name, what could not be marked"),
      ("reports/", "a page for each learner"),
      (
        "similar.html",
        similar.pairs.isEmpty
          ? "answers that are alike: none" : "answers that are alike: \(similar.pairs.count) pairs"
      ),
      ("gradescope/", "Gradescope's results.json, one each"), ("exercism/", "Exercism's, version 3"),
    ]
  }
}
