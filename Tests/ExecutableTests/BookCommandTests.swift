import Foundation
import Testing

/// `workbook book`: what it writes, what it says, and how it leaves.
@Suite struct BookCommandTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in [
      ("Book/01-one.md", "# 1\n\nLoss <!--= 01-one/run loss .2 -->?<!--/-->.\n"), ("Book/02-two.md", "# 2\n"),
      (
        "Book/Results/01-one/run/results.json",
        """
        {"command": "one run", "seed": 1, "version": "0", "seconds": 2, "metrics": {"loss": 0.125}, "tables": [],
         "files": [], "machine": {"processor": "none", "cores": 1, "threads": 1, "system": "none"}}
        """
      ),
    ] {
      let file = URL(filePath: folder.file(name))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  private func book(_ arguments: String...) throws -> Outcome {
    try run("workbook", ["book"] + arguments, in: folder.path)
  }

  private func page() throws -> String {
    try String(contentsOfFile: folder.file("Book/01-one.md"), encoding: .utf8)
  }

  @Test func checkWriteCheck() throws {
    let before = try book("--check")
    #expect(before.status == 1)
    #expect(before.output.contains("Book/01-one.md   differs: 1 number\n"), "\(before.output)")
    #expect(before.errors.contains("error: Book/01-one.md:3: "), "\(before.errors)")
    #expect(before.errors.contains("here:      ?\n       should be: 0.13\n"), "\(before.errors)")
    #expect(try page().contains("-->?<!--/-->"))

    let written = try book()
    #expect(written.status == 0, "\(written.errors)")
    #expect(written.output.contains("Book/01-one.md   written: 1 number\n"))
    #expect(written.output.contains("Book/02-two.md   as it was: no markers\n"))
    #expect(try page().contains("-->0.13<!--/-->"))

    let after = try book("--check")
    #expect(after.status == 0)
    #expect(after.errors.isEmpty)
  }

  @Test func onePage() throws {
    let other = try book("2", "--check")
    #expect(other.status == 0)
    #expect(!other.output.contains("01-one"))
    let none = try book("03-three")
    #expect(none.status == 1)
    #expect(none.errors.contains("03-three: there is no such page in Book"), "\(none.errors)")
    #expect(try book("--chek").status == 2)
  }

  /// A mistake leaves its own place alone, and fails; what is right is written all the same.
  @Test func mistakes() throws {
    let text = try page() + "\nAccuracy <!--= 01-one/run accuracy %1 -->?<!--/-->.\n"
    try Data(text.utf8).write(to: URL(filePath: folder.file("Book/01-one.md")))
    try Data("x".utf8).write(to: URL(filePath: folder.file("Book/Results/01-one/run/left.png")))
    let outcome = try book()
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("has mistakes: 1 number"), "\(outcome.output)")
    #expect(
      outcome.errors.contains("Book/01-one.md:5: 01-one/run has no number \"accuracy\""), "\(outcome.errors)")
    #expect(try page().contains("-->0.13<!--/-->"))
    #expect(try page().contains("-->?<!--/-->"))
    #expect(try book("--check").errors.contains("Book/Results/01-one/run/left.png: no page shows this file"))
  }

  @Test func noBook() throws {
    let outcome = try run("workbook", ["book"], in: folder.file("Book/Results"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("there are no pages in"), "\(outcome.errors)")
  }
}
