import ExerciseKit
import Formats
import Foundation

/// What is proved of a copy before anybody gets it.
public struct ReleaseCheck: Sendable {
  let folder: String
  let catalogue: Catalogue
  let plan: CoursePlan

  /// - Parameters:
  ///   - folder: The copy, as `Release` has written it.
  ///   - catalogue: All exercises with their solutions: none of them may be in the copy, whichever are handed out.
  ///   - plan: The course that it is for.
  public init(of folder: String, _ catalogue: Catalogue, _ plan: CoursePlan) {
    (self.folder, self.catalogue, self.plan) = (folder, catalogue, plan)
  }

  /// Texts shorter than this, white space aside, are in many files by chance.
  static let fewestLetters = 60

  /// Where one of our answers stands in a file; empty where none does.
  ///
  /// Compared without white space and comments, so that another layout does not hide it. What the book itself explains, in
  /// the chapters' modules and pages, is no secret, and the engine's own code neither: there, only whole files with marks
  /// or with checks would be one.
  public func solutionsInFiles() throws -> [String] {
    var found: [String] = []
    let secrets = try catalogue.entries.map { entry in
      (entry.id, Self.squeezed(try entry.markedSource().solutionLines.joined(separator: "\n")))
    }
    let knownMistakes = Array("Mistake<Answer>".utf8)
    for path in files() {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + path)))
      if path.hasPrefix("runner/") { continue }
      let text = Self.squeezed(String(decoding: bytes, as: UTF8.self), keepingComments: true)
      if Self.contains(text, knownMistakes) { found.append("\(path): known mistakes") }
      guard path.hasPrefix("Exercises/") else { continue }
      for mark in ["//BEGINSOLUTION", "//ENDSOLUTION"] where Self.contains(text, Array(mark.utf8)) {
        found.append("\(path): the marks of a solution")
      }
      let code = Self.squeezed(String(decoding: bytes, as: UTF8.self))
      for (id, secret) in secrets where secret.count >= 12 && Self.contains(code, secret) {
        found.append("\(path): our answer to \(id)")
      }
    }
    return found
  }

  /// What the book and the engine share with an answer, word for word: for the instructor to know of.
  public func answersInTheBook() throws -> [String] {
    let secrets = try plan.entries.map { entry in
      (entry.id, Self.squeezed(try entry.markedSource().solutionLines.joined(separator: "\n")))
    }.filter { $0.1.count >= Self.fewestLetters }
    var found: [String] = []
    for path in files()
    where !path.hasPrefix("Exercises/") && [".swift", ".md"].contains(where: path.hasSuffix) {
      let code = Self.squeezed(try String(contentsOfFile: folder + "/" + path, encoding: .utf8))
      for (id, secret) in secrets where Self.contains(code, secret) {
        found.append("\(path): the answer to \(id)")
      }
    }
    return found
  }

  /// Every file that a learner starts from compiles and is told from an answer.
  public func stubs(with toolchain: Toolchain, jobs: Int = 2, done: (Int) -> Void = { _ in }) async throws
    -> [String]
  {
    let chapters = folder + "/Exercises"
    var problems: [String] = []
    var count = 0
    try await withThrowingTaskGroup(of: String?.self) { group in
      var next = plan.entries.makeIterator()
      func add(_ entry: Catalogue.Entry) {
        group.addTask {
          let name = String(format: "%02d-", entry.number) + entry.name
          let file = URL(filePath: "\(chapters)/\(entry.chapterFolder)/\(name)/\(entry.name).swift")
          let verdict = try await entry.examine(file, with: toolchain)
          return verdict.state == .notStarted && verdict.points == 0
            ? nil : "\(entry.id): the learner's file is \(verdict.state.rawValue), and not unfinished"
        }
      }
      for _ in 0..<jobs { if let entry = next.next() { add(entry) } }
      while let problem = try await group.next() {
        if let problem { problems.append(problem) }
        count += 1
        done(count)
        if let entry = next.next() { add(entry) }
      }
    }
    return problems.sorted()
  }

  private func files() -> [String] {
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter { path in
      var status = stat()
      return !path.hasPrefix(".git/") && !path.hasPrefix(".build/")
        && lstat(folder + "/" + path, &status) == 0
        && status.st_mode & S_IFMT == S_IFREG
    }.sorted()
  }

  /// A text without white space, and without comments.
  private static func squeezed(_ text: String, keepingComments: Bool = false) -> [UInt8] {
    var result: [UInt8] = []
    for line in text.utf8.split(separator: 0x0A) {
      var previous: UInt8 = 0
      for byte in line {
        if !keepingComments, byte == 0x2F, previous == 0x2F {
          result.removeLast()
          break
        }
        previous = byte
        if byte > 0x20 { result.append(byte) }
      }
    }
    return result
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    return text.withUnsafeBytes { text in
      var start = 0
      while start + part.count <= text.count {
        guard let place = memchr(text.baseAddress! + start, Int32(first), text.count - part.count - start + 1)
        else {
          return false
        }
        start = UnsafeRawPointer(place) - text.baseAddress!
        if memcmp(place, part, part.count) == 0 { return true }
        start += 1
      }
      return false
    }
  }
}
