import BookKit
import ExerciseKit
import Foundation
import Testing

@testable import Classroom

/// The book's index of exercises is that of the catalogue.
@Suite struct ExerciseIndexTests {
  @Test func theIndexIsUpToDate() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let catalogue = try Catalogue(root: root)
    let listed = try catalogue.listedInBook()
    #expect(listed.map(\.id) == catalogue.entries.map(\.id))
    for exercise in listed { #expect(exercise.task.hasSuffix("."), "\(exercise.id): \(exercise.task)") }
    let page = try Book(root: root, exercises: listed).filled("Book/exercises.md")
    #expect(page.after == page.before, "\(page.differences); ./workbook book writes it anew")
    #expect(page.problems.isEmpty)
  }

  @Test func theTaskIsTheFirstSentence() {
    #expect(
      Catalogue.task(
        of: "// 2.1\nimport A\n\n/// Slides `w`\n/// along x, 0.5 at a time. And more.\nfunc f() {}")
        == "Slides `w` along x, 0.5 at a time.")
    #expect(Catalogue.task(of: "func f() {}") == "")
  }
}
