import ExerciseKit
import Formats
import Foundation

/// A file that an exercise asks for.
package struct AskedFile: Sendable {
  /// The exercise's number.
  package let id: String
  /// The folder of its chapter.
  package let chapterFolder: String
  /// The exercise's name: the file's, without its ending.
  package let name: String

  /// - Parameters:
  ///   - id: The exercise's number.
  ///   - chapterFolder: The folder of its chapter.
  ///   - name: The exercise's name.
  package init(id: String, chapterFolder: String, name: String) {
    (self.id, self.chapterFolder, self.name) = (id, chapterFolder, name)
  }

  init(_ entry: Catalogue.Entry) {
    self.init(id: entry.id, chapterFolder: entry.chapterFolder, name: entry.name)
  }
}

/// The learner's files of a submission: those that exercises ask for, and nothing else of what was handed in.
///
/// Manifests, checks, results and whatever else somebody put beside them are not read. So nothing that a submission brings
/// can change how it is marked.
package struct SubmissionFiles {
  /// By the exercise's id.
  package private(set) var answers: [String: [UInt8]] = [:]
  /// Why an exercise's file cannot be read.
  package private(set) var problems: [String: String] = [:]

  /// An answer is a few pages of text.
  static let mostBytes = 1 << 20
  /// A zip file with all answers and pictures.
  static let mostZipBytes = 64 << 20

  /// - Throws: `CannotRead` or `FileError`, when nothing of it can be read.
  init(of submission: Submission, for entries: [Catalogue.Entry]) throws {
    try self.init(of: submission, asking: entries.map(AskedFile.init))
  }

  /// - Throws: `CannotRead` or `FileError`, when nothing of it can be read.
  package init(of submission: Submission, asking entries: [AskedFile]) throws {
    if let problem = submission.problem { throw CannotRead(problem) }
    var status = stat()
    guard lstat(submission.path, &status) == 0 else { throw CannotRead(String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: try readFolder(submission.path, entries)
    case S_IFREG: try readZip(submission.path, entries)
    case S_IFLNK: throw CannotRead("it is a link: hand in the folder or a zip file itself")
    default: throw CannotRead("it is neither a folder nor a zip file")
    }
    for entry in entries where answers[entry.id] == nil {
      if let problem = submission.problems[entry.id] { problems[entry.id] = problem }
    }
    if answers.isEmpty && problems.isEmpty {
      throw CannotRead(
        "there is no exercise's file in it, such as \(entries[0].chapterFolder)/\(entries[0].name).swift")
    }
  }

  private mutating func readFolder(_ path: String, _ entries: [AskedFile]) throws {
    let folder = try SafeFolder(path)
    let (files, others) = try folder.files(ending: ".swift")
    for entry in entries {
      if let names = Self.best(files, for: entry, { $0 }) {
        do {
          answers[entry.id] = try folder.contents(of: names, limit: Self.mostBytes)
        } catch let error as CannotRead {
          problems[entry.id] = error.description
        }
      } else if let names = Self.best(others, for: entry, { $0 }) {
        problems[entry.id] = "\(SafeFolder.text(names)) is a link or no file at all; hand in the file itself"
      }
    }
    if answers.isEmpty, problems.isEmpty, let link = others.first {
      throw CannotRead("\(SafeFolder.text(link)) is a link or no file at all; links are not followed")
    }
  }

  private mutating func readZip(_ path: String, _ entries: [AskedFile]) throws {
    let archive = try ZipArchive(SafeFolder.read(path: path, limit: Self.mostZipBytes), path: "the zip file")
    if let outside = archive.entries.first(where: { Self.leadsOutside($0.name) }) {
      throw CannotRead("the zip file names a place outside itself: \(outside.name.inOneLine)")
    }
    let files = archive.entries.filter { !$0.name.hasSuffix("/") }
    for entry in entries {
      guard
        let file = Self.best(
          files, for: entry, { $0.name.split(separator: "/").map { Array($0.utf8) } })
      else { continue }
      if file.mode & Int(S_IFMT) == Int(S_IFLNK) {
        problems[entry.id] = "\(file.name.inOneLine) is a link; hand in the file itself"
      } else if file.size > Self.mostBytes {
        problems[entry.id] =
          "\(file.name.inOneLine) has \(file.size) bytes; at most \(Self.mostBytes) are read"
      } else {
        do { answers[entry.id] = try archive.contents(of: file) } catch {
          problems[entry.id] = error.inOneLine
        }
      }
    }
  }

  private static func leadsOutside(_ name: String) -> Bool {
    name.hasPrefix("/") || name.hasPrefix("\\")
      || name.split(whereSeparator: { "/\\".contains($0) }).contains("..")
      || name.firstMatch(of: /^[A-Za-z]:/) != nil
  }

  /// Of the files that bear an exercise's name: the one in its chapter's folder in `Yours`, else in its chapter's folder,
  /// else any; of several alike the one with the shortest path, and of these the first by name.
  private static func best<File>(
    _ files: [File], for entry: AskedFile, _ path: (File) -> [[UInt8]]
  ) -> File? {
    let name = Array("\(entry.name).swift".utf8)
    let (chapter, yours) = (Array(entry.chapterFolder.utf8), Array("Yours".utf8))
    func rank(_ names: [[UInt8]]) -> Int {
      let above = names.dropLast().last
      guard above == chapter else { return 2 }
      return names.dropLast(2).last == yours ? 0 : 1
    }
    let found = files.map { ($0, path($0)) }.filter { $0.1.last == name && !isAside($0.1) }
    return found.min { a, b in
      let (x, y) = ((rank(a.1), a.1.count), (rank(b.1), b.1.count))
      return x != y
        ? x < y : a.1.joined(separator: [0x2F]).lexicographicallyPrecedes(b.1.joined(separator: [0x2F]))
    }?.0
  }

  /// Copies that the workbook or a Mac has laid aside.
  private static func isAside(_ names: [[UInt8]]) -> Bool {
    names.dropLast().contains { name in
      let text = String(decoding: name, as: UTF8.self)
      return text.hasPrefix(".") || text == "Backups" || text == "__MACOSX"
    }
  }
}
