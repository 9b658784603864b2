import Foundation
import Testing

@testable import BookKit

/// What must not be seen on a code host, one fault at a time.
@Suite struct PageCheckTests {
  private static let good = """
    # 3 Pooling

    It is $x_{n,c}$, <!--= a b -->9 %<!--/--> of *them*, $`x'_i = x_{i-t}\\,y`$ and [there](#31-max).
    <!-- A remark. -->

    ## 3.1 Max

    1. One with
       two lines, $a_b$ and $c_d$.

       ```math
       a\\,b_c \\; d
       ```

    2. [Two](../Sources/A.swift), [three](02-other.md#2-other).

    | a | b \\| c |
    |---|---:|
    | $12 L D^2$ | `x_y` |
    | 3 |

    <details>
    <summary>Answer</summary>

    It *is*.

    </details>

    > said

    ---

        code  $a\\,b$

    <!-- code: Sources/A.swift | func a -->

    ```swift
    func a() {}
    ```

    <!-- end -->
    """

  private static func figure(_ number: String) -> String {
    """
    <!-- figure: 03-pooling a.svg | Figure \(number). A caption. -->

    ![Figure \(number). A caption.](../Sources/A.swift)

    *Figure \(number). A caption.*

    <!-- end -->
    """
  }

  /// Numbers that need no comma, and captions that are as they should be.
  @Test func aGoodStyleHasNoProblems() throws {
    let text = """
      In 2014, 0.0001 of 12,544 and `3136`, $0.00095 \\cdot 12{,}544$ and ResNet-1001; see figure 3.2 and table 2.9.

      \(Self.figure("3.1"))

      \(Self.figure("3.2"))

      ## References

      - Ba, *Notes* 86(11), 1234–1280, 1998, arXiv 1607.06450: to read on.
      """
    #expect(try problems(text).map(\.description) == [])
  }

  private func problems(_ text: String) throws -> [BookProblem] {
    let book = try TemporaryBook()
    try book.write("func a() {}\n", to: "Sources/A.swift")
    try book.write("# 2 Other\n", to: "Book/02-other.md")
    try book.write(text, to: "Book/03-pooling.md")
    return try Book(root: book.root).check("Book/03-pooling.md")
  }

  @Test func aGoodPageHasNoProblems() throws {
    #expect(try problems(Self.good).map(\.description) == [])
  }

  @Test(arguments: [
    ("Text\n<!--= a b -->9 %<!--/--> of *them*.", 2, "a line begins with a number's marker"),
    ("- <!--= a b -->9 %<!--/--> of *them*.\n- two", 1, "a number's marker"),
    ("Of <!--= a b -->9 % <!-- x.", 1, "a part of a marker is shown"),
    ("Text $a +\nb$.", 1, "a formula goes over two lines"),
    ("And {= a b} so on.", 1, "a part of a marker is shown"),
    ("Text\n<!-- A remark. --> and *more*\nof it.", 2, "the text is split"),
    ("$$12\\,L$$", 1, "a backslash in a formula is eaten"),
    ("See [this](04-none.md).", 1, "the link 04-none.md leads nowhere"),
    ("See ![this](none.png).", 1, "the link none.png leads nowhere"),
    ("# A b\n\nSee [this](#a-c).", 3, "the link #a-c leads nowhere"),
    ("| a |\n|---|\n| [this](02-other.md#other) |", 1, "the link 02-other.md#other leads nowhere"),
    ("See [this](../Sources/A.swift#a).", 1, "the link ../Sources/A.swift#a leads nowhere"),
    ("It has 3136 of 12,544 numbers.", 1, "3136 has no comma"),
    ("Text\n\n- In 2014, $12{,}544 + 2014$.", 3, "2014 has no comma"),
    ("| a |\n|---|\n| *of 4096* |", 1, "4096 has no comma"),
    ("As shown [12].", 1, "[12] names a source by a number"),
    ("See figure 2.1 and Table 3.7.", 1, "there is no table 3.7"),
  ])
  func faults(text: String, line: Int, found: String) throws {
    let problems = try problems(text)
    #expect(problems.map(\.line) == [line])
    #expect(problems.first?.found.contains(found) == true, "\(problems)")
  }

  @Test(
    .enabled(if: Book.canRender),
    arguments: [
      ("Text\n\nSo $12\\,L$ is.", 3, "$12\\,L$ does not survive: a backslash is eaten"),
      ("| a |\n|---|\n| $b$ |\n| $a\\;c$ |", 4, "$a\\;c$ does not survive: a backslash is eaten"),
      (
        "Move $x'_i = x_{i-t}$ on,\nand $y'_i$.", 1, "$x'_i = x_{i-t}$ does not survive: a part of it becomes"
      ),
      ("- a\n\n  So $a*b*c$.", 3, "$a*b*c$ does not survive: a part of it becomes"),
      ("So $a*b*c$.", 1, "$a*b*c$ does not survive: a part of it becomes"),
      ("Text\n===", 1, "this paragraph is shown in another way: heading on line 1"),
      ("A ~~b~~.", 1, "this paragraph is shown with another text"),
    ])
  func faultsThatRenderingShows(text: String, line: Int, found: String) throws {
    let problems = try problems(text)
    #expect(problems.first?.line == line, "\(problems)")
    #expect(problems.contains { $0.found.contains(found) }, "\(problems)")
  }

  @Test func findsTheProgram() {
    #expect(RenderedPage.findProgram(path: "/nowhere") == nil)
    #expect(RenderedPage.findProgram(path: "") == nil)
  }
}
