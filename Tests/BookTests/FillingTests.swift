import BookKit
import Foundation
import Testing
import Workbench

@Suite struct FillingTests {
  @Test func tables() throws {
    let book = try TemporaryBook()
    let page = try book.filled(
      """
      Before.
      <!-- table: 03-pooling/shifts 1 -->
      old
      <!-- end -->
      <!-- table: 03-pooling/shifts 2 | Table 3.1. What there is to learn. -->
      <!-- end -->
      After.

      """)
    #expect(
      page.after == """
        Before.
        <!-- table: 03-pooling/shifts 1 -->

        **Accuracy by shift**

        | pooling    | pixels |  right |
        |------------|-------:|-------:|
        | max \\| 2×2 |      0 | 98.7 % |
        | none       |    −12 |  9.1 % |

        <!-- end -->
        <!-- table: 03-pooling/shifts 2 | Table 3.1. What there is to learn. -->

        **Table 3.1.** What there is to learn.

        | layer | weights |
        |-------|--------:|
        | conv1 |     832 |

        <!-- end -->
        After.

        """)
    #expect(page.problems.isEmpty)
    #expect(page.summary == "2 tables")
    #expect(page.differences.map(\.line) == [3, 6])
    #expect(
      page.differences[1].description == """
        Book/03-pooling.md:6: nothing has been filled in yet
               should be: **Table 3.1.** What there is to learn.
        """)
  }

  @Test func figures() throws {
    let book = try TemporaryBook()
    let page = try book.filled(
      """
      <!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. Of {= 03-pooling/shifts images ,} digits,
           {= 03-pooling/shifts accuracy %1} are read [right] at $t = 0$. -->
      <!-- end -->
      """)
    let caption = "Figure 3.1. Of 12,000 digits, 98.8 % are read [right] at $t = 0$."
    let alternative = "Figure 3.1. Of 12,000 digits, 98.8 % are read right at t = 0."
    #expect(page.problems.isEmpty)
    #expect(
      page.after.contains(
        "\n\n![\(alternative)](Results/03-pooling/shifts/accuracy.svg)\n\n*\(caption)*\n\n<!-- end -->"))
    #expect(page.after.hasPrefix("<!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. Of {="))
  }

  /// What those hear who do not see a figure: what the page says, else the drawing's own description.
  @Test func whatIsToBeSeen() throws {
    let book = try TemporaryBook()
    var results = Results(command: "pooling drawings", seed: 1)
    results.files = ["window.svg"]
    results.descriptions = ["window.svg": "A [square] over four cells."]
    results.metrics = ["cells": 4]
    try book.write(results, to: "03-pooling/drawings")
    try book.write("<svg/>", to: "Book/Results/03-pooling/drawings/window.svg")
    func alternative(_ caption: String) throws -> Substring? {
      let page = try book.filled(
        "<!-- figure: 03-pooling/drawings window.svg | \(caption) -->\n<!-- end -->\n")
      #expect(page.problems.isEmpty)
      #expect(page.after.contains("*Figure 3.1. A window.*"))
      return page.after.firstMatch(of: /!\[(.*?)\]\(/)?.1
    }
    #expect(try alternative("Figure 3.1. A window.") == "A square over four cells.")
    #expect(
      try alternative("Figure 3.1. A window.\n| A frame around\n{= 03-pooling/drawings cells} `cells`.")
        == "A frame around 4 cells.")
  }

  @Test func numbers() throws {
    let book = try TemporaryBook()
    let page = try book.filled(
      """
      <!--= 03-pooling/shifts accuracy %1 -->?<!--/--> of <!--= 03-pooling/shifts images , -->12,000<!--/-->,
      <!--= 03-pooling/shifts conv1.zeros .2 -->?<!--/--> <!--= 03-pooling/shifts loss e2 -->?<!--/-->
      <!--= 03-pooling/shifts change +.1 -->?<!--/--> <!--= 03-pooling/shifts seed -->?<!--/-->
      on <!--= 03-pooling/shifts machine.processor -->?<!--/-->, <!--= 03-pooling/shifts machine.threads-->?<!--/-->
      threads, in <!--= 03-pooling/shifts seconds g2 -->?<!--/--> s
      """)
    let visible = page.after.replacing(/<!--.*?-->/, with: "")
    #expect(
      visible == """
        98.8 % of 12,000,
        0.25 1.23 · 10⁻⁶
        −0.5 1
        on Test 9000, 2
        threads, in 12 s
        """)
    #expect(page.summary == "9 numbers")
    #expect(page.differences.count == 8)
    #expect(
      page.differences[0].description == """
        Book/03-pooling.md:1: "03-pooling/shifts accuracy %1" is not what the results say
               here:      ?
               should be: 98.8 %
        """)
  }

  @Test func code() throws {
    let book = try TemporaryBook()
    try book.write(
      """
      struct Pool {
        /// Doc.
        public func maxPool(
          _ x: [Float]
        ) -> Float {
          x.max()!
        }
      }
      """, to: "Chapters/03-Pooling/Module/MaxPooling.swift")
    let page = try book.filled(
      """
      <!-- code: Chapters/03-Pooling/Module/MaxPooling.swift | public func maxPool -->
      <!-- end -->
      """)
    #expect(
      page.after == """
        <!-- code: Chapters/03-Pooling/Module/MaxPooling.swift | public func maxPool -->

        ```swift
        public func maxPool(
          _ x: [Float]
        ) -> Float {
          x.max()!
        }
        ```

        <!-- end -->
        """)
  }

  /// What was filled in is left as it is the next time, to the byte.
  @Test func twiceIsOnce() throws {
    let book = try TemporaryBook()
    try book.write("let table = \"\"\"\n  ```\n  <!-- end -->\n  \"\"\"\n", to: "Sources/A/A.swift")
    let first = try book.filled(
      """
      <!-- table: 03-pooling/shifts 1 -->
      <!-- end -->
      <!-- code: Sources/A/A.swift | let table -->
      <!-- end -->
      <!--= 03-pooling/shifts accuracy .3 --><!--/-->
      """)
    #expect(first.problems.isEmpty && first.differences.count == 3)
    let second = try book.filled(first.after)
    #expect(second.after == first.after)
    #expect(second.problems.isEmpty && second.differences.isEmpty)
  }

  @Test func differencesAreShownLineByLine() throws {
    let book = try TemporaryBook()
    let good = try book.filled("# 3\n\n<!-- table: 03-pooling/shifts 1 -->\n<!-- end -->\n").after
    let page = try book.filled(good.replacing("98.7 %", with: "99.7 %"))
    #expect(
      page.differences.map(\.description) == [
        """
        Book/03-pooling.md:9: this is not what the results and sources say
               here:      | max \\| 2×2 |      0 | 99.7 % |
               should be: | max \\| 2×2 |      0 | 98.7 % |
        """
      ])
    #expect(page.after == good)
  }

  @Test func codeOnPagesIsLeftAlone() throws {
    let book = try TemporaryBook()
    let text = """
      ```
      <!-- table: no/such 1 -->
      <!--= no/such number -->?<!--/-->
      ```
      ~~~~
      ```
      <!-- figure: -->
      ~~~~
      So `<!--= no/such number -->?<!--/-->` and ``a ` <!-- end -->``. <!-- A remark: fine in a line. -->
      <!-- A remark. -->
      """
    let page = try book.filled(text)
    #expect(page.after == text)
    #expect(page.problems.isEmpty)
    #expect(page.summary == "no markers")
  }

  @Test func writesOnlyWhatChanges() throws {
    let book = try TemporaryBook()
    let file = book.root.appending(path: "Book/03-pooling.md").path
    let page = try book.filled("<!--= 03-pooling/shifts images -->?<!--/-->")
    let made = try Book(root: book.root)
    #expect(try made.write(page))
    #expect(try book.read("Book/03-pooling.md") == "<!--= 03-pooling/shifts images -->12000<!--/-->")
    let time = Date(timeIntervalSince1970: 1_000_000)
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: file)
    #expect(try !made.write(made.filled("Book/03-pooling.md")))
    #expect(try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date == time)
  }

  @Test func filesThatNoPageShows() throws {
    let book = try TemporaryBook()
    try book.write("png", to: "Book/Results/03-pooling/shifts/left.png")
    let made = try Book(root: book.root)
    _ = try made.filled("Book/03-pooling.md")
    #expect(
      made.unusedFiles().map(\.path) == [
        "Book/Results/03-pooling/shifts/accuracy.svg", "Book/Results/03-pooling/shifts/left.png",
      ])
    try book.write(
      "<!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. All. -->\n<!-- end -->",
      to: "Book/03-pooling.md")
    _ = try made.filled("Book/03-pooling.md")
    #expect(made.unusedFiles().map(\.path) == ["Book/Results/03-pooling/shifts/left.png"])
  }

  /// What a figure that readers touch calculates with belongs to its picture, if there is a script that reads it.
  @Test func dataOfFiguresThatAreTouched() throws {
    let book = try TemporaryBook()
    try book.write("data", to: "Book/Results/03-pooling/shifts/accuracy.data.js")
    try book.write("data", to: "Book/Results/03-pooling/shifts/other.data.js")
    try book.write("script", to: "Book/Touch/other.js")
    try book.write(
      "<!-- figure: 03-pooling/shifts accuracy.svg | Figure 3.1. All. -->\n<!-- end -->",
      to: "Book/03-pooling.md")
    let made = try Book(root: book.root)
    _ = try made.filled("Book/03-pooling.md")
    #expect(
      made.unusedFiles().map(\.path) == [
        "Book/Results/03-pooling/shifts/accuracy.data.js", "Book/Results/03-pooling/shifts/other.data.js",
      ])
    try book.write("script", to: "Book/Touch/accuracy.js")
    #expect(made.unusedFiles().map(\.path) == ["Book/Results/03-pooling/shifts/other.data.js"])
  }
}
