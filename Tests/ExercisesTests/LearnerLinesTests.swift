import Foundation
import Testing

@testable import ExerciseKit

@Suite struct LearnerLinesTests {
  /// Lines end in one character or two, and any bytes can be counted through.
  @Test(arguments: [
    "a\nb\nfunc f() {", "a\r\nb\r\nfunc f() {", "a\r\n\r\nfunc f() {",
  ]) func linesAreCounted(_ text: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString).swift")
    defer { try? FileManager.default.removeItem(at: file) }
    try (Data([0xE9]) + Data(text.utf8)).write(to: file)
    #expect(lines(of: file).count == 3)
    #expect(lines(of: file).firstIndex { $0.contains("func f") } == 2)
  }

  @Test func noFile() { #expect(lines(of: URL(filePath: "/nowhere/at/all")).count == 1) }
}
