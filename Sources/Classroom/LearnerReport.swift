import ExerciseKit
import Foundation
import NumberText
import Pictures

/// What a learner is told of what they handed in: a page that stands by itself.
///
/// Of a hidden check it tells whether it passed, and neither what was asked nor what was expected.
struct LearnerReport {
  let learner: ClassMarks.Learner
  let plan: CoursePlan

  var html: String {
    let possible = plan.entries.reduce(0) { $0 + plan.points(of: $1) }
    var body = "<h1>\(escaped(learner.name.inOneLine))</h1>\n"
    if !plan.course.title.isEmpty { body += "<p class=\"faint\">\(escaped(plan.course.title))</p>\n" }
    body += "<p><strong>\(number(learner.total)) of \(number(possible)) points</strong></p>\n"
    for comment in learner.comments { body += "<div class=\"comment\">\(escaped(comment))</div>\n" }
    for problem in Set(learner.problems).sorted() {
      body += "<p class=\"bad\">A submission could not be marked: \(escaped(problem))</p>\n"
    }
    body += HTMLPage.table(
      ["Exercise", "", "Points"], numbersFrom: 2,
      plan.entries.map { entry in
        let mark = learner.marks[entry.id]
        let state = mark?.record.state ?? .missing
        return [
          (hasSection(mark) ? "<a href=\"#e\(entry.id)\">\(entry.id)</a>" : entry.id)
            + " \(escaped(entry.exercise.title))",
          "<span class=\"\(Self.color(state))\">\(state.rawValue)</span>",
          "\(number(mark?.mark ?? 0)) of \(number(plan.points(of: entry)))",
        ]
      })
    for entry in plan.entries {
      guard let mark = learner.marks[entry.id], hasSection(mark) else { continue }
      body += section(entry, mark)
    }
    return HTMLPage.page("\(learner.name.inOneLine): marks", body)
  }

  /// Whether there is more to say of an exercise than its line in the table.
  private func hasSection(_ mark: ClassMarks.Mark?) -> Bool {
    mark.map { $0.record.state != .missing || $0.comment != nil } ?? false
  }

  private func section(_ entry: Catalogue.Entry, _ mark: ClassMarks.Mark) -> String {
    let record = mark.record
    let hidden = plan.hidden(of: entry)
    var text = "<h2 id=\"e\(entry.id)\">\(entry.id) \(escaped(entry.exercise.title))</h2>\n"
    text += "<p><span class=\"\(Self.color(record.state))\">\(record.state.rawValue)</span>"
    text += " · \(number(mark.mark)) of \(number(plan.points(of: entry))) points"
    if mark.isCorrected { text += " · decided by a person (before: \(number(mark.full)))" }
    if mark.share < 1 && mark.full > 0 && !mark.isCorrected {
      text += " · late: \(percent(mark.share, 0)) of \(number(mark.full)) is left"
    }
    text += "</p>\n"
    if let comment = mark.comment, !comment.isEmpty {
      text += "<div class=\"comment\">\(escaped(comment))</div>\n"
    }
    if !record.lines.isEmpty {
      // In the course's points, so that they add up to the mark above.
      let scale = plan.points(of: entry) / Double(max(1, entry.exercise.points))
      text += "<ul class=\"checks\">\n"
      for (index, line) in record.lines.enumerated() {
        let isHidden = hidden.contains(line.text)
        text += "<li>\(Self.sign(line.outcome)) <span class=\"faint\">\(line.layer)</span> "
        text += isHidden ? "a check that is not shown" : escaped(line.text)
        let worth = number(Double(line.points) * scale)
        text += " <span class=\"faint\">\(worth) \(worth == "1" ? "point" : "points")</span>"
        // One failure at a time is enough to read.
        let isFirst = record.lines.firstIndex { $0.outcome == "failed" && !hidden.contains($0.text) } == index
        if isFirst, !line.failure.isEmpty {
          text += "<pre>\(escaped(line.failure.joined(separator: "\n")))</pre>"
        }
        text += "</li>\n"
      }
      text += "</ul>\n"
    }
    if let problem = record.problem {
      text += "<pre>\(escaped(problem))</pre>\n"
      if let call = record.call, !isAboutHidden(record, hidden) {
        text +=
          "<p class=\"faint\">in the call \(escaped(call))\(record.line.map { ", line \($0)" } ?? "")</p>\n"
      }
    }
    if let advice = record.advice {
      text +=
        "<div class=\"advice\">\(escaped(advice)) (The book, section \(entry.exercise.section).)</div>\n"
    }
    if let picture = record.picture, !isAboutHidden(record, hidden) {
      text += "<figure><img alt=\"\(escaped(record.pictureText ?? ""))\" "
      text += "src=\"data:image/png;base64,\(picture.base64EncodedString())\">"
      text += "<figcaption class=\"faint\">\(escaped(record.pictureText ?? ""))</figcaption></figure>\n"
    }
    for curve in record.curves where hidden.isEmpty { text += drawn(curve) }
    if !record.printed.isEmpty {
      text += "<p class=\"faint\">The code printed:</p><pre>\(escaped(record.printed))</pre>\n"
    }
    return text
  }

  /// Whether the first failure, and so the picture and the call, is of a check that is not shown. A picture may also be
  /// of a later check than the one that failed: where anything is hidden, it has to be named by its check.
  private func isAboutHidden(_ record: MarkRecord, _ hidden: Set<String>) -> Bool {
    if hidden.isEmpty { return false }
    let failed = record.lines.first { $0.outcome == "failed" || $0.outcome == "stopped" }
    return failed.map { hidden.contains($0.text) } ?? true
      || hidden.contains { record.pictureText?.contains($0) ?? false }
  }

  /// A curve as a small drawing, yours and how it goes in an answer without faults.
  private func drawn(_ curve: MarkRecord.Curve) -> String {
    let all = (curve.yours + curve.expected).compactMap(\.self)
    guard let least = all.min(), let most = all.max(), curve.yours.count > 1 else { return "" }
    func line(_ numbers: [Double?], _ color: String) -> String {
      let points = numbers.enumerated().compactMap { index, number in
        number.map {
          String(
            format: "%.1f,%.1f", 600 * Double(index) / Double(max(1, numbers.count - 1)),
            120 - 116 * ($0 - least) / max(most - least, 1e-12))
        }
      }
      return
        "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" points=\"\(points.joined(separator: " "))\"/>"
    }
    return """
      <figure><svg viewBox="0 -4 600 132" width="600" role="img" aria-label="\(escaped(curve.name))">\
      \(line(curve.expected, "#2a9d5c"))\(line(curve.yours, "#d1495b"))</svg>
      <figcaption class="faint">\(escaped(curve.name)): yours red, without faults green; from \
      \(significant(least, 3)) to \(significant(most, 3))</figcaption></figure>

      """
  }

  static func color(_ state: MarkRecord.State) -> String {
    switch state {
    case .passed: "good"
    case .wrong, .stopped, .doesNotCompile, .unmarkable: "bad"
    case .notStarted, .missing: "faint"
    }
  }

  private static func sign(_ outcome: String) -> String {
    switch outcome {
    case "passed": "<span class=\"good\">✓</span>"
    case "not tried": "<span class=\"faint\">–</span>"
    default: "<span class=\"bad\">✗</span>"
    }
  }

  private func escaped(_ text: String) -> String { HTMLPage.escaped(text) }
  private func number(_ value: Double) -> String { MarkTable.number(value) }
}
