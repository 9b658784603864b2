import ExerciseKit
import Formats
import Foundation

/// The folder of marks: a small file for each exercise of each submission, written whole or not at all.
///
/// Whoever is killed at any moment leaves whole files, and goes on from them. The marks themselves are worked out anew
/// from all of these files, so that none is counted twice.
public struct MarkStore: Sendable {
  /// The folder of marks.
  public let folder: String

  /// Marks in a folder, which is made where it is missing.
  ///
  /// - Throws: When it cannot be made.
  public init(folder: String) throws {
    self.folder = folder
    try AtomicFile.createFolder(folder + "/state")
  }

  /// What is known of a submission besides its exercises.
  struct Attempt: Codable, Equatable {
    var learner: String
    var time: Date?
    /// Why nothing of it can be marked.
    var problem: String?
    /// The answers' texts, for finding similar ones.
    var answers: [String: String] = [:]
  }

  private func place(_ attempt: String) -> String { folder + "/state/" + attempt }

  /// The name of a submission's folder here: the learner's, and the time.
  static func key(of submission: Submission) -> String {
    submission.learner.key + "+" + (submission.time.map { Submission.name($0) } ?? "")
      + "+"
      + String(
        LearnerName.digest(URL(filePath: submission.path).lastPathComponent.utf8) & 0xFFFF_FFFF, radix: 16)
  }

  package func record(_ exercise: String, of attempt: String) -> MarkRecord? {
    read(MarkRecord.self, place(attempt) + "/\(exercise).json")
  }

  package func write(_ record: MarkRecord, of attempt: String) throws {
    try AtomicFile.write(
      encoded(record), to: place(attempt) + "/\(record.exercise).json", creatingFolders: true)
    unlink(begun(record.exercise, attempt))
  }

  func attempt(_ key: String) -> Attempt? { read(Attempt.self, place(key) + "/submission.json") }

  func write(_ attempt: Attempt, as key: String) throws {
    if self.attempt(key) == attempt { return }
    try AtomicFile.write(encoded(attempt), to: place(key) + "/submission.json", creatingFolders: true)
  }

  /// All submissions that there are, by the names of their folders.
  func attempts() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/state")) ?? []).filter {
      !$0.hasPrefix(".")
    }.sorted()
  }

  func records(of attempt: String) -> [MarkRecord] {
    ((try? FileManager.default.contentsOfDirectory(atPath: place(attempt))) ?? []).sorted()
      .filter { $0.hasSuffix(".json") && $0 != "submission.json" }
      .compactMap { record(String($0.dropLast(5)), of: attempt) }
  }

  func remove(_ exercise: String, of attempt: String) { unlink(place(attempt) + "/\(exercise).json") }

  // Should the judge itself end at an answer, it must not end there again for ever.

  private func begun(_ exercise: String, _ attempt: String) -> String {
    place(attempt) + "/\(exercise).begun"
  }
  private func crashes(_ exercise: String, _ attempt: String) -> String {
    place(attempt) + "/\(exercise).crashes"
  }

  /// Notes that an exercise is being marked.
  package func begin(_ exercise: String, of attempt: String) throws {
    try AtomicFile.write("", to: begun(exercise, attempt), creatingFolders: true)
  }

  /// How often the judge has ended while it marked this.
  func crashCount(_ exercise: String, of attempt: String) -> Int {
    (try? String(contentsOfFile: crashes(exercise, attempt), encoding: .utf8)).flatMap { Int($0) } ?? 0
  }

  /// Counts a crash for all that was being marked. Without a crash, somebody has ended the judge, and nobody is blamed.
  public func settle(afterCrash: Bool) throws {
    for attempt in attempts() {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: place(attempt))) ?? []
      where name.hasSuffix(".begun") {
        let exercise = String(name.dropLast(6))
        if afterCrash {
          let count = crashCount(exercise, of: attempt) + 1
          try AtomicFile.write("\(count)", to: crashes(exercise, attempt))
        }
        unlink(begun(exercise, attempt))
      }
    }
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    // What cannot be read is marked anew.
    return try? decoder.decode(type, from: bytes)
  }

  private func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}

/// Only one marking at a time writes into a folder of marks.
public final class MarkLock: Sendable {
  private let descriptor: Int32

  /// - Throws: When another program is at work there.
  public init(folder: String) throws {
    try AtomicFile.createFolder(folder)
    let file = open(folder + "/.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    if file < 0 {
      throw FileError(folder, "nothing can be written there: \(String(cString: strerror(errno)))")
    }
    if flock(file, LOCK_EX | LOCK_NB) != 0 {
      close(file)
      throw FileError(
        folder, "another ./workbook grade is writing marks there",
        advice: "Wait for it, or name another --output.")
    }
    // Last: an object that has all it stores closes it, even if its making fails.
    descriptor = file
  }

  deinit { close(descriptor) }
}
