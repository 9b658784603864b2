import BookKit
import Foundation
import Testing

/// The lists that are gathered from all pages.
@Suite struct ListingTests {
  private func filled(
    _ marker: String, exercises: [ListedExercise]? = nil, _ write: (TemporaryBook) throws -> Void
  )
    throws -> FilledPage
  {
    let book = try TemporaryBook()
    try write(book)
    try book.write("# List\n\n<!-- \(marker) -->\n<!-- end -->\n", to: "Book/list.md")
    return try Book(root: book.root, exercises: exercises).filled("Book/list.md")
  }

  /// What stands between the marker and its end.
  private func list(_ page: FilledPage) -> String {
    String(page.after.split(separator: "-->\n", maxSplits: 1)[1]).replacing("\n<!-- end -->\n", with: "")
  }

  @Test func references() throws {
    let page = try filled("references: all") { book in
      try book.write(
        """
        # 3 Pooling

        ## References

        - Zeiler, "Pools: a study", *Nature* 1, 2013, arXiv 1301.35577: on *pooling*.
        - Ärlig, *A book*, MIT Press, 2016: chapter 9.

        """, to: "Book/03-pooling.md")
      try book.write(
        "# 4 Other\n\n## References\n\n- Abe, \"Nets\", [arXiv 1301.00001](https://arxiv.org/abs/1301.00001).\n- Zeiler, \"Pools: a study\", 2013.\n\n## More\n\n- none\n",
        to: "Book/04-other.md")
      try book.write(
        "# How fast\n\n## References\n\n- Moon, \"Speed\", 2001: <https://moon.org/a_b>.\n", to: "Book/how.md"
      )
    }
    #expect(
      list(page) == """

        - Abe, "Nets", [arXiv 1301.00001](https://arxiv.org/abs/1301.00001). Chapter [4](04-other.md#references).
        - Ärlig, *A book*, MIT Press, 2016. Chapter [3](03-pooling.md#references).
        - Moon, "Speed", 2001: <https://moon.org/a_b>. In [How fast](how.md#references).
        - Zeiler, "Pools: a study", *Nature* 1, 2013, [arXiv 1301.35577](https://arxiv.org/abs/1301.35577). \
        Chapters [3](03-pooling.md#references), [4](04-other.md#references).

        """)
    #expect(page.problems.isEmpty && page.summary == "1 list")
  }

  @Test func questions() throws {
    let page = try filled("questions: all") { book in
      try book.write(
        """
        # 3 Pooling

        ## To discuss

        1. Why $x_i$ and `y`, a * or
           <!--= 03-pooling/shifts accuracy %1 -->98.8 %<!--/-->? *Because it
           is.*
        2. And *then*?

           <details><summary>Answer</summary>

           So.

           </details>

        ## References

        1. None.

        """, to: "Book/03-pooling.md")
    }
    #expect(
      list(page) == """

        ## 3 Pooling

        1. Why $`x_i`$ and `y`, a \\* or 98.8 %?
        2. And *then*?

        [The answers](03-pooling.md#to-discuss)

        """)
  }

  @Test func exercises() throws {
    let all = [
      ListedExercise(
        id: "3.1", chapter: 3, title: "Max", task: "The largest of `a | b`.", section: "3.1", difficulty: 2,
        minutes: 20),
      ListedExercise(
        id: "3.2", chapter: 3, title: "Mean", task: "The mean.", section: "3.9", difficulty: 5, minutes: 50),
    ]
    func write(_ book: TemporaryBook) throws {
      try book.write("# 3 Pooling\n\n## 3.1 Max pooling\n", to: "Book/03-pooling.md")
    }
    let page = try filled("exercises: all", exercises: all, write)
    #expect(
      list(page) == """

        ## 3 Pooling

        2 exercises, about an hour.

        | exercise | what it gives | section | difficulty | minutes |
        |---|---|---|---|---:|
        | 3.1 Max | The largest of `a \\| b`. | [3.1](03-pooling.md#31-max-pooling) | ●●○○○ | 20 |
        | 3.2 Mean | The mean. | 3.9 | ●●●●● | 50 |

        """)
    #expect(page.differences.count == 1)
    // Where nobody says which exercises there are, the list is left as it is.
    let without = try filled("exercises: all", write)
    #expect(without.after == without.before && without.problems.isEmpty)
    let wrong = try filled("questions: 3", write)
    #expect(wrong.problems.map(\.found) == ["a list is asked for as \"3\""])
  }
}
