import ExerciseKit
import Foundation

/// The marks of a class, worked out from what is noted of each submission, the course and the corrections.
public struct ClassMarks: Sendable {
  /// The mark for one exercise.
  public struct Mark: Sendable {
    /// What the marking noted of it.
    public let record: MarkRecord
    /// What counts: after what is lost by coming late, and after a person's correction.
    public var mark: Double
    /// What the machine has given before that.
    public let full: Double
    /// What was left of it for coming late.
    public let share: Double
    /// The folder of the submission that counts.
    public let attempt: String
    /// What a person has said of it.
    public var comment: String?
    /// Whether a person has changed the mark.
    public var isCorrected = false
    /// Whether something was lost by coming late: what was never tried has nothing to lose.
    public var isLate: Bool { share < 1 && record.isTried }
  }

  /// One learner's marks.
  public struct Learner: Sendable {
    /// The name for people.
    public let name: String
    /// The name for files.
    public let key: String
    /// By the exercise's id.
    public var marks: [String: Mark] = [:]
    /// How many submissions there are of theirs.
    public var attempts = 0
    /// Why one of them could not be marked.
    public var problems: [String] = []
    /// What a person has said of the learner, and not of one exercise.
    public var comments: [String] = []
    /// The sum of the marks, in hundredths of a point: in whatever order they are added, it is the same.
    public var total: Double { rounded(marks.values.reduce(0) { $0 + $1.mark }) }
  }

  /// The course by which they were worked out.
  public let plan: CoursePlan
  /// The learners of whom there is a submission, by name.
  public private(set) var learners: [Learner] = []
  /// Corrections that are about nobody.
  public private(set) var unused: [Correction] = []
  /// The texts of the answers that count, by exercise and learner's key.
  private(set) var texts: [String: [String: String]] = [:]

  /// The points that a learner can have in this course.
  public var possible: Double { plan.entries.reduce(0) { $0 + plan.points(of: $1) } }

  /// - Parameters:
  ///   - store: What the marking has noted.
  ///   - plan: The course: which exercises count, what they are worth, when they are due.
  ///   - submissions: Those that count; nil: all that are noted. What was noted of one that is gone counts no more.
  /// - Throws: When the corrections cannot be understood.
  public init(_ store: MarkStore, plan: CoursePlan, of submissions: [Submission]? = nil) throws {
    self.plan = plan
    let there = submissions.map { Set($0.map(MarkStore.key)) }
    let attempts = store.attempts().filter { there?.contains($0) ?? true }.compactMap { key in
      store.attempt(key).map { (key: key, attempt: $0) }
    }
    let byLearner = Dictionary(grouping: attempts) { String($0.key.prefix { $0 != "+" }) }
    for (key, own) in byLearner {
      let inOrder = own.sorted {
        ($0.attempt.time ?? .distantPast, $0.key) < ($1.attempt.time ?? .distantPast, $1.key)
      }
      var learner = Learner(name: inOrder[0].attempt.learner, key: key, attempts: own.count)
      learner.problems = inOrder.compactMap(\.attempt.problem)
      for entry in plan.entries {
        let all = inOrder.map { own in
          let record =
            own.attempt.problem.map { MarkRecord(exercise: entry.id, state: .unmarkable, problem: $0) }
            ?? store.record(entry.id, of: own.key)
            ?? MarkRecord(exercise: entry.id, state: .missing)
          return Self.mark(record, of: entry, at: own.attempt.time, in: own.key, plan)
        }
        // Of equals `max` gives the first: what was handed in first. A try counts more than none.
        let best =
          plan.course.attempts == .last
          ? all.last : all.max { ($0.mark, Self.rank($0)) < ($1.mark, Self.rank($1)) }
        guard let best else { continue }
        learner.marks[entry.id] = best
        if let text = store.attempt(best.attempt)?.answers[entry.id] {
          texts[entry.id, default: [:]][key] = text
        }
      }
      learners.append(learner)
    }
    learners.sort { ($0.name.lowercased(), $0.key) < ($1.name.lowercased(), $1.key) }
    try correct(by: Correction.all(in: store.folder))
  }

  private static func rank(_ mark: Mark) -> Int {
    switch mark.record.state {
    case .missing: 0
    case .unmarkable: 1
    case .notStarted: 2
    default: 3
    }
  }

  private static func mark(
    _ record: MarkRecord, of entry: Catalogue.Entry, at time: Date?, in attempt: String, _ plan: CoursePlan
  ) -> Mark {
    let own = max(1, entry.exercise.points)
    let full = rounded(Double(min(max(record.points, 0), own)) * plan.points(of: entry) / Double(own))
    let share = plan.share(of: entry, at: time)
    return Mark(record: record, mark: rounded(full * share), full: full, share: share, attempt: attempt)
  }

  private mutating func correct(by corrections: [Correction]) {
    for correction in corrections {
      guard
        let place = learners.firstIndex(where: {
          $0.name == correction.learner || $0.key == correction.learner
        })
      else {
        unused.append(correction)
        continue
      }
      guard let exercise = correction.exercise else {
        if let comment = correction.comment { learners[place].comments.append(comment) }
        continue
      }
      guard var mark = learners[place].marks[exercise] else {
        unused.append(correction)
        continue
      }
      if let decided = correction.mark {
        mark.mark = decided
        mark.isCorrected = true
      }
      mark.comment = [mark.comment, correction.comment].compactMap(\.self).joined(separator: "\n")
      learners[place].marks[exercise] = mark
    }
  }
}

/// Hundredths of a point.
private func rounded(_ mark: Double) -> Double { (mark * 100).rounded() / 100 }
