import ExerciseKit
import Foundation
import Synchronization
import Testing

@testable import Classroom
@testable import Formats

/// What is marked again and what is not, and what becomes of an answer that ends the judge.
@Suite struct GradingTests {
  private func grade(
    _ folder: TestFolder, _ plan: CoursePlan, again: Set<String>? = nil
  ) async throws -> (count: Int, marks: ClassMarks) {
    let store = try MarkStore(folder: folder("marks"))
    let submissions = try Submission.all(in: folder("class"))
    let count = try await Grading(
      plan, with: Toolchain(root: Class.root), into: store, jobs: 2, again: again
    ).mark(submissions) { _ in }
    return (count, try ClassMarks(store, plan: plan, of: submissions))
  }

  @Test func whatIsMarkedAgain() async throws {
    let folder = try TestFolder()
    let plan = try Class.course(#"{"exercises": ["2.1", "2.2"]}"#)
    try Class.write(["2.1": Class.solution("2.1"), "2.2": Class.solution("2.2")], to: folder("class/ada"))
    #expect(try await grade(folder, plan).count == 2)
    #expect(try await grade(folder, plan).count == 0)

    // What was marked by other checks is marked anew; what stands in a file is believed as long as they are the same.
    let store = try MarkStore(folder: folder("marks"))
    let key = try #require(store.attempts().first)
    var record = try #require(store.record("2.1", of: key))
    record.points = 1
    record.state = .wrong
    try store.write(record, of: key)
    #expect(try await grade(folder, plan).marks.learners[0].total == 6)
    #expect(try await grade(folder, plan, again: ["2.1"]).count == 1)
    #expect(try await grade(folder, plan).marks.learners[0].total == 8)
    record.judge = "other"
    try store.write(record, of: key)
    #expect(try await grade(folder, plan).count == 1)

    // A file that cannot be read is as if it were not there.
    try AtomicFile.write("{\"exercise\": \"2.1\", \"sta", to: folder("marks/state/\(key)/2.1.json"))
    #expect(try await grade(folder, plan).count == 1)

    // Another answer, and one that is gone.
    try Class.write(["2.1": Class.stub("2.1")], to: folder("class/ada"))
    try FileManager.default.removeItem(atPath: folder("class/ada/") + (try Class.path(of: "2.2")))
    let last = try await grade(folder, plan).marks.learners[0]
    #expect(last.marks["2.1"]?.record.state == .notStarted && last.marks["2.2"]?.record.state == .missing)
    #expect(last.total == 0)
  }

  /// It is tried twice, and then left to a person; whoever was marked at the same time is not.
  @Test func anAnswerThatEndsTheJudge() async throws {
    let folder = try TestFolder()
    let plan = try Class.course(#"{"exercises": ["2.1"]}"#)
    for name in ["ada", "eve"] {
      try Class.write(["2.1": Class.solution("2.1")], to: folder("class/" + name))
    }
    let store = try MarkStore(folder: folder("marks"))
    let keys = try Submission.all(in: folder("class")).map(MarkStore.key)
    for key in keys { try store.begin("2.1", of: key) }
    try store.settle(afterCrash: true)
    try store.begin("2.1", of: keys[1])
    try store.settle(afterCrash: true)
    // Ended from outside: nobody is blamed.
    for key in keys { try store.begin("2.1", of: key) }
    try store.settle(afterCrash: false)
    #expect(keys.map { store.crashCount("2.1", of: $0) } == [1, 2])
    let learners = try await grade(folder, plan).marks.learners
    #expect(learners.map { $0.marks["2.1"]?.record.state } == [.passed, .unmarkable])
    #expect(learners[1].marks["2.1"]?.record.problem?.contains("look at it by hand") == true)
  }

  @Test func onlyOneAtATime() throws {
    let folder = try TestFolder()
    let lock = try MarkLock(folder: folder("marks"))
    #expect(throws: FileError.self) { try MarkLock(folder: folder("marks")) }
    withExtendedLifetime(lock) {}
  }

  /// Closed a second time, a file's number may be another file's by then.
  @Test func aRefusedLockClosesNothingOfOthers() throws {
    let folder = try TestFolder()
    let lock = try MarkLock(folder: folder("marks"))
    let isDone = Atomic<Bool>(false)
    let lost = Atomic<Int>(0)
    let ended = DispatchSemaphore(value: 0)
    let other = Thread {
      while !isDone.load(ordering: .relaxed) {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if close(file) != 0 { lost.add(1, ordering: .relaxed) }
      }
      ended.signal()
    }
    other.start()
    for _ in 0..<2000 { #expect(throws: FileError.self) { try MarkLock(folder: folder("marks")) } }
    isDone.store(true, ordering: .relaxed)
    ended.wait()
    #expect(lost.load(ordering: .relaxed) == 0)
    withExtendedLifetime(lock) {}
  }
}
