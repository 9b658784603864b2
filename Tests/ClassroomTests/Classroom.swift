import ExerciseKit
import Foundation

@testable import Classroom
@testable import Formats

/// What all tests here share: a folder that goes when they are done, the exercises, and answers to them.
enum Class {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let catalogue = Result { try Catalogue(root: root) }

  static func entry(_ id: String) throws -> Catalogue.Entry { try catalogue.get().entry(id) }

  static func course(_ json: String) throws -> CoursePlan {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "workbook-test-\(UUID().uuidString).json")
    try Data(json.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try CoursePlan(Course(file: file), in: catalogue.get())
  }

  static func solution(_ id: String) throws -> String { try entry(id).markedSource().solution }
  static func stub(_ id: String) throws -> String { try entry(id).markedSource().stub }

  /// Writes files into a submission's folder: by the exercise's id, or by a path.
  static func write(_ files: [String: String], to folder: String) throws {
    for (name, text) in files {
      let path = try Int(name.prefix(1)) == nil ? name : Self.path(of: name)
      try AtomicFile.write(text, to: folder + "/" + path, creatingFolders: true)
    }
  }

  static func path(of id: String) throws -> String {
    let entry = try entry(id)
    return "Exercises/Yours/\(entry.chapterFolder)/\(entry.name).swift"
  }

  static func zip(_ entries: [(String, String)], to path: String) throws {
    try ZipArchive.write(
      entries.map { (name: $0.0, pieces: [Array($0.1.utf8)[...]]) }, to: path, creatingFolders: true)
  }
}

/// A folder for one test.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "workbook-test-\(UUID().uuidString)").path
    try AtomicFile.createFolder(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}
