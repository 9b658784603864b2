import Foundation
import Testing

@testable import BookKit

/// How a page is read into blocks.
@Suite struct PageTests {
  private func blocks(_ text: String) -> [Block] { Page(path: "Book/03-pooling.md", text: text).blocks }

  private func text(_ text: String) -> [Inline] {
    guard case .paragraph(let inlines) = blocks(text).first?.content else { return [] }
    return inlines
  }

  @Test func runningText() {
    #expect(
      text("A *b **c***, `d` [e *f*](g.md#h) ![i $j$](k.png) \\*l\\* &amp; 2 * 3 * 4 x_1 and x_2.") == [
        .text("A "), .emphasis([.text("b "), .strong([.text("c")])]), .text(", "), .code("d"), .text(" "),
        .link([.text("e "), .emphasis([.text("f")])], target: "g.md#h"), .text(" "),
        .image(alternative: "i $j$", source: "k.png"), .text(" *l* & 2 * 3 * 4 x_1 and x_2."),
      ])
    #expect(
      text("**Table 3.1.** See [1] and <https://a.b/c>, https://d.e/f_g_h.") == [
        .strong([.text("Table 3.1.")]), .text(" See [1] and "),
        .link([.text("https://a.b/c")], target: "https://a.b/c"), .text(", "),
        .link([.text("https://d.e/f_g_h")], target: "https://d.e/f_g_h"), .text("."),
      ])
    #expect(text("Text\n``` a ``` b") == [.text("Text\n"), .code("a"), .text(" b")])
    #expect(text("``a ` b`` `c") == [.code("a ` b"), .text(" `c")])
  }

  @Test func formulas() {
    #expect(
      text("If $x'_i = x_{i-t}$ and $`a\\,b`$, it costs $5 or $6.") == [
        .text("If "), .formula("x'_i = x_{i-t}"), .text(" and "), .formula("a\\,b"),
        .text(", it costs $5 or $6."),
      ])
    #expect(blocks("$$\na_b\n$$").map(\.content) == [.formula("a_b")])
    #expect(blocks("```math\na\\,b\n```").map(\.content) == [.formula("a\\,b\n")])
  }

  @Test func numbersAndComments() {
    #expect(
      text("It is <!--= a/b c d %1 -->9 %<!--/--> of<!-- not yet --> them.") == [
        .text("It is "), .number("9 %", request: "a/b c d %1"), .text(" of"), .comment("<!-- not yet -->"),
        .text(" them."),
      ])
  }

  @Test func headings() {
    let page = Page(
      path: "Book/03-pooling.md",
      text: "# 3 Pooling\n\n## 3.1 Max `k`, $s$ & more!\n\n## To remember\n\n## To remember ##\n#no\n")
    #expect(page.title == "3 Pooling")
    #expect(page.chapter == 3)
    #expect(
      page.headings.map(\.anchor) == ["3-pooling", "31-max-k-s--more", "to-remember", "to-remember-1"])
    #expect(page.headings.map(\.level) == [1, 2, 2, 2])
    #expect(page.blocks.count == 5)
  }

  @Test func lists() throws {
    let page = blocks(
      "Text:\n- one\n  more\n\n  ```\n  code\n  ```\n- two\n  1. deep\n\n3. three\n4. four\nEnd.")
    #expect(page.count == 4)
    guard case .list(let list) = page[1].content, case .list(let numbered) = page[2].content else {
      Issue.record("no lists")
      return
    }
    #expect(list.start == nil && numbered.start == 3)
    #expect(list.items.map { $0.map(\.lines) } == [[2...3, 5...7], [8...8, 9...9]])
    #expect(list.items[0][1].content == .code("code\n", language: ""))
    #expect(numbered.items.count == 2)
    #expect(page[3].lines == 13...13)
  }

  @Test func tables() throws {
    let page = blocks("| a | b \\| c | d |\n|:--|--:|---|\n| $x$ | `1` |\n\nEnd.")
    guard case .table(let table) = page[0].content else {
      Issue.record("no table")
      return
    }
    #expect(table.alignments == [.left, .right, nil])
    #expect(table.header.map(plainText) == ["a", "b | c", "d"])
    #expect(table.rows == [[[.formula("x")], [.code("1")], []]])
    #expect(page[0].lines == 1...3 && page[1].lines == 5...5)
  }

  @Test func code() {
    #expect(
      blocks("```swift\nlet a = 1\n\n  <!-- end -->\n```\n\n    b\n\n      c\n\nd").map(\.content) == [
        .code("let a = 1\n\n  <!-- end -->\n", language: "swift"), .code("b\n\n  c\n", language: ""),
        .paragraph([.text("d")]),
      ])
  }

  @Test func otherBlocks() {
    #expect(
      blocks(
        "<details>\n<summary>An *answer*</summary>\n\nText.\n\n</details>\n\n> said\n> so\n\n---\n<!-- a\nb -->"
      )
      .map(\.content) == [
        .details(
          summary: [.text("An "), .emphasis([.text("answer")])],
          [Block(content: .paragraph([.text("Text.")]), lines: 4...4)]),
        .quotation([Block(content: .paragraph([.text("said\nso")]), lines: 8...9)]), .rule,
        .html("<!-- a\nb -->\n"),
      ])
  }

  /// Quotations of quotations end somewhere: what is deeper is a paragraph, and no page costs the square of its length.
  @Test(arguments: ["> ", "- "]) func nestingHasAnEnd(mark: String) {
    func depth(_ blocks: [Block]) -> Int {
      1 + (blocks.map { depth($0.inner) }.max() ?? 0)
    }
    let page = blocks(String(repeating: mark, count: 20_000) + "a")
    #expect((10...40).contains(depth(page)))
  }

  @Test func figures() throws {
    let page = Page(
      path: "Book/03-pooling.md",
      text: """
        <!-- figure: 03-pooling/shifts a.svg | Figure 3.1. Of
             two. -->

        ![Seen](Results/a.svg)

        *Figure 3.1. Of $t$.*

        <!-- end -->
        After.
        """)
    let figure = try #require(page.blocks[0].figure)
    #expect(page.blocks[0].lines == 1...8)
    #expect(figure.source == "Results/a.svg" && figure.alternative == "Seen")
    #expect(figure.caption == [.text("Figure 3.1. Of "), .formula("t"), .text(".")])
    #expect(page.blocks[1].figure == nil)
    #expect(page.allBlocks.map(\.lines) == [1...8, 4...4, 6...6, 9...9])
  }
}
