import ExerciseKit
import Foundation
import Testing

@testable import Classroom
@testable import Formats

/// From what was found to what counts: points, dates, several submissions, a person's word.
@Suite struct MarkTests {
  private let hidden = "as the definition says, for twelve pairs of sizes"

  /// A store with what marking would have noted, without marking.
  private func store(
    _ folder: String, _ attempts: [(learner: String, time: String?, records: [MarkRecord])]
  ) throws -> MarkStore {
    let store = try MarkStore(folder: folder)
    for attempt in attempts {
      let time = try attempt.time.map { try Date($0, strategy: .iso8601) }
      let submission = Submission(
        learner: LearnerName(attempt.learner), path: "/x/\(attempt.learner)@\(attempt.time ?? "")",
        time: time, problem: nil)
      let key = MarkStore.key(of: submission)
      try store.write(MarkStore.Attempt(learner: attempt.learner, time: time), as: key)
      for record in attempt.records { try store.write(record, of: key) }
    }
    return store
  }

  private func record(_ id: String, points: Int) throws -> MarkRecord {
    let own = try Class.entry(id).exercise.points
    var record = MarkRecord(exercise: id, state: points == own ? .passed : .wrong)
    record.points = points
    return record
  }

  @Test func pointsAndDates() throws {
    let plan = try Class.course(
      """
      { "exercises": ["2.1", "2.3"], "points": { "2.3": 12 },
        "due": { "2": "2026-10-12T20:00:00Z", "2.1": "2026-10-10T20:00:00Z" },
        "late": { "perDay": 0.1, "atMostDays": 3, "graceMinutes": 10 } }
      """)
    let entry = try Class.entry("2.3")
    #expect(entry.exercise.points == 6)
    func share(_ time: String) throws -> Double {
      plan.share(of: entry, at: try Date(time, strategy: .iso8601))
    }
    #expect(try share("2026-10-12T20:09:59Z") == 1)
    #expect(try share("2026-10-12T20:11:00Z") == 0.9)
    #expect(try share("2026-10-13T20:11:00Z") == 0.8)
    #expect(try share("2026-10-16T21:00:00Z") == 0)
    #expect(plan.share(of: entry, at: nil) == 1)
    let folder = try TestFolder()
    let marks = try ClassMarks(
      store(
        folder.path, [("ada", "2026-10-12T20:30:00Z", [record("2.3", points: 3), record("2.1", points: 3)])]),
      plan: plan)
    let ada = marks.learners[0]
    #expect(ada.marks["2.3"]?.full == 6)
    #expect(ada.marks["2.3"]?.mark == 5.4)
    // Two days and a half after its own date.
    #expect(ada.marks["2.1"]?.mark == 2.1)
    #expect(ada.total == 7.5)
    #expect(marks.possible == 15)
  }

  @Test func bestOrLast() throws {
    let attempts = try [
      ("ada", "2026-10-01T00:00:00Z" as String?, [record("2.1", points: 3), record("2.3", points: 1)]),
      ("ada", "2026-10-03T00:00:00Z", [record("2.1", points: 1), record("2.3", points: 6)]),
    ]
    let folder = try TestFolder()
    let store = try store(folder.path, attempts.map { (learner: $0.0, time: $0.1, records: $0.2) })
    func total(_ course: String) throws -> Double {
      try ClassMarks(store, plan: Class.course(#"{"exercises": ["2.1", "2.3"], "#.appending(course) + "}"))
        .learners[0].total
    }
    #expect(try total(#""attempts": "best""#) == 9)
    // Of two that are equal the first counts: it may have been in time.
    let again = try self.store(
      folder("again"),
      ["2026-10-01T00:00:00Z", "2026-10-03T00:00:00Z"].map { ("ada", $0, [try record("2.1", points: 3)]) })
    let marks = try ClassMarks(again, plan: Class.course(#"{"exercises": ["2.1"]}"#))
    #expect(marks.learners[0].marks["2.1"]?.attempt.contains("2026-10-01") == true)
    #expect(try total(#""attempts": "last""#) == 7)
    // The later one is better by less than it loses.
    #expect(
      try total(#""due": {"all": "2026-10-02T00:00:00Z"}, "late": {"perDay": 0.9}"#) == 4)
  }

  @Test func correctionsStay() throws {
    let folder = try TestFolder()
    let store = try store(
      folder.path, [("ada", nil, [record("2.1", points: 0)]), ("=b", nil, [record("2.1", points: 3)])])
    let text = """
      [ { "learner": "ada", "exercise": "2.1", "mark": 2.5, "comment": "The idea is right." },
        { "learner": "=b", "comment": "=HYPERLINK(\\"x\\")" }, { "learner": "nobody", "exercise": "2.1", "mark": 3 } ]
      """
    try AtomicFile.write(text, to: folder("corrections.json"))
    let plan = try Class.course(#"{"exercises": ["2.1"]}"#)
    let marks = try ClassMarks(store, plan: plan)
    _ = try MarkFiles.write(marks, to: folder.path)
    _ = try MarkFiles.write(ClassMarks(store, plan: plan), to: folder.path)
    #expect(try String(contentsOfFile: folder("corrections.json"), encoding: .utf8) == text)
    #expect(marks.learners.first { $0.name == "ada" }?.marks["2.1"]?.mark == 2.5)
    #expect(marks.unused.map(\.learner) == ["nobody"])
    let csv = try String(decoding: Data(contentsOf: URL(filePath: folder("marks.csv"))), as: UTF8.self)
    #expect(
      csv == "\u{FEFF}learner,total,possible,percent,2.1,submissions,late,not marked,corrected,comments\r\n"
        + "'=b,3,3,100,3,1,,,,\"'=HYPERLINK(\"\"x\"\")\"\r\n"
        + "ada,2.5,3,83.33,2.5,1,,,2.1,2.1: The idea is right.\r\n", "\(csv)")
    let page = try String(contentsOfFile: folder("reports/ada.html"), encoding: .utf8)
    #expect(page.contains("decided by a person (before: 0)") && page.contains("The idea is right."))

    try AtomicFile.write("[ {", to: folder("corrections.json"))
    #expect(throws: CannotRead.self) { try ClassMarks(store, plan: plan) }
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("  =1", "'  =1"), ("\t=1", "\"'\t=1\""),
    ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""), ("🙂", "🙂"),
    ("＝1", "'＝1"),
    ("Ada", "Ada"), ("\u{FEFF}=1", "'\u{FEFF}=1"),
  ]) func cells(_ text: String, _ cell: String) { #expect(MarkTable.cell(text) == cell) }

  @Test func mistakesInACourse() throws {
    for (json, words) in [
      (#"{"hiden": {}}"#, "did you mean \"hidden\"?"),
      (#"{"late": {"perday": 1}}"#, "did you mean \"perDay\"?"),
      (#"{"exercises": ["2.99"]}"#, "2.99"), (#"{"chapters": [99]}"#, "there is no chapter 99"),
      (#"{"hidden": {"2.1": ["speed"]}}"#, "has no check \"speed\""), (#"{"points": {"2.1": -1}}"#, "-1"),
      (#"{"due": {"2": "tomorrow"}}"#, "due: a date is written like"), ("{", "course"),
      (#"{"hidden": {"2.1": ["shape", "by hand", "property", "gradients", "training"]}}"#, "check"),
    ] {
      #expect { try Class.course(json) } throws: { "\($0)".contains(words) }
    }
  }

  /// A hidden check tells whether it passed, and nothing else, wherever results go.
  @Test func hiddenChecksStayHidden() throws {
    let plan = try Class.course(#"{"exercises": ["2.3"], "hidden": {"2.3": ["property"]}}"#)
    #expect(plan.hidden(of: try Class.entry("2.3")).contains(hidden))
    let folder = try TestFolder()
    var record = MarkRecord(exercise: "2.3", state: .wrong)
    record.points = 3
    record.lines = [
      .init(layer: "shape", text: "right shape", points: 3, outcome: "passed", failure: []),
      .init(
        layer: "property", text: hidden, points: 2, outcome: "failed", failure: ["SECRET yours 1 expected 2"]),
    ]
    record.picture = Data([1])
    record.pictureText = "SECRET"
    let store = try store(folder.path, [("ada", nil, [record])])
    _ = try MarkFiles.write(ClassMarks(store, plan: plan), to: folder.path)
    for file in ["reports/ada.html", "gradescope/ada/results.json", "exercism/ada/2.3/results.json"] {
      let text = try String(contentsOfFile: folder(file), encoding: .utf8)
      #expect(!text.contains("SECRET") && !text.contains(hidden), "\(file)")
      #expect(text.contains("a check that is not shown"), "\(file)")
    }
    let gradescope =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: folder("gradescope/ada/results.json")))) as? [String: Any]
    let tests = try #require(gradescope?["tests"] as? [[String: Any]])
    #expect(tests.map { $0["visibility"] as? String } == ["visible", "after_published"])
    #expect(gradescope?["score"] as? Double == 3)
    #expect(gradescope?["execution_time"] != nil && gradescope?["stdout_visibility"] as? String == "hidden")
    let exercism =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: folder("exercism/ada/2.3/results.json")))) as? [String: Any]
    #expect(exercism?["version"] as? Int == 3 && exercism?["status"] as? String == "fail")
  }

  /// What pages and tables say adds up: checks in the course's points, late only what was tried, one row a reason.
  @Test func pagesAddUp() throws {
    let plan = try Class.course(
      """
      { "exercises": ["2.1", "2.3"], "points": { "2.1": 4.5 }, "due": { "all": "2026-10-12T20:00:00Z" },
        "late": { "perDay": 0.5 } }
      """)
    let folder = try TestFolder()
    var right = try record("2.1", points: 3)
    right.lines = [.init(layer: "shape", text: "right shape", points: 3, outcome: "passed", failure: [])]
    let unreadable = ["2.1", "2.3"].map { MarkRecord(exercise: $0, state: .unmarkable, problem: "no zip") }
    let store = try store(
      folder.path, [("ada", "2026-10-13T10:00:00Z", [right]), ("eve", "2026-10-13T10:00:00Z", unreadable)])
    _ = try MarkFiles.write(ClassMarks(store, plan: plan), to: folder.path)
    func text(_ file: String) throws -> String { try String(contentsOfFile: folder(file), encoding: .utf8) }
    let page = try text("reports/ada.html")
    #expect(page.contains("2.25 of 4.5 points · late: 50 % of 4.5 is left"), "\(page)")
    #expect(page.contains("right shape <span class=\"faint\">4.5 points</span>"), "\(page)")
    #expect(page.contains("href=\"#e2.1\"") && !page.contains("href=\"#e2.3\""), "a link that leads nowhere")
    #expect(try text("marks.csv").contains("\r\nada,2.25,10.5,21.43,2.25,0,1,2.1,,,\r\n"))
    #expect(try text("summary.html").contains("<td>eve</td><td>all</td><td>no zip</td>"))
  }

  @Test func similarAnswers() throws {
    let text = """
      import Practice
      func crossCorrelate2d(_ x: Tensor, _ w: Tensor) throws -> Tensor {
        var y = Tensor.zeros([x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1])
        for i in 0..<y.shape[0] { for j in 0..<y.shape[1] {
          var sum: Float = 0
          for a in 0..<w.shape[0] { for b in 0..<w.shape[1] { sum += w[a, b] * x[i + a, j + b] } }
          y[i, j] = sum } }
        return y
      }
      """
    let renamed = text.replacing("sum", with: "total").replacing(
      "w[a, b] * x", with: "w[a, b]  /* mine */ * x")
    let other = text.replacing(
      "for a in 0..<w.shape[0] { for b in 0..<w.shape[1] { sum += w[a, b] * x[i + a, j + b] } }",
      with:
        "sum = zip(w.scalars, window(of: x, at: (i, j), like: w.shape)).map(*).reduce(0, +); if sum.isNaN { fatalError() }"
    )
    let (a, b, c) = (SimilarAnswers.runs(text), SimilarAnswers.runs(renamed), SimilarAnswers.runs(other))
    #expect(a == b && !a.isEmpty)
    #expect(Double(a.intersection(c).count) / Double(a.union(c).count) < SimilarAnswers.threshold)
  }
}
