import ExerciseKit
import Foundation
import NumberText

/// How a class has done: which exercise, which known mistake how often, and how long marking took.
struct ClassSummary: Encodable {
  struct Exercise: Encodable {
    let id: String
    let title: String
    let tried: Int
    let passed: Int
    /// Of those who tried.
    let passRate: Double
    let meanMark: Double
    let possible: Double
    let states: [String: Int]
    /// The known mistakes by name, with how many made them.
    let mistakes: [String: Int]
    /// Whose answers came to no end.
    let stopped: [String]
    let medianSeconds: Double
  }

  let learners: Int
  let meanTotal: Double
  let possible: Double
  let exercises: [Exercise]
  /// What could not be marked, and why.
  let unmarkable: [String: String]

  init(_ marks: ClassMarks) {
    let all = marks.learners
    learners = all.count
    possible = marks.possible
    meanTotal = all.isEmpty ? 0 : all.reduce(0) { $0 + $1.total } / Double(all.count)
    exercises = marks.plan.entries.map { entry in
      let own = all.compactMap { learner in learner.marks[entry.id].map { (learner.name, $0) } }
      let tried = own.filter(\.1.record.isTried)
      let passed = tried.count { $0.1.record.state == .passed }
      let seconds = tried.map(\.1.record.seconds).sorted()
      return Exercise(
        id: entry.id, title: entry.exercise.title, tried: tried.count, passed: passed,
        passRate: tried.isEmpty ? 0 : Double(passed) / Double(tried.count),
        meanMark: own.isEmpty ? 0 : own.reduce(0) { $0 + $1.1.mark } / Double(own.count),
        possible: marks.plan.points(of: entry),
        states: Dictionary(own.map { ($0.1.record.state.rawValue, 1) }, uniquingKeysWith: +),
        mistakes: Dictionary(own.compactMap { $0.1.record.mistake.map { ($0, 1) } }, uniquingKeysWith: +),
        stopped: own.filter { $0.1.record.state == .stopped }.map(\.0),
        medianSeconds: seconds.isEmpty ? 0 : seconds[seconds.count / 2])
    }
    unmarkable = Dictionary(
      all.flatMap { learner in
        marks.plan.entries.compactMap { entry in
          learner.marks[entry.id].flatMap { mark in
            mark.record.state == .unmarkable
              ? ("\(learner.name) \(entry.id)", mark.record.problem ?? "") : nil
          }
        }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// What of a learner's could not be marked, and why: the exercises of one reason together.
  private func unmarkable(of learner: ClassMarks.Learner, _ plan: CoursePlan) -> [(
    ids: [String], reason: String
  )] {
    let reasons = plan.entries.compactMap { entry in
      learner.marks[entry.id].flatMap { mark in
        mark.record.state == .unmarkable ? (id: entry.id, reason: mark.record.problem ?? "") : nil
      }
    }
    return Dictionary(grouping: reasons, by: \.reason).map { (ids: $1.map(\.id), reason: $0) }
      .sorted { $0.reason < $1.reason }
  }

  func html(_ marks: ClassMarks) -> String {
    let escaped = HTMLPage.escaped
    let number = MarkTable.number
    var body =
      "<h1>\(escaped(marks.plan.course.title.isEmpty ? "The class" : marks.plan.course.title))</h1>\n"
    body +=
      "<p>\(counted(learners, "learner")), on average \(number(meanTotal)) of \(number(possible)) points</p>\n"
    body += HTMLPage.table(
      ["Exercise", "tried", "passed", "", "mean", "of", "seconds"], numbersFrom: 1,
      exercises.map { exercise in
        [
          "\(exercise.id) \(escaped(exercise.title))", "\(exercise.tried)", "\(exercise.passed)",
          exercise.tried == 0 ? "" : percent(exercise.passRate, 0), number(exercise.meanMark),
          number(exercise.possible), fixed(exercise.medianSeconds, 1),
        ]
      })
    body += "<h2>Mistakes that are known by name</h2>\n"
    let mistakes = exercises.flatMap { exercise in
      exercise.mistakes.map { (exercise.id, $0.key, $0.value) }
    }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }
    body +=
      mistakes.isEmpty
      ? "<p>None was recognised.</p>\n"
      : HTMLPage.table(
        ["Exercise", "Mistake", "learners"], numbersFrom: 2,
        mistakes.map { [$0.0, escaped($0.1), "\($0.2)"] })
    let stopped = exercises.filter { !$0.stopped.isEmpty }
    if !stopped.isEmpty {
      body += "<h2>Crashed or ran out of time</h2>\n"
      body += HTMLPage.table(
        ["Exercise", "Learners"], numbersFrom: 9,
        stopped.map { [$0.id, escaped($0.stopped.map(\.inOneLine).joined(separator: ", "))] })
    }
    if !unmarkable.isEmpty {
      body += "<h2>Could not be marked</h2>\n"
      body += HTMLPage.table(
        ["Whose", "Exercises", "Why"], numbersFrom: 9,
        marks.learners.flatMap { learner in
          unmarkable(of: learner, marks.plan).map { ids, reason in
            [
              escaped(learner.name.inOneLine),
              ids.count == exercises.count ? "all" : ids.joined(separator: " "), escaped(reason),
            ]
          }
        })
    }
    body += "<h2>Learners</h2>\n"
    body += HTMLPage.table(
      ["Learner", "points", ""], numbersFrom: 1,
      marks.learners.map { learner in
        let link = "reports/\(HTMLPage.fileURL(learner.key)).html"
        return [
          "<a href=\"\(link)\">\(escaped(learner.name.inOneLine))</a>", number(learner.total),
          percent(learner.total / max(possible, 1e-9), 0),
        ]
      })
    body += "<p><a href=\"similar.html\">Answers that are alike</a></p>\n"
    return HTMLPage.page("Marks", body)
  }
}

extension HTMLPage {
  /// A file's name as a link to it.
  static func fileURL(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-_.@")))
      ?? name
  }
}
