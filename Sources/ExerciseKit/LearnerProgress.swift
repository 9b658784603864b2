import Formats
import Foundation

/// What a learner has done so far: a small file in the learner's folder, and nowhere else.
public struct LearnerProgress: Sendable, Codable, Equatable {
  /// What was done of one exercise.
  public struct Record: Sendable, Codable, Equatable {
    /// What the last check said.
    public var state = Verdict.State.notStarted
    /// The points of the last check.
    public var points = 0
    /// How many hints have been shown.
    public var hints = 0
    /// How many checks there were, not counting those of a file as it was given.
    public var attempts = 0
    /// The solution was asked for before the exercise was solved.
    public var gaveUp = false
    /// When it was first solved.
    public var passed: Date?
    /// When it was last checked; nil for never.
    public var lastTried: Date?

    /// Nothing done yet.
    public init() {}

    /// Whatever stands in the file, the numbers are such that one can go on counting from them.
    public init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      func count(_ key: CodingKeys) throws -> Int {
        min(max(try fields.decodeIfPresent(Int.self, forKey: key) ?? 0, 0), 1_000_000)
      }
      state = try fields.decodeIfPresent(Verdict.State.self, forKey: .state) ?? .notStarted
      points = try count(.points)
      hints = try count(.hints)
      attempts = try count(.attempts)
      gaveUp = try fields.decodeIfPresent(Bool.self, forKey: .gaveUp) ?? false
      passed = try fields.decodeIfPresent(Date.self, forKey: .passed)
      lastTried = try fields.decodeIfPresent(Date.self, forKey: .lastTried)
    }
  }

  /// The exercises that were touched, by id, such as "2.3".
  public var exercises: [String: Record] = [:]

  /// Nothing done yet.
  public init() {}

  /// What was done of an exercise; of one that was never touched, nothing.
  public subscript(id: String) -> Record {
    get { exercises[id] ?? Record() }
    set { exercises[id] = newValue }
  }

  /// Counts a verdict on an exercise, by its id.
  public mutating func note(_ verdict: Verdict, of id: String) {
    self[id].state = verdict.state
    self[id].points = verdict.points
    if verdict.state != .notStarted {
      self[id].attempts += 1
      self[id].lastTried = .now
    }
    if verdict.state == .passed && self[id].passed == nil { self[id].passed = .now }
  }
}

/// The file that progress is kept in.
public struct ProgressFile: Sendable {
  /// Where the file lies, or will.
  public let url: URL

  /// The file `progress.json` in the learner's folder.
  public init(folder: URL) { url = folder.appending(path: "progress.json") }

  /// The file cannot be read as progress. It is never written over.
  public struct Unreadable: Error, CustomStringConvertible {
    let url: URL
    let reason: String
    public var description: String {
      "\(url.path): not the workbook's progress (\(reason)); move the file away, and the workbook starts a new one"
    }
  }

  /// What stands in the file; nothing done where there is none.
  ///
  /// - Throws: `Unreadable` when there is a file, and it holds something else.
  public func read() throws -> LearnerProgress {
    guard FileManager.default.fileExists(atPath: url.path) else { return LearnerProgress() }
    do {
      let decoder = JSONDecoder()
      decoder.dateDecodingStrategy = .iso8601
      return try decoder.decode(LearnerProgress.self, from: Data(contentsOf: url))
    } catch {
      throw Unreadable(url: url, reason: error.localizedDescription)
    }
  }

  /// Changes the file: read, changed and put in place as a whole, while others who want to do so wait.
  ///
  /// Killed at any moment, it leaves the old file or the new one.
  @discardableResult
  public func change(_ body: (inout LearnerProgress) -> Void) throws -> LearnerProgress {
    let folder = url.deletingLastPathComponent()
    try AtomicFile.createFolder(folder.path)
    let lock = open(folder.appending(path: ".progress.lock").path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    defer { if lock >= 0 { close(lock) } }
    // Where the folder may not be written to, the file below says so.
    if lock >= 0 { flock(lock, LOCK_EX) }
    var progress = try read()
    body(&progress)
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write([UInt8](encoder.encode(progress)), to: url.path)
    return progress
  }
}
