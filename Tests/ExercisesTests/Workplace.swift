import ExerciseKit
import Foundation
import Testing

/// The package's exercises, and a compiler for answers: what all tests here share. Nothing of a learner's is touched.
enum Workplace {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let catalogue = Result { try Catalogue(root: root) }
  static let entries = (try? catalogue.get().entries) ?? []

  /// Checks `text` as the learner's file of an exercise, in a temporary folder.
  static func verdict(
    on text: String, for entry: Catalogue.Entry, seconds: Int? = nil, waiting: Int? = nil
  ) async throws -> Verdict {
    try await withFile(text, for: entry) { file, _ in
      try await entry.examine(file, with: Toolchain(root: root), seconds: seconds, waiting: waiting)
    }
  }

  /// Hands over `text` as the file of an exercise, in a folder that is gone afterwards, when there is a place.
  static func withFile<Result>(
    _ text: String, for entry: Catalogue.Entry, _ body: (_ file: URL, _ folder: URL) async throws -> Result
  ) async throws -> Result {
    await places.enter()
    defer { Task { await places.leave() } }
    let folder = FileManager.default.temporaryDirectory.appending(path: "workbook-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "\(entry.name).swift")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return try await body(file, folder)
  }

  /// Compilers and learners' programs run two at a time, however many tests there are.
  private static let places = Places(2)

  /// Runs `body` for all items at once; what is costly in it waits for a place by itself.
  static func forEach<Item: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for item in items { group.addTask { try await body(item) } }
      try await group.waitForAll()
    }
  }
}

/// A number of places; who finds none waits in line.
private actor Places {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func enter() async {
    if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

extension Catalogue.Entry: CustomTestStringConvertible {
  public var testDescription: String { "\(id) \(name)" }
}
