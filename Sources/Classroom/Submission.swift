import Formats
import Foundation

/// Something that was handed in: a folder or a zip file.
public struct Submission: Sendable {
  /// Whose it is, as its file is named.
  public let learner: LearnerName
  /// Where it lies.
  public let path: String
  /// When it was handed in, where that is known: nobody is late otherwise.
  public let time: Date?
  /// Why it was not collected.
  public let problem: String?
  /// Why single exercises were not collected, by their ids.
  var problems: [String: String] = [:]

  /// What a name tells besides: `ada@2026-10-12T20-15-00Z.zip` is one of Ada's.
  static let separator = UInt8(ascii: "@")
}

extension Submission {
  /// All that lie in a folder, in the order of their names: folders, zip files, and what is neither, which nobody can mark.
  ///
  /// What is named alike but for what follows the `@` is of one learner.
  ///
  /// - Throws: When the folder itself cannot be read.
  public static func all(in folder: String) throws -> [Submission] {
    guard let directory = opendir(folder) else {
      throw FileError(
        folder, String(cString: strerror(errno)), expected: "the folder with the submissions",
        advice: "`./workbook collect --help` says how they come there.")
    }
    defer { closedir(directory) }
    // What begins with a point is of the system or of ours.
    let names = SafeFolder.names(in: directory).filter { $0.first != UInt8(ascii: ".") }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { Submission(name: $0, in: folder) }
  }

  /// A folder or a zip file that is itself a submission.
  public init(alone path: String) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let name = URL(filePath: path).lastPathComponent
    self.init(
      learner: LearnerName(name.lowercased().hasSuffix(".zip") ? String(name.dropLast(4)) : name), path: path,
      time: nil, problem: nil)
  }

  /// Whether it is of a part of all submissions. All of one learner's are of the same part.
  public func isOf(shard index: Int, of count: Int) -> Bool { learner.shard(of: count) == index }

  /// Nil for files that are about the class: the roster, the course, corrections.
  private init?(name: [UInt8], in folder: String) {
    let text = String(decoding: name, as: UTF8.self)
    if [".json", ".csv", ".md", ".txt", ".html"].contains(where: { text.lowercased().hasSuffix($0) }) {
      return nil
    }
    var stem = name[...]
    if text.lowercased().hasSuffix(".zip") { stem = stem.dropLast(4) }
    // The last of them: a name may be an address.
    let place = stem.lastIndex(of: Self.separator)
    let at = place.flatMap { Self.time(String(decoding: stem[stem.index(after: $0)...], as: UTF8.self)) }
    learner = LearnerName(bytes: at == nil ? stem : stem[..<place!])
    // Bytes that are no text do not survive a String: such a file is opened by nobody.
    path = folder + "/" + text
    // The name is ours: what lies inside says nothing of times or of whose it is.
    time = at
    let receipt = Receipt(in: path)
    problem =
      Array(text.utf8) != name
      ? "its name is no text: rename it" : receipt?.problem
    problems = receipt?.problems ?? [:]
  }

  /// A time as it stands in a file's name, with hyphens in place of what such names may not have.
  static func time(_ text: String) -> Date? {
    guard
      let match = text.firstMatch(of: /^(\d{4}-\d\d-\d\d)T(\d\d)[-:](\d\d)(?:[-:](\d\d))?(Z|[+-]\d\d:?\d\d)?/)
    else { return nil }
    let zone =
      match.5.map { $0 == "Z" || $0.contains(":") ? String($0) : "\($0.prefix(3)):\($0.suffix(2))" } ?? "Z"
    return try? Date("\(match.1)T\(match.2):\(match.3):\(match.4 ?? "00")\(zone)", strategy: .iso8601)
  }

  /// A time for a file's name.
  static func name(_ time: Date) -> String { time.formatted(.iso8601).replacing(":", with: "-") }
}

/// What collecting notes of a submission: `submission.json` beside its files.
struct Receipt: Codable {
  static let file = "submission.json"

  var learner: String
  var source: String
  var received: Date
  /// The commit, where it came from a repository.
  var commit: String?
  /// Why there is nothing of it.
  var problem: String?
  /// Why there is nothing of single exercises, by their ids.
  var problems: [String: String]?

  init(learner: String, source: String, received: Date, commit: String? = nil, problem: String? = nil) {
    (self.learner, self.source, self.received) = (learner, source, received)
    (self.commit, self.problem) = (commit, problem)
  }

  /// Nil where there is none. A learner can bring one as well: only the problems are read, and that makes
  /// nothing better.
  init?(in folder: String) {
    guard let bytes = try? SafeFolder(folder).contents(of: [Array(Self.file.utf8)], limit: 1 << 16) else {
      return nil
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let receipt = try? decoder.decode(Receipt.self, from: Data(bytes)) else { return nil }
    self = receipt
  }

  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(self), to: folder + "/" + Self.file)
  }
}
