import BookKit
import Foundation
import Testing

@testable import Site

/// How single blocks and texts become HTML.
@Suite struct WritingTests {
  @Test func codeIsColoured() {
    let html = Highlighter.html(
      "@main let x = Tensor(\"a\\\"b\", 1_0.5) // done <\nfoo.self", language: "swift")
    #expect(
      html == """
        <span class="k">@main</span> <span class="k">let</span> x = <span class="t">Tensor</span>(\
        <span class="s">&quot;a\\&quot;b&quot;</span>, <span class="n">1_0.5</span>) <span class="c">// done &lt;</span>
        foo.self
        """)
    #expect(
      Highlighter.html("for i in 0..<n", language: "swift").contains("<span class=\"n\">0</span>..&lt;n"))
    #expect(
      Highlighter.html("def f(x): # 'no'\n  return 'yes'", language: "python")
        == "<span class=\"k\">def</span> f(x): <span class=\"c\"># &#39;no&#39;</span>\n  <span class=\"k\">return</span> <span class=\"s\">'yes'</span>"
        .replacing("&#39;", with: "'"))
    #expect(Highlighter.html("let a < b", language: "") == "let a &lt; b")
  }

  /// Whatever is coloured, the text stays as it was: for every excerpt of the book.
  @Test func colouringChangesNoText() throws {
    var count = 0
    for page in try MadeSite.publication.get().pages {
      for case .code(let text, let language) in page.page.allBlocks.map(\.content) {
        #expect(unescaped(Highlighter.html(text, language: language).replacing(/<[^>]*>/, with: "")) == text)
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test func quotationMarksHaveADirection() {
    var type = Typesetter()
    #expect(type.set("\"It's\" 5 % (\"a\") <b>") == "“It’s” 5\u{a0}% (“a”) &lt;b&gt;")
    #expect(type.set("\"x") == "”x")
  }

  @Test func numbersOfSectionsBecomeLinks() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let html = try book.html(
      "# 1 One\n\nSee section 1.1, sections 1.1 and 1.2, chapter 1, section 9.9.\n\n## 1.1 A\n\n## 1.2 B\n")
    #expect(
      html.contains(
        "See <a href=\"#11-a\">section 1.1</a>, <a href=\"#11-a\">sections 1.1</a> and <a href=\"#12-b\">1.2</a>"
      ))
    #expect(html.contains("<a href=\"#top\">chapter 1</a>, section 9.9."))
    let whole = try book.html("# 1 One\n\nSee section 1.1.\n\n## 1.1 A\n", edition: .whole)
    #expect(
      whole.contains("<a href=\"#01-one--11-a\">section 1.1</a>")
        && whole.contains("<h2 id=\"01-one--11-a\">"))
  }

  @Test func termsAreFoundInTheirForms() throws {
    let book = try SmallBook()
    defer { book.remove() }
    try book.write(
      """
      # Glossary

      - **learning rate**: how far. See section 1.1.
      - **gradient**, *slopes*: where to.
      - **rate**: another.
      """, to: "Book/glossary.md")
    try book.write("# The book\n\n- [1](01-one.md)\n- [Glossary](glossary.md)\n", to: "Book/README.md")
    let html = try book.html(
      "# 1 One\n\nA Learning\nrate, `gradient`, gradients, slopes; gradients and a rate. Rates, learning rates.\n"
    )
    #expect(
      html.contains(
        """
        A <a class="term" href="glossary.html#term-learning-rate">Learning
        rate</a>, <code>gradient</code>, <a class="term" href="glossary.html#term-gradient">gradients</a>, slopes; gradients and a \
        <a class="term" href="glossary.html#term-rate">rate</a>. Rates, learning rates.
        """))
    let glossary = try book.html("# 1 One\n", name: "glossary")
    #expect(glossary.contains("<li id=\"term-learning-rate\"><strong>learning rate</strong>: how far."))
    #expect(!glossary.contains("class=\"term\""))
  }

  @Test func answersAreFolded() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let text = "# 1 One\n\n## To discuss\n\n1. Why *so*? *Because it is.*\n2. And?\n"
    let html = try book.html(text)
    #expect(
      html.contains(
        "<p>Why <em>so</em>? </p>\n<details>\n<summary>Answer</summary>\n<p>Because it is.</p>\n</details>"))
    #expect(html.contains("<li>And?</li>"))
    #expect(try book.html(text, edition: .whole).contains("<details open>"))
    #expect(try !book.html(text, edition: .forPandoc).contains("<details"))
  }

  @Test func swiftStandsBesidePyTorch() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let html = try book.html(
      "# 1 One\n\n```swift\nf()\n```\n\n```python\ng()\n```\n\nText.\n\n```python\nh()\n```\n")
    #expect(html.contains("<div class=\"pair\">"))
    #expect(html.matches(of: /<figure class="code">/).count == 3)
    #expect(html.firstMatch(of: /<div class="pair">[\s\S]*f\(\)[\s\S]*g\(\)[\s\S]*<\/div>\n<p>Text/) != nil)
  }

  @Test func darkPagesHaveDarkCharts() throws {
    let book = try SmallBook()
    defer { book.remove() }
    try book.write(
      "<svg><rect fill=\"#ffffff\"/><path stroke=\"#0072b2\" fill=\"#123456\"/><rect fill=\"#4095c5\"/></svg>",
      to: "Book/Results/a.svg")
    try book.write(
      "<svg><title>Boxes</title><desc>two boxes</desc><style>@media (prefers-color-scheme: dark) { a {} }</style></svg>",
      to: "Book/Results/b.svg")
    let folder = book.root.appending(path: "Book")
    let chart = try Picture("Results/a.svg", in: folder, shownOn: "page")
    // The last is three quarters of the category's blue: under light letters it has to be dark.
    #expect(
      chart.darkSVG
        == "<svg><rect fill=\"#16181d\"/><path stroke=\"#4aa8e0\" fill=\"#123456\"/><rect fill=\"#0a4b71\"/></svg>"
    )
    #expect(chart.lightSVG == nil && chart.darkSource == "Results/a.dark.svg")
    let drawing = try Picture("Results/b.svg", in: folder, shownOn: "page")
    #expect(drawing.description == "two boxes")
    #expect(drawing.darkSVG?.contains("@media all { a {} }") == true)
    #expect(drawing.lightSVG?.contains("@media not all { a {} }") == true)
    #expect { try Picture("Results/c.svg", in: folder, shownOn: "Book/01-one.md") } throws: {
      "\($0)".contains("Book/01-one.md: there is no picture Book/Results/c.svg")
    }
  }
}
