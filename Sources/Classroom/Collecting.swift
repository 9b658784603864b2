import ExerciseKit
import Formats
import Foundation

/// Brings what learners have made into one folder: from folders, zip files and Git repositories.
///
/// Only the files that exercises ask for are taken. Nothing of a repository is run: no hooks, no filters, no submodules.
public struct Collecting: Sendable {
  /// A line of the roster.
  public struct Source: Sendable, Equatable {
    /// Whose work it is, as the roster writes it.
    public let learner: String
    /// Where it is: a folder, a zip file, or a repository's address.
    public let place: String
    /// When it was handed in, where the roster knows it.
    public let time: Date?
  }

  /// What came of one line.
  public enum Outcome: Sendable, Equatable {
    /// So many exercises' files were taken.
    case collected(files: Int)
    /// It is what was collected last.
    case unchanged
    /// Nothing could be taken, and why.
    case problem(String)
  }

  let plan: CoursePlan
  let folder: String

  /// Collects what a course asks for into a folder, which is made where it is missing.
  public init(_ plan: CoursePlan, into folder: String) throws {
    (self.plan, self.folder) = (plan, folder)
    try AtomicFile.createFolder(folder)
  }

  /// The lines of a roster: `learner,source` and perhaps `time`, with a first line that says so.
  ///
  /// - Throws: Where a line cannot be understood.
  public static func roster(_ path: String) throws -> [Source] {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw CannotRead("\(path): the roster cannot be read (\(error.localizedDescription))")
    }
    var text = String(decoding: bytes, as: UTF8.self)
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    let rows = rows(text)
    guard let head = rows.first?.map({ $0.trimmingCharacters(in: .whitespaces).lowercased() }),
      let learner = head.firstIndex(of: "learner"), let source = head.firstIndex(of: "source")
    else {
      throw CannotRead("\(path): line 1 must name the columns: learner,source (and time, where it is known)")
    }
    let time = head.firstIndex(of: "time")
    let base = URL(filePath: path).deletingLastPathComponent()
    var known: [String: (row: Int, learner: String)] = [:]
    var places: [String: Int] = [:]
    return try rows.dropFirst().enumerated().compactMap { index, row in
      if row.allSatisfy(\.isEmpty) { return nil }
      guard row.count > max(learner, source), !row[learner].isEmpty, !row[source].isEmpty else {
        throw CannotRead("\(path): row \(index + 2) needs a learner and a source")
      }
      var date: Date?
      if let time, row.count > time, !row[time].isEmpty {
        date = try? Date(row[time], strategy: .iso8601)
        if date == nil {
          throw CannotRead("\(path): row \(index + 2): the time is written like 2026-10-12T20:15:00Z")
        }
      }
      // Two rows that become one folder would take each other's marks.
      let folder = folderName(row[learner])
      if let other = known[folder], other.learner != row[learner] {
        throw CannotRead(
          """
          \(path): rows \(other.row) and \(index + 2): "\(other.learner.inOneLine)" and \
          "\(row[learner].inOneLine)" would both be "\(folder.inOneLine)"; write one of the two names otherwise
          """)
      }
      known[folder] = (index + 2, row[learner])
      if let other = places.updateValue(index + 2, forKey: "\(folder)@\(date.map(Submission.name) ?? "")") {
        throw CannotRead(
          """
          \(path): rows \(other) and \(index + 2) are both of \(row[learner].inOneLine), \
          \(date == nil ? "and neither has a time" : "at the same time"); give each its time, or leave out one
          """)
      }
      let place = row[source]
      let isRemote = isRepositoryAddress(place)
      return Source(
        learner: row[learner], place: isRemote ? place : URL(filePath: place, relativeTo: base).path,
        time: date)
    }
  }

  private static func isRepositoryAddress(_ place: String) -> Bool {
    place.contains("://") || place.firstMatch(of: /^[\w.-]+@[\w.-]+:/) != nil
  }

  /// The cells of a table in CSV, quoted ones with whatever they hold.
  static func rows(_ text: String) -> [[String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      if isQuoted {
        if character != "\"" {
          rows[rows.count - 1][rows[rows.count - 1].count - 1].append(character)
        } else if next == "\"" {
          rows[rows.count - 1][rows[rows.count - 1].count - 1].append(character)
          next = characters.next()
        } else {
          isQuoted = false
        }
      } else if character == "\"" {
        isQuoted = true
      } else if character == "," {
        rows[rows.count - 1].append("")
      } else if character.isNewline {
        rows.append([""])
      } else {
        rows[rows.count - 1][rows[rows.count - 1].count - 1].append(character)
      }
    }
    return rows
  }

  /// Collects one learner's work, as it is now.
  public func collect(_ source: Source, now: Date = .now) async throws -> Outcome {
    let time = source.time ?? now
    let learner = Self.folderName(source.learner)
    let final = "\(folder)/\(learner)@\(Submission.name(time))"
    let work = try WorkFolder(in: folder, for: "collecting")
    var receipt = Receipt(learner: source.learner, source: source.place, received: time)
    var files: SubmissionFiles?
    do {
      let (place, commit) = try await place(of: source, clone: work.path + "/clone")
      receipt.commit = commit
      files = try SubmissionFiles(
        of: Submission(learner: LearnerName(learner), path: place, time: time, problem: nil),
        for: plan.entries)
    } catch {
      receipt.problem = error.inOneLine
    }
    let before = try collected(of: learner)
    if let files {
      // The latest, or what was collected of this very row.
      let isThere = [before.last, before.first { $0.path == final }].compactMap(\.self).contains {
        let old = try? SubmissionFiles(of: $0, for: plan.entries)
        return old?.answers == files.answers && old?.problems == files.problems
      }
      if isThere { return .unchanged }
    } else if source.time == nil
      ? !before.isEmpty : before.contains(where: { $0.path == final && $0.problem == nil })
    {
      // What was collected before stays, and stays the last: a server that does not answer takes nobody's marks.
      return .problem(receipt.problem ?? "")
    }
    let ready = work.path + "/ready"
    try AtomicFile.createFolder(ready)
    for entry in plan.entries {
      guard let bytes = files?.answers[entry.id] else { continue }
      try AtomicFile.write(
        bytes, to: "\(ready)/Exercises/Yours/\(entry.chapterFolder)/\(entry.name).swift",
        creatingFolders: true)
    }
    if let files, !files.problems.isEmpty { receipt.problems = files.problems }
    try receipt.write(to: ready)
    try work.publish("ready", as: final)
    return receipt.problem.map { .problem($0) } ?? .collected(files: files?.answers.count ?? 0)
  }

  /// What was collected of a learner before, in the order of time.
  private func collected(of learner: String) throws -> [Submission] {
    let key = LearnerName(learner).key
    return try Submission.all(in: folder).filter { $0.learner.key == key }
      .sorted { ($0.time ?? .distantPast) < ($1.time ?? .distantPast) }
  }

  /// A learner's name as the beginning of a folder's: one that leads nowhere else, and leaves room for the time.
  static func folderName(_ learner: String) -> String {
    var name = ""
    for character in learner.map({ "/\0".contains($0) ? "_" : $0 }).drop(while: { $0 == "." }) {
      if name.utf8.count + character.utf8.count > 160 { break }
      name.append(character)
    }
    return name.isEmpty ? "_" : name
  }

  /// Where a source's files are; of a repository, in a clone.
  private func place(of source: Source, clone: String) async throws -> (path: String, commit: String?) {
    let isBare =
      FileManager.default.fileExists(atPath: source.place + "/HEAD")
      && FileManager.default.fileExists(atPath: source.place + "/objects")
    guard Self.isRepositoryAddress(source.place) || FileManager.default.fileExists(atPath: source.place)
    else {
      throw CannotRead("there is no file or folder \(URL(filePath: source.place).lastPathComponent)")
    }
    guard Self.isRepositoryAddress(source.place) || isBare || source.place.hasSuffix(".bundle") else {
      return (source.place, nil)
    }
    guard let git = ProgramSearch.find("git") else { throw CannotRead("git is needed for \(source.place)") }
    // Nothing that a repository brings is run, links become small files, and nobody is asked for a password.
    let careful = [
      "-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false", "-c", "protocol.ext.allow=never",
      "-c", "core.fsmonitor=false", "-c", "credential.interactive=false", "-c", "filter.lfs.smudge=", "-c",
      "filter.lfs.required=false",
    ]
    let (succeeded, text) = try await output(
      of: URL(filePath: "/usr/bin/env"),
      ["GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_LFS_SKIP_SMUDGE=1", git.path] + careful
        + [
          "clone", "--quiet", "--depth", "1", "--no-recurse-submodules", "--template=", "--", source.place,
          clone,
        ])
    guard succeeded else {
      let reason = text.split(separator: "\n").last { $0.hasPrefix("fatal") } ?? text.prefix(200)
      throw CannotRead("the repository cannot be cloned: \(reason)")
    }
    let (_, commit) = try await output(of: git, careful + ["-C", clone, "rev-parse", "HEAD"])
    return (clone, commit.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
