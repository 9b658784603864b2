import Formats
import Foundation
import NumberText

/// What an instructor has settled for one course: which exercises, what they are worth, when they are due.
///
///     {
///       "title": "Deep learning, autumn",
///       "chapters": [1, 2, 3],
///       "exercises": ["2.1", "2.3", "CrossCorrelation2d"],
///       "points": { "2.3": 10 },
///       "due": { "2": "2026-10-12T23:59:00+02:00", "2.3": "2026-10-19T23:59:00+02:00" },
///       "hidden": { "2.3": ["property"] },
///       "late": { "perDay": 0.1, "atMostDays": 5, "graceMinutes": 15 },
///       "attempts": "best"
///     }
///
/// Every part may be left out. A word that is none of these is refused, for it would be a rule that nobody applies.
public struct Course: Sendable, Codable, Equatable {
  /// What becomes of a mark that comes late.
  public struct Late: Sendable, Codable, Equatable {
    /// What is lost for each day that has begun, from 0 to 1.
    public var perDay = 0.0
    /// After so many days nothing is left; nil: never.
    public var atMostDays: Int?
    /// So many minutes late are not late.
    public var graceMinutes = 0

    /// A rule for late marks; without arguments, nothing is lost.
    public init(perDay: Double = 0, atMostDays: Int? = nil, graceMinutes: Int = 0) {
      (self.perDay, self.atMostDays, self.graceMinutes) = (perDay, atMostDays, graceMinutes)
    }

    public init(from decoder: any Decoder) throws {
      try decoder.refuseOthers(["perDay", "atMostDays", "graceMinutes"])
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      perDay = try fields.decodeIfPresent(Double.self, forKey: .perDay) ?? 0
      atMostDays = try fields.decodeIfPresent(Int.self, forKey: .atMostDays)
      graceMinutes = try fields.decodeIfPresent(Int.self, forKey: .graceMinutes) ?? 0
      guard (0...1).contains(perDay) else {
        throw decoder.problem("late.perDay is a share of the mark, from 0 to 1, and not \(perDay)")
      }
    }
  }

  /// Which of several submissions counts.
  public enum Attempts: String, Sendable, Codable, Equatable {
    /// For each exercise the best, after what is lost by coming late.
    case best
    /// All of the last.
    case last
  }

  /// What the course is called, on marks and pages; may be empty.
  public var title = ""
  /// The chapters whose exercises are handed out; nil: all.
  public var chapters: [Int]?
  /// The exercises that are handed out, by number or name; nil: all of the chapters.
  public var exercises: [String]?
  /// What an exercise is worth where it is not its own points.
  public var points: [String: Double] = [:]
  /// When an exercise is due, or by its number a chapter; `all` for whatever has no other date.
  public var due: [String: Date] = [:]
  /// Checks that only the marking makes: of an exercise, the names of layers or the texts of checks.
  public var hidden: [String: [String]] = [:]
  /// What becomes of a mark that comes late; nil: nothing.
  public var late: Late?
  /// Which of several submissions counts.
  public var attempts = Attempts.best

  /// Everything as the exercises have it: no dates, nothing hidden.
  public init() {}

  public init(from decoder: any Decoder) throws {
    try decoder.refuseOthers([
      "title", "chapters", "exercises", "points", "due", "hidden", "late", "attempts",
    ])
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    title = try fields.decodeIfPresent(String.self, forKey: .title) ?? ""
    chapters = try fields.decodeIfPresent([Int].self, forKey: .chapters)
    exercises = try fields.decodeIfPresent([String].self, forKey: .exercises)
    points = try fields.decodeIfPresent([String: Double].self, forKey: .points) ?? [:]
    due = try fields.decodeIfPresent([String: Date].self, forKey: .due) ?? [:]
    hidden = try fields.decodeIfPresent([String: [String]].self, forKey: .hidden) ?? [:]
    late = try fields.decodeIfPresent(Late.self, forKey: .late)
    attempts = try fields.decodeIfPresent(Attempts.self, forKey: .attempts) ?? .best
    if let (id, number) = points.first(where: { !$0.value.isFinite || $0.value < 0 }) {
      throw decoder.problem("points of \(id): \(number) is no number of points")
    }
  }

  /// The course in a file.
  ///
  /// - Throws: What is wrong in the file, in one line.
  public init(file: URL) throws {
    let bytes: Data
    do { bytes = try Data(contentsOf: file) } catch {
      throw CourseProblem("\(file.path): the course cannot be read (\(error.localizedDescription))")
    }
    try self.init(json: bytes, path: file.path)
  }

  init(json: Data, path: String) throws {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do { self = try decoder.decode(Course.self, from: json) } catch let error as DecodingError {
      var (place, reason): (DecodingError.Context, String) =
        switch error {
        case .dataCorrupted(let context): (context, context.debugDescription)
        case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
          (context, context.debugDescription)
        @unknown default: (.init(codingPath: [], debugDescription: ""), "\(error)")
        }
      let at = place.codingPath.map(\.stringValue).joined(separator: ".")
      if reason.contains("ISO8601") { reason = "a date is written like 2026-10-12T23:59:00+02:00" }
      throw CourseProblem(
        "\(path): \(at.isEmpty ? "" : at + ": ")\(reason). `./workbook release --help` shows a course's file."
      )
    }
  }

  /// As it stands in a file.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}

/// What is wrong with a course's file.
public struct CourseProblem: Error, CustomStringConvertible, Equatable {
  public let description: String
  /// What is quoted of a file may be anything.
  init(_ description: String) { self.description = fitForTerminal(description) }
}

/// A course with its exercises found: what marking asks of it.
public struct CoursePlan: Sendable {
  /// The course as it was settled.
  public let course: Course
  /// What is handed out, in order.
  public let entries: [Catalogue.Entry]
  private let points: [String: Double]
  private let due: [String: Date]
  private let hidden: [String: Set<String>]

  /// - Throws: Where the course names an exercise, a chapter or a check that does not exist.
  public init(_ course: Course, in catalogue: Catalogue) throws {
    self.course = course
    func id(_ name: String) throws -> String { try catalogue.entry(name).id }
    var entries = catalogue.entries
    if let chapters = course.chapters {
      if let missing = chapters.first(where: { number in !entries.contains { $0.chapter == number } }) {
        throw CourseProblem("chapters: there is no chapter \(missing) with exercises")
      }
      entries = entries.filter { chapters.contains($0.chapter) }
    }
    if let names = course.exercises {
      let wanted = Set(try names.flatMap { try catalogue.select($0).map(\.id) })
      entries = entries.filter { wanted.contains($0.id) }
    }
    if entries.isEmpty { throw CourseProblem("the course has no exercises: see its chapters and exercises") }
    self.entries = entries
    points = Dictionary(try course.points.map { (try id($0.key), $0.value) }) { first, _ in first }
    var due: [String: Date] = [:]
    for entry in catalogue.entries { due[entry.id] = course.due["\(entry.chapter)"] ?? course.due["all"] }
    for (name, date) in course.due where name != "all" && Int(name) == nil { due[try id(name)] = date }
    self.due = due
    var hidden: [String: Set<String>] = [:]
    for (name, words) in course.hidden {
      let entry = try catalogue.entry(name)
      let checks = entry.exercise.checkTexts
      for word in words {
        let found = checks.filter { $0.layer == word || $0.text == word }.map(\.text)
        if found.isEmpty {
          throw CourseProblem(
            "hidden: \(entry.id) has no check \"\(word)\"; it has \(checks.map { "\($0.layer): \($0.text)" })"
          )
        }
        hidden[entry.id, default: []].formUnion(found)
      }
      if hidden[entry.id]?.count == checks.count {
        throw CourseProblem("hidden: of \(entry.id) every check is hidden; a learner needs one to work with")
      }
    }
    self.hidden = hidden
  }

  /// What the exercise is worth in this course.
  public func points(of entry: Catalogue.Entry) -> Double {
    points[entry.id] ?? Double(entry.exercise.points)
  }

  /// When the exercise is due; nil where it never is.
  public func due(_ entry: Catalogue.Entry) -> Date? { due[entry.id] }

  /// The texts of the checks that a learner does not see.
  public func hidden(of entry: Catalogue.Entry) -> Set<String> { hidden[entry.id] ?? [] }

  /// What is left of a mark that came at a time: 1 in time, less later, at last 0.
  public func share(of entry: Catalogue.Entry, at time: Date?) -> Double {
    guard let time, let due = due(entry) else { return 1 }
    let late = course.late ?? Course.Late()
    let seconds = time.timeIntervalSince(due) - Double(late.graceMinutes) * 60
    if seconds <= 0 { return 1 }
    let days = (seconds / 86_400).rounded(.up)
    if let most = late.atMostDays, days > Double(most) { return 0 }
    return max(0, 1 - late.perDay * days)
  }
}

extension Exercise {
  /// Its checks' layers and texts, in the order in which they are tried.
  public var checkTexts: [(layer: String, text: String, points: Int)] {
    checksInOrder.map { ("\($0.layer)", $0.text, $0.points) }
  }
}

extension Decoder {
  fileprivate func problem(_ text: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: text))
  }

  /// A word that is not known is a rule that would be forgotten.
  fileprivate func refuseOthers(_ known: Set<String>) throws {
    let words = try container(keyedBy: Word.self).allKeys.map(\.stringValue)
    guard let other = words.filter({ !known.contains($0) }).min() else { return }
    let near = known.min { (editDistance($0, other), $0) < (editDistance($1, other), $1) } ?? ""
    throw problem("there is no \"\(other)\" in a course; did you mean \"\(near)\"?")
  }
}

/// Any word in a file.
private struct Word: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
