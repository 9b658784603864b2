import ExerciseKit
import Foundation

/// Gradescope's `results.json`: what its autograders write to /autograder/results.
///
/// - Source: Gradescope, Autograder specifications.
struct GradescopeResults: Encodable {
  struct Test: Encodable {
    let score: Double
    let max_score: Double
    let status: String
    let name: String
    let name_format = "text"
    let number: String
    let output: String
    let output_format = "text"
    let tags: [String]
    let visibility: String
    let extra_data: [String: String]
  }

  struct Place: Encodable {
    let name: String
    let value: Double
    let order = "desc"
  }

  let score: Double
  let execution_time: Double
  let output: String
  let output_format = "text"
  let test_output_format = "text"
  let test_name_format = "text"
  let visibility = "visible"
  let stdout_visibility = "hidden"
  let extra_data: [String: String]
  let tests: [Test]
  let leaderboard: [Place]

  init(_ learner: ClassMarks.Learner, plan: CoursePlan) {
    score = learner.total
    execution_time = plan.entries.reduce(0) { $0 + (learner.marks[$1.id]?.record.seconds ?? 0) }
    output = (learner.problems.map { "A submission could not be marked: \($0)" } + learner.comments).joined(
      separator: "\n")
    extra_data = ["possible": MarkTable.number(plan.entries.reduce(0) { $0 + plan.points(of: $1) })]
    leaderboard = [Place(name: "points", value: learner.total)]
    tests = plan.entries.flatMap { entry -> [Test] in
      guard let mark = learner.marks[entry.id] else { return [] }
      return Self.tests(of: mark, entry, plan)
    }
  }

  private static func tests(of mark: ClassMarks.Mark, _ entry: Catalogue.Entry, _ plan: CoursePlan) -> [Test]
  {
    let record = mark.record
    let hidden = plan.hidden(of: entry)
    let possible = plan.points(of: entry)
    let title = "\(entry.id) \(entry.exercise.title)"
    var facts = ["state": record.state.rawValue]
    if let mistake = record.mistake { facts["mistake"] = mistake }
    // A mark that a person decided, or that there are no checks for, is one line.
    if mark.isCorrected || record.lines.isEmpty {
      let text = [record.problem, mark.comment].compactMap(\.self).joined(separator: "\n")
      return [
        Test(
          score: mark.mark, max_score: possible, status: mark.mark >= possible ? "passed" : "failed",
          name: title,
          number: entry.id, output: text.isEmpty ? record.state.rawValue : text, tags: [entry.chapterFolder],
          visibility: "visible", extra_data: facts)
      ]
    }
    let scale = possible / Double(max(1, entry.exercise.points))
    return record.lines.enumerated().map { index, line in
      let isHidden = hidden.contains(line.text)
      let isPassed = line.outcome == "passed"
      var output = line.outcome == "not tried" ? ["not tried: an earlier check failed"] : line.failure
      if line.outcome == "failed", let advice = record.advice { output.append(advice) }
      if line.outcome == "stopped", let problem = record.problem { output.append(problem) }
      if mark.share < 1 {
        output.append("late: \(MarkTable.number(mark.share * 100)) % of the points are left")
      }
      if let comment = mark.comment, index == 0 { output.append(comment) }
      return Test(
        score: isPassed ? Double(line.points) * scale * mark.share : 0,
        max_score: Double(line.points) * scale,
        status: isPassed ? "passed" : "failed",
        name: isHidden ? "\(title): a check that is not shown" : "\(title): \(line.text)",
        number: "\(entry.id).\(index + 1)", output: isHidden ? line.outcome : output.joined(separator: "\n"),
        tags: [entry.chapterFolder, line.layer], visibility: isHidden ? "after_published" : "visible",
        extra_data: facts)
    }
  }
}

/// Exercism's `results.json`, version 3, of one exercise.
///
/// - Source: exercism/docs, building/tooling/test-runners/interface.md.
struct ExercismResults: Encodable {
  struct Test: Encodable {
    let name: String
    let status: String
    let message: String?
    let output: String?
    let test_code: String
    let task_id: Int
  }

  let version = 3
  let status: String
  let message: String?
  let tests: [Test]

  init(_ record: MarkRecord, of entry: Catalogue.Entry, hidden: Set<String>) {
    let isError = [.doesNotCompile, .unmarkable, .missing].contains(record.state) || record.lines.isEmpty
    status = record.state == .passed ? "pass" : isError ? "error" : "fail"
    message = isError ? record.problem ?? record.state.rawValue : nil
    tests =
      isError
      ? []
      : record.lines.enumerated().map { index, line in
        let isHidden = hidden.contains(line.text)
        var words = isHidden ? [] : line.failure
        if line.outcome == "failed", let advice = record.advice { words.append(advice) }
        if line.outcome == "stopped" { words.append(record.problem ?? "it came to no answer") }
        if line.outcome == "not tried" { words.append("not tried: an earlier check failed") }
        return Test(
          name: isHidden ? "a check that is not shown" : line.text,
          status: line.outcome == "passed" ? "pass" : line.outcome == "stopped" ? "error" : "fail",
          message: line.outcome == "passed" ? nil : words.joined(separator: "\n"),
          output: index == 0 && !record.printed.isEmpty ? Self.cut(record.printed) : nil,
          test_code: isHidden ? "" : "\(line.layer): \(line.text)", task_id: index + 1)
      }
  }

  /// At most 500 characters, and a word about it.
  private static func cut(_ text: String) -> String {
    let note = "\nOutput was truncated. Please limit to 500 characters."
    return text.count <= 500 ? text : String(text.prefix(500 - note.count)) + note
  }
}
