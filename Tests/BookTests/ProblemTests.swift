import Foundation
import Testing

@testable import BookKit

/// Each mistake on a page has its place, its name and advice; the page keeps what it had.
@Suite struct ProblemTests {
  private static let table = "<!-- table: 03-pooling/shifts 1 -->"

  /// Names of metrics are somebody's words, and may hold what a terminal obeys.
  @Test func namesFromFilesAreFitForATerminal() {
    let few = nearest(to: "accuracy", among: ["\u{7F}ccuracy", "\u{1B}[2J"], call: "numbers")
    #expect(few == #"There are: \u{1B}[2J, \u{7F}ccuracy."#)
    let many = nearest(to: "accuracy", among: ["\u{7F}ccuracy"] + (0..<9).map { "n\($0)" }, call: "numbers")
    #expect(many.hasPrefix(#"Did you mean \u{7F}ccuracy"#))
  }

  @Test(arguments: [
    ("<!-- tabel: 03-pooling/shifts 1 -->\n<!-- end -->", "there is no marker \"tabel\"", "table"),
    (table, "<!-- table: … --> has no end", "Write <!-- end -->"),
    (
      "\(table)\n<!-- figure: a b | Figure 3.1. C -->", "<!-- table: … --> has no end",
      "Book/03-pooling.md:2: <!-- figure: … --> has no end"
    ),
    ("<!-- end -->", "<!-- end --> ends nothing", "Remove it"),
    ("a <!--/-->", "<!--/--> ends nothing", "Remove it"),
    ("a <!--= 03-pooling/shifts loss .2 -->b\n<!--/-->", "<!--= has no end on its line", "Write: <!--="),
    ("a \(table)\n", "a marker stands in the middle of a line", "Begin a line with it"),
    (
      "<!-- table: 03-pooling/shift 1 -->\n<!-- end -->",
      "there is no Book/Results/03-pooling/shift/results.json",
      "There are: 03-pooling/shifts."
    ),
    (
      "<!-- table: ../../x 1 -->\n<!-- end -->", "there is no Book/Results/../../x/results.json",
      "03-pooling/shifts"
    ),
    (
      "<!-- table: 03-pooling/shifts 3 -->\n<!-- end -->", "03-pooling/shifts has no table 3",
      "1 Accuracy by shift, 2 Weights"
    ),
    ("<!-- table: 03-pooling/shifts -->\n<!-- end -->", "has 2 tables", "1 Accuracy by shift, 2 Weights"),
    ("<!-- table: 03-pooling/shifts 0 -->\n<!-- end -->", "a table is asked for as", "Write: <!-- table:"),
    (
      "<!-- figure: 03-pooling/shifts acuracy.svg | Figure 3.1. A -->\n<!-- end -->",
      "there is no picture Book/Results/03-pooling/shifts/acuracy.svg", "There are: accuracy.svg."
    ),
    (
      "<!-- figure: 03-pooling/shifts accuracy.svg -->\n<!-- end -->",
      "the figure accuracy.svg has no caption",
      "after a bar"
    ),
    (
      "<!-- figure: 03-pooling/shifts accuracy.svg | Accuracy. -->\n<!-- end -->",
      "the caption does not begin with the figure's number", "Write: Figure 3.1."
    ),
    (
      "<!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.2. A -->\n<!-- end -->",
      "Figure 3.2. is out of order",
      "The next on this page is Figure 3.1."
    ),
    (
      "<!-- figure: 03-pooling/shifts accuracy.svg | Figure 2.1. A -->\n<!-- end -->",
      "Figure 2.1. is out of order",
      "The next on this page is Figure 3.1."
    ),
    (
      "<!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. {= a -->\n<!-- end -->",
      "a caption has {= without }", "Write: {="
    ),
    (
      "<!--= 03-pooling/shifts acuracy .2 -->1<!--/-->", "03-pooling/shifts has no number \"acuracy\"",
      "Did you mean accuracy"
    ),
    (
      "<!--= 03-pooling/shifts accuracy 2 -->1<!--/-->", "there is no format \"2\"",
      ".2 (digits after the point)"
    ),
    (
      "<!--= 03-pooling/shifts accuracy -->1<!--/-->", "the marker does not say how to print it",
      "Add a format"
    ),
    (
      "<!--= 03-pooling/shifts machine.processor .2 -->1<!--/-->", "machine.processor is a text",
      "Leave the format away"
    ),
    ("<!--= 03-pooling/shifts -->1<!--/-->", "a number is asked for as", "Write: <!--="),
    ("<!-- code: Sources/A.swift -->\n<!-- end -->", "code is asked for as", "Write: <!-- code:"),
    (
      "<!-- code: Sources/B.swift | func b -->\n<!-- end -->", "there is no file Sources/B.swift",
      "There are: Sources/A.swift."
    ),
    (
      "<!-- code: Exercises/A.swift | func b -->\n<!-- end -->", "Exercises/A.swift is no Swift file in",
      "cut out of files that the workbook compiles"
    ),
    (
      "<!-- code: Sources/A.swift | func six -->\n<!-- end -->", "no declaration begins with `func six`",
      "func mix"
    ),
    (
      "<!-- code: Sources/A.swift | func twice -->\n<!-- end -->",
      "`func twice` begins 2 declarations, on lines 2, 3",
      "Write more of the first line"
    ),
  ])
  func mistakes(text: String, found: String, advice: String) throws {
    let book = try TemporaryBook()
    try book.write("func mix() {}\nfunc twice(a: Int) {}\nfunc twice(b: Int) {}\n", to: "Sources/A.swift")
    let problem = try book.problem("Text.\n" + text)
    #expect(problem.hasPrefix("Book/03-pooling.md:2: "))
    #expect(problem.contains(found))
    let shifted = advice.replacing("md:2:", with: "md:3:")
    #expect(problem.contains(shifted))
  }

  @Test func picturesFromAnotherRun() throws {
    let book = try TemporaryBook()
    try book.write("png", to: "Book/Results/03-pooling/shifts/left.png")
    let problem = try book.problem(
      "<!-- figure: 03-pooling/shifts left.png | Figure 3.1. A -->\n<!-- end -->")
    #expect(
      problem.contains("left.png is not in the list of files in Book/Results/03-pooling/shifts/results.json"))
  }

  @Test func damagedResults() throws {
    let book = try TemporaryBook()
    try book.write("{\"seed\": 1", to: "Book/Results/03-pooling/shifts/results.json")
    let problem = try book.problem("<!--= 03-pooling/shifts accuracy .2 -->1<!--/-->")
    #expect(problem.contains("results.json does not hold an experiment's results"))
  }

  @Test func pageNames() throws {
    let book = try TemporaryBook()
    let made = try Book(root: book.root)
    for name in ["3", "03-pooling", "03-pooling.md", "Book/03-pooling.md"] {
      #expect(try made.page(name) == "Book/03-pooling.md")
    }
    #expect(
      throws: BookProblem("02-poling", "there is no such page in Book", advice: "There are: 03-pooling.")
    ) {
      try made.page("02-poling")
    }
    #expect(throws: BookProblem.self) { try Book(root: book.root.appending(path: "Sources")) }
  }
}
