import BookKit
import Foundation
import Testing

/// The repository's own book is what the committed results and the sources make of it.
@Suite struct RealBookTests {
  @Test func nothingHasDrifted() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let book = try Book(root: root)
    #expect(book.pages.count >= 6)
    for path in book.pages {
      let page = try book.filled(path)
      for problem in page.problems + page.differences { Issue.record("\(problem)") }
      #expect(page.after == page.before)
    }
    for file in book.unusedFiles() { Issue.record("\(file)") }
  }
}
