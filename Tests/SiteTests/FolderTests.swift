import BookKit
import Foundation
import Testing

@testable import Site

/// Where a site is written, and what must be there for it.
@Suite(MadeSite.needsPandoc) struct FolderTests {
  @Test func aSiteIsReplacedByTheNext() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let folder = book.root.appending(path: "site")
    #expect(try Publication(root: book.root).writeSite(to: folder) == 2)
    try book.write("old", to: "site/left-over.html")
    try book.write("# 1 One\n\nAnother text.\n", to: "Book/01-one.md")
    try Publication(root: book.root).writeSite(to: folder)
    #expect(try book.read("site/01-one.html").contains("Another text."))
    #expect(!book.names(in: "site").contains("left-over.html"))
    // Nothing is left beside it.
    #expect(book.names(in: "") == ["Book", "Sources", "site"])
  }

  @Test func aFolderOfSomethingElseIsLeftAlone() throws {
    let book = try SmallBook()
    defer { book.remove() }
    try book.write("mine", to: "site/notes.txt")
    #expect {
      try Publication(root: book.root).writeSite(to: book.root.appending(path: "site"))
    } throws: { error in
      "\(error)".contains("this folder holds something other than a site of the book")
    }
    #expect(book.names(in: "site") == ["notes.txt"])
    #expect(throws: BookProblem.self) {
      try Publication(root: book.root).writeSite(to: book.root.appending(path: "Book/README.md"))
    }
    #expect {
      try Publication(root: book.root).writeSite(to: book.root.appending(path: "no/such/site"))
    } throws: { "\($0)".contains("there is no such folder") }
  }

  @Test func aFormulaThatCannotBeReadLeavesTheOldSite() throws {
    let book = try SmallBook()
    defer { book.remove() }
    let folder = book.root.appending(path: "site")
    try Publication(root: book.root).writeSite(to: folder)
    for formula in ["\\cancel{x}", "x \\tag{1}"] {
      try book.write("# 1 One\n\n```math\n\(formula)\n```\n", to: "Book/01-one.md")
      #expect { try Publication(root: book.root).writeSite(to: folder) } throws: { error in
        "\(error)".contains("Book/01-one.md") && "\(error)".contains(formula)
      }
    }
    #expect(try book.read("site/01-one.html").contains("Two halves"))
    #expect(book.names(in: "") == ["Book", "Sources", "site"])
  }

  @Test func missingProgramsAreNamed() {
    #expect { _ = try OutsideProgram.pandoc.find(path: "/nowhere") } throws: { error in
      "\(error)".contains("pandoc: it is not installed") && "\(error)".contains("apt-get install pandoc")
    }
    #expect(OutsideProgram.pandoc.findIfThere(path: "/nowhere:/nowhere/else") == nil)
  }

  @Test func aPageThatNobodyFindsIsAProblem() throws {
    let book = try SmallBook()
    defer { book.remove() }
    try book.write("# 2 Two\n", to: "Book/02-two.md")
    #expect { try Publication(root: book.root) } throws: { "\($0)".contains("nobody finds this page") }
  }

  /// A figure with a script of its name can be touched; its page alone loads the script, and its numbers first.
  @Test func figuresWithAScriptCanBeTouched() throws {
    let book = try SmallBook()
    defer { book.remove() }
    try book.write(
      "<svg width=\"10\" height=\"20\"><title>a slide</title></svg>", to: "Book/Results/01-one/a/slide.svg")
    try book.write("const data = 1", to: "Book/Results/01-one/a/slide.data.js")
    try book.write("touch()", to: "Book/Touch/slide.js")
    try book.write("canvas {}", to: "Book/Touch/touch.css")
    try book.write(
      """
      # 1 One

      <!-- figure: 01-one/a slide.svg | Figure 1.1. A slide. -->

      ![Figure 1.1. A slide.](Results/01-one/a/slide.svg)

      *Figure 1.1. A slide.*

      <!-- end -->
      """, to: "Book/01-one.md")
    try Publication(root: book.root).writeSite(to: book.root.appending(path: "site"))
    let page = try book.read("site/01-one.html")
    #expect(page.contains("<figure class=\"touch\" data-touch=\"slide\" id=\"figure-1-1\">"))
    #expect(page.contains("alt=\"Figure 1.1: a slide\" width=\"10\" height=\"20\""))
    let data = try #require(page.firstRange(of: "<script src=\"touch/slide.data.js\" defer>"))
    let script = try #require(page.firstRange(of: "<script src=\"touch/slide.js\" defer>"))
    #expect(data.lowerBound < script.lowerBound)
    #expect(page.contains("href=\"touch/touch.css\""))
    #expect(book.names(in: "site/touch") == ["slide.data.js", "slide.js", "touch.css"])
    for other in ["site/index.html", "site/print.html"] { #expect(try !book.read(other).contains("touch/")) }
  }
}
