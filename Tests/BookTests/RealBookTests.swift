import BookKit
import Foundation
import Testing

/// The repository's own book is what the committed results and the sources make of it.
@Suite struct RealBookTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func nothingHasDrifted() throws {
    let book = try Book(root: root)
    #expect(book.pages.count >= 6)
    for path in book.pages {
      let page = try book.filled(path)
      for problem in page.problems + page.differences { Issue.record("\(problem)") }
      #expect(page.after == page.before)
    }
    for file in book.unusedFiles() { Issue.record("\(file)") }
  }

  /// On a code host every page is shown as it is meant. A build server must have what that needs.
  @Test func pagesAreShownAsTheyAreMeant() throws {
    let book = try Book(root: root)
    if !Book.canRender {
      if ProcessInfo.processInfo.environment["CI"] != nil { Issue.record("\(Book.howToRender)") }
      print("note: \(Book.howToRender)")
    }
    #expect(book.documents.suffix(2) == ["README.md", "CONTRIBUTING.md"])
    for path in book.documents {
      for problem in try book.check(path) { Issue.record("\(problem)") }
    }
  }
}
