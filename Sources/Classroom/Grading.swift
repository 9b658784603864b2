import ExerciseKit
import Formats
import Foundation
import NumberText

/// Marks many submissions: each exercise of each is compiled and run by itself, judged here, and noted in a file.
///
/// What is noted already, of the same answer by the same checks, is not marked again. So a marking that was killed goes on
/// where it was, and a second one after more was handed in marks what is new.
public struct Grading: Sendable {
  let plan: CoursePlan
  let toolchain: Toolchain
  let store: MarkStore
  let jobs: Int
  /// Marked anew whatever is noted; nil: what is not noted yet.
  let again: Set<String>?
  private let judges: [String: String]

  /// - Parameters:
  ///   - plan: The course: which exercises are marked.
  ///   - toolchain: Confined by a sandbox, where there is one.
  ///   - store: Where marks are noted.
  ///   - jobs: How many answers are compiled and run at a time.
  ///   - again: The ids of exercises to mark anew for all, and no others.
  public init(
    _ plan: CoursePlan, with toolchain: Toolchain, into store: MarkStore, jobs: Int, again: Set<String>? = nil
  ) {
    (self.plan, self.toolchain, self.store, self.jobs, self.again) = (
      plan, toolchain, store, max(1, jobs), again
    )
    judges = Dictionary(uniqueKeysWithValues: plan.entries.map { ($0.id, Self.judge(of: $0)) })
  }

  /// A digest of an exercise's own files: when they change, answers are marked anew.
  private static func judge(of entry: Catalogue.Entry) -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: entry.folder.path)) ?? []).sorted()
    return digest(
      names.filter { $0.hasSuffix(".swift") }.flatMap { name -> [UInt8] in
        let text = FileManager.default.contents(atPath: entry.folder.path + "/" + name) ?? Data()
        return Array(name.utf8) + [0] + Array(text)
      })
  }

  /// How far it has come.
  public struct State: Sendable {
    /// How many answers have been marked.
    public var done = 0
    /// How many there are to mark.
    public var total = 0
    /// What was marked last, in a few words.
    public var last = ""
  }

  /// One answer to be marked.
  private struct Job: Sendable {
    let attempt: String
    let entry: Catalogue.Entry
    let bytes: [UInt8]
    let answer: String
  }

  /// Marks what there is to mark.
  ///
  /// - Parameters:
  ///   - submissions: What was handed in; what is noted already is passed over.
  ///   - report: Told after each answer.
  /// - Returns: How many answers were marked.
  @discardableResult
  public func mark(_ submissions: [Submission], report: (State) -> Void) async throws -> Int {
    var queue: [Job] = []
    for submission in submissions { queue += try jobs(of: submission) }
    // At those the judge has ended before: one by one, after all others.
    let suspects = queue.filter { store.crashCount($0.entry.id, of: $0.attempt) > 0 }
    let others = queue.filter { store.crashCount($0.entry.id, of: $0.attempt) == 0 }
    var state = State(total: queue.count)
    if queue.isEmpty { return 0 }
    try await toolchain.prepare()
    for (part, width) in [(others, jobs), (suspects, 1)] {
      try await withThrowingTaskGroup(of: String.self) { group in
        var next = part.makeIterator()
        for _ in 0..<width { if let job = next.next() { group.addTask { try await mark(job) } } }
        while let name = try await group.next() {
          state.done += 1
          state.last = name
          report(state)
          if let job = next.next() { group.addTask { try await mark(job) } }
        }
      }
    }
    return queue.count
  }

  /// What is to be marked of a submission. What needs no judge is noted at once: what is missing, unreadable, or as it
  /// was given.
  private func jobs(of submission: Submission) throws -> [Job] {
    let key = MarkStore.key(of: submission)
    var attempt = MarkStore.Attempt(learner: submission.learner.text, time: submission.time)
    let files: SubmissionFiles
    do { files = try SubmissionFiles(of: submission, for: plan.entries) } catch {
      attempt.problem = error.inOneLine
      try store.write(attempt, as: key)
      for entry in plan.entries { store.remove(entry.id, of: key) }
      return []
    }
    attempt.answers = files.answers.mapValues { String(decoding: $0, as: UTF8.self) }
    try store.write(attempt, as: key)
    var jobs: [Job] = []
    for entry in plan.entries {
      let old = store.record(entry.id, of: key)
      func note(_ record: MarkRecord) throws {
        if old != record { try store.write(record, of: key) }
      }
      if let problem = files.problems[entry.id] {
        try note(MarkRecord(exercise: entry.id, state: .unmarkable, problem: problem))
        continue
      }
      guard let bytes = files.answers[entry.id] else {
        try note(MarkRecord(exercise: entry.id, state: .missing))
        continue
      }
      let answer = digest(bytes)
      if bytes.elementsEqual(try entry.markedSource().stub.utf8) {
        var record = MarkRecord(exercise: entry.id, state: .notStarted)
        record.answer = answer
        try note(record)
        continue
      }
      if let again, !again.contains(entry.id), old?.answer == answer { continue }
      if again == nil, let old, old.answer == answer, old.judge == judges[entry.id] { continue }
      jobs.append(Job(attempt: key, entry: entry, bytes: bytes, answer: answer))
    }
    return jobs
  }

  private func mark(_ job: Job) async throws -> String {
    let id = job.entry.id
    var record: MarkRecord
    if store.crashCount(id, of: job.attempt) >= 2 {
      record = MarkRecord(
        exercise: id, state: .unmarkable,
        problem: "the judge itself stopped at this answer, twice; look at it by hand")
    } else {
      try store.begin(id, of: job.attempt)
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "workbook-\(getpid())-\(UUID().uuidString)")
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "\(job.entry.name).swift")
      try Data(job.bytes).write(to: file)
      let verdict = try await job.entry.examine(file, with: toolchain)
      record = MarkRecord(verdict, of: job.entry)
    }
    record.answer = job.answer
    record.judge = judges[id] ?? ""
    try store.write(record, of: job.attempt)
    return "\(job.attempt.prefix { $0 != "+" }) \(id)"
  }
}
