import BookKit
import Foundation
import Testing

@testable import Site

/// What every page of the site must have, read from the files.
@Suite(MadeSite.needsPandoc) struct PagesTests {
  @Test func everyLinkLeadsSomewhere() throws {
    let folder = try MadeSite.folder.get()
    let pages = try MadeSite.pages()
    let ids = pages.mapValues { Set($0.ids) }
    var count = 0
    for (name, page) in pages {
      for target in page.values(of: "href") + page.values(of: "src") {
        if target.hasPrefix("data:") || target.hasPrefix("https://") { continue }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
          String.init)
        let file = parts[0].isEmpty ? name : parts[0]
        #expect(
          FileManager.default.fileExists(atPath: folder.appending(path: file).path), "\(name): \(target)")
        if parts.count == 2 { #expect(ids[file]?.contains(parts[1]) == true, "\(name): \(target)") }
        count += 1
      }
    }
    #expect(count > 2_000)
  }

  @Test func nothingIsLoadedFromElsewhere() throws {
    for (name, page) in try MadeSite.pages() {
      let loaded =
        page.values(of: "src") + page.text.matches(of: /<link [^>]*href="([^"]*)"/).map { String($0.1) }
      for source in loaded {
        #expect(!source.contains("//") || source.hasPrefix("data:"), "\(name): \(source)")
      }
    }
    for file in ["book.css", "book.js"] {
      let text = try String(
        contentsOf: MadeSite.folder.get().appending(path: "assets/\(file)"), encoding: .utf8)
      #expect(!text.contains("http") && !text.contains("@import") && !text.contains("fetch("))
    }
  }

  @Test func idsAreUnique() throws {
    for (name, page) in try MadeSite.pages() {
      let counts = Dictionary(page.ids.map { ($0, 1) }, uniquingKeysWith: +)
      for (id, count) in counts where count > 1 { Issue.record("\(name): \(count) times id=\"\(id)\"") }
    }
  }

  @Test func everyFormulaFigureAndTableIsThere() throws {
    let pages = try MadeSite.pages()
    for page in try MadeSite.publication.get().pages {
      let html = try #require(pages[page.file])
      // Formulas of headings stand in the lists of contents as text.
      #expect(html.count("math") == page.formulas.count, "\(page.name)")
      let figures = page.page.allBlocks.filter { $0.figure != nil }.count
      #expect(html.text.matches(of: /<figure class="(?:picture|touch)"/).count == figures, "\(page.name)")
      let tables = page.page.allBlocks.filter { if case .table = $0.content { true } else { false } }.count
      #expect(html.count("table") == tables, "\(page.name)")
      let code = page.page.allBlocks.filter { if case .code = $0.content { true } else { false } }.count
      #expect(html.count("pre") == code, "\(page.name)")
    }
  }

  /// Each page has one title, landmarks with names, headings without gaps, and texts for all pictures.
  @Test func screenReadersFindTheirWay() throws {
    for (name, page) in try MadeSite.pages() {
      #expect(page.count("main") == 1, "\(name)")
      #expect(page.text.contains("<html lang=\"en\">"), "\(name)")
      for image in page.text.matches(of: /<img [^>]*>/) {
        #expect(image.0.firstMatch(of: /alt="[^"]{6,}"/) != nil, "\(name): \(image.0)")
      }
      if name == "print.html" { continue }
      #expect(page.count("h1") == 1, "\(name)")
      #expect(page.text.contains("<a class=\"skip\" href=\"#main\">"), "\(name)")
      for nav in page.text.matches(of: /<nav [^>]*>/) { #expect(nav.0.contains("aria-label="), "\(name)") }
      let text = try #require(page.text.firstMatch(of: /<article>[\s\S]*<\/article>/)).0
      var last = 0
      for heading in text.matches(of: /<h([1-6])[ >]/) {
        let level = Int(heading.1) ?? 0
        #expect(level <= last + 1, "\(name): h\(level) after h\(last)")
        last = level
      }
    }
  }

  @Test func pagesAreTurnedInReadingOrder() throws {
    let pages = try MadeSite.publication.get().pages
    let html = try MadeSite.pages()
    for (page, next) in zip(pages, pages.dropFirst()) {
      #expect(html[page.file]?.text.contains("data-next=\"\(next.file)\"") == true)
      #expect(html[next.file]?.text.contains("data-previous=\"\(page.file)\"") == true)
    }
    let chapters = pages.compactMap(\.page.chapter)
    #expect(chapters == chapters.sorted() && chapters.count >= 13)
  }

  /// A term leads to the glossary once on a page, at its first use.
  @Test func termsLeadToTheGlossary() throws {
    let pages = try MadeSite.pages()
    var terms: Set<String> = []
    for (name, page) in pages where name != "print.html" {
      let links = page.text.matches(of: /<a class="term" href="glossary.html#(term-[^"]*)"/).map {
        String($0.1)
      }
      #expect(Set(links).count == links.count, "\(name)")
      terms.formUnion(links)
    }
    let all = try MadeSite.publication.get().glossary.terms
    #expect(all.count > 100)
    // Whatever the glossary explains is used somewhere.
    for term in all { #expect(terms.contains(term.anchor), "nobody uses the term \(term.name)") }
  }

  @Test func codeStandsBesideItsCounterpart() throws {
    let page = try #require(MadeSite.pages()["06-lstm.html"])
    let pair = try #require(page.text.firstMatch(of: /<div class="pair">([\s\S]*?)<\/div>/)).1
    #expect(pair.contains("<span>Swift</span>") && pair.contains("<span>PyTorch</span>"))
    #expect(pair.contains("torch.nn."))
  }
}
