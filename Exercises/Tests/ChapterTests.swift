import ExerciseKit
import Foundation
import Testing

// One suite for each chapter, so that `--filter Ch02` checks your answers of chapter 2. The files of the chapter that
// do not exist yet are made.

@Suite(.serialized) struct Ch00 {
  @Test(arguments: exercises(ofChapter: 0)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch01 {
  @Test(arguments: exercises(ofChapter: 1)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch02 {
  @Test(arguments: exercises(ofChapter: 2)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch03 {
  @Test(arguments: exercises(ofChapter: 3)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch04 {
  @Test(arguments: exercises(ofChapter: 4)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch05 {
  @Test(arguments: exercises(ofChapter: 5)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch06 {
  @Test(arguments: exercises(ofChapter: 6)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch07 {
  @Test(arguments: exercises(ofChapter: 7)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch08 {
  @Test(arguments: exercises(ofChapter: 8)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch09 {
  @Test(arguments: exercises(ofChapter: 9)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch10 {
  @Test(arguments: exercises(ofChapter: 10)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch11 {
  @Test(arguments: exercises(ofChapter: 11)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

@Suite(.serialized) struct Ch12 {
  @Test(arguments: exercises(ofChapter: 12)) func exercise(_ entry: Catalogue.Entry) async throws {
    try await check(entry)
  }
}

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

private func exercises(ofChapter number: Int) -> [Catalogue.Entry] {
  do {
    return try Catalogue(root: root).entries.filter { $0.chapter == number }
  } catch {
    fatalError("\(error)")
  }
}

/// Checks the learner's file, and says at its line what is not right yet.
private func check(_ entry: Catalogue.Entry) async throws {
  let files = LearnerFiles(folder: root.appending(path: "Exercises/Yours"))
  let file = try files.file(for: entry)
  let verdict = try await entry.examine(file, with: Toolchain(root: root))
  let picture = try files.drawPicture(of: verdict, for: entry)
  let results = try files.drawResults(of: verdict, for: entry)
  guard verdict.state != .passed else { return }
  let text = VerdictText(
    verdict, of: entry, path: file.path, picture: picture?.path,
    results: results.map { ($0.file.path, $0.meaning) }, style: Style(isColored: false)
  ).text
  Issue.record(
    Comment(rawValue: "\n" + text),
    sourceLocation: SourceLocation(
      fileID: "Yours/\(file.lastPathComponent)", filePath: file.path, line: verdict.line ?? 1, column: 1))
}

extension Catalogue.Entry: @retroactive CustomTestStringConvertible {
  public var testDescription: String { "\(id) \(exercise.title)" }
}
