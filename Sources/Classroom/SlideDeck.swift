import BookKit
import ExerciseKit
import Formats
import Foundation

/// A chapter's slides: its headings with the sentence that begins each section, its key formulas and its figures, in one
/// file that needs no network. The arrow keys go through it; on paper each slide is a page.
public struct SlideDeck {
  let page: Page
  let folder: URL

  /// - Parameters:
  ///   - page: The chapter's page.
  ///   - root: The repository's root.
  public init(_ page: Page, in root: URL) {
    self.page = page
    folder = root.appending(path: page.path).deletingLastPathComponent()
  }

  private struct Slide {
    var title: String
    /// Markdown.
    var words: [String] = []
    var formulas: [String] = []
    /// Small numbers, as they stand on the page.
    var numbers: String?
    var figure: PageFigure?
  }

  /// More formulas than these are for the page.
  private static let mostFormulas = 2

  private var slides: [Slide] {
    var slides = [Slide(title: page.title)]
    let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false)
    var isOver = false
    for block in page.blocks {
      switch block.content {
      case .heading(let heading):
        let title = plainText(heading.text)
        // What follows is for readers: references, and the list of exercises.
        isOver = ["References", "Exercises"].contains { title.hasSuffix($0) }
        if heading.level == 2 && !isOver { slides.append(Slide(title: title)) }
      case _ where isOver: continue
      case .paragraph, .list, .formula, .code:
        // What is said after a figure is said to it.
        if slides[slides.count - 1].figure == nil { add(block, lines, to: &slides[slides.count - 1]) }
      case .marked(kind: "figure", _, _):
        guard let figure = block.figure else { continue }
        var slide = Slide(title: slides[slides.count - 1].title)
        slide.figure = figure
        slides.append(slide)
      default: break
      }
    }
    return slides
  }

  private func add(_ block: Block, _ lines: [Substring], to slide: inout Slide) {
    let text = lines[(block.lines.lowerBound - 1)..<block.lines.upperBound]
    switch block.content {
    case .paragraph:
      if slide.words.isEmpty { slide.words.append(Self.firstSentences(text.joined(separator: " "))) }
    case .list(let list):
      if slide.words.count < 2 && list.items.count <= 8 { slide.words.append(text.joined(separator: "\n")) }
    case .formula(let formula):
      // One that says nothing of something else is a part of a sentence.
      let says = ["=", "\\le", "\\ge", "\\approx", "\\to", "\\propto", "\\sim", "<", ">"].contains {
        formula.contains($0)
      }
      guard says, slide.formulas.count < Self.mostFormulas else { return }
      slide.formulas.append(formula.trimmingCharacters(in: .whitespacesAndNewlines).trimmingSuffix(",.;"))
    case .code(let code, language: ""):
      let isSmall = code.split(separator: "\n", omittingEmptySubsequences: false).count <= 9
      if slide.numbers == nil, slide.formulas.isEmpty, isSmall { slide.numbers = code }
    default: break
    }
  }

  /// The first two sentences or so: what is said, without how.
  private static func firstSentences(_ text: String) -> String {
    var text = text.replacing(/<!--.*?-->/, with: "").replacing(/\s+/, with: " ")
    text = text.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }
    var end = text.startIndex
    for match in text.matches(of: /[.?!](?= [A-Z“"]|$)/) {
      end = match.range.upperBound
      if text.distance(from: text.startIndex, to: end) >= 120 { break }
    }
    let short = end == text.startIndex ? text : String(text[..<end])
    return short.hasSuffix(":") ? short.dropLast() + "." : short
  }

  /// The deck as a page of HTML.
  ///
  /// - Throws: When pandoc, which sets the formulas, is missing or cannot read one.
  public func html() async throws -> String {
    guard let pandoc = ProgramSearch.find("pandoc") else {
      throw CannotRead("pandoc is needed to set formulas: sudo apt-get install pandoc (brew install pandoc)")
    }
    let slides = slides
    // All slides in one run, with marks between them that nothing else looks like.
    let mark = "slide-break-\(UUID().uuidString)"
    var markdown = ""
    for slide in slides {
      markdown += "\n\n\(mark)\n\n"
      markdown += slide.words.map(Self.dollars).joined(separator: "\n\n") + "\n\n"
      if let numbers = slide.numbers { markdown += "~~~~\n\(numbers)\n~~~~\n\n" }
      for formula in slide.formulas { markdown += "$$\(formula.replacing("\n", with: " "))$$\n\n" }
      if let figure = slide.figure { markdown += Self.caption(figure) + "\n\n" }
    }
    let file = FileManager.default.temporaryDirectory.appending(
      path: "workbook-slides-\(UUID().uuidString).md")
    try Data(markdown.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let (succeeded, text) = try await output(
      of: pandoc,
      [
        "--from", "markdown-yaml_metadata_block+lists_without_preceding_blankline", "--to", "html5",
        "--mathml", "--wrap", "none", file.path,
      ])
    guard succeeded, !text.contains("Could not convert TeX math") else {
      throw CannotRead(
        "\(page.path): pandoc: \(text.split(separator: "\n").first { $0.contains("WARNING") } ?? text.prefix(500))"
      )
    }
    let parts = text.components(separatedBy: "<p>\(mark)</p>").dropFirst()
    guard parts.count == slides.count else {
      throw CannotRead("\(page.path): the slides came back as \(parts.count), not \(slides.count)")
    }
    let sections = try zip(slides, parts).enumerated().map { index, pair in
      let (slide, body) = pair
      let heading =
        index == 0 ? "<h1>\(HTMLPage.escaped(slide.title))</h1>" : "<h2>\(HTMLPage.escaped(slide.title))</h2>"
      let picture = try slide.figure.map(picture) ?? ""
      return """
        <section id="s\(index + 1)"\(index == 0 ? " class=\"first\"" : "")>\(heading)
        \(picture)\(slide.figure == nil ? body : "<div class=\"caption\">\(body)</div>")
        <footer>\(index + 1) / \(slides.count)</footer></section>
        """
    }
    return Self.document(page.title, sections.joined(separator: "\n"))
  }

  /// GitHub's way to write formulas, as pandoc reads them.
  private static func dollars(_ text: String) -> String { text.replacing(/\$`([^`]*)`\$/) { "$\($0.1)$" } }

  private static func caption(_ figure: PageFigure) -> String { plainText(figure.caption) }

  /// The picture inside the page.
  private func picture(_ figure: PageFigure) throws -> String {
    let file = folder.appending(path: figure.source)
    guard let bytes = try? Data(contentsOf: file) else {
      throw CannotRead("\(page.path): there is no picture \(figure.source)")
    }
    let kind = file.pathExtension == "svg" ? "svg+xml" : file.pathExtension
    return
      "<img alt=\"\(HTMLPage.escaped(figure.alternative))\" src=\"data:image/\(kind);base64,\(bytes.base64EncodedString())\">"
  }

  private static func document(_ title: String, _ sections: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(HTMLPage.escaped(title))</title>
    <style>
    :root { color-scheme: light; } html { scroll-snap-type: y mandatory; background: #fff; color: #1d2430; }
    body { margin: 0; font: 2.6vh/1.45 system-ui, sans-serif; }
    section { box-sizing: border-box; height: 100vh; padding: 6vh 8vw 8vh; scroll-snap-align: start; position: relative;
      display: flex; flex-direction: column; overflow: hidden; }
    h1 { font-size: 2.7em; margin: auto 0 .3em; } .first > p { margin-bottom: auto; font-size: 1.3em; }
    pre { font: 1em/1.35 ui-monospace, monospace; margin: 0 0 2vh; } h2 { font-size: 1.7em; margin: 0 0 .7em; color: #20508f; } p, ul, ol { max-width: 62em; margin: 0 0 .8em; }
    math[display=block] { font-size: 1.35em; margin: .6em 0; } img { flex: 1; min-height: 0; object-fit: contain; max-width: 100%; }
    .caption { font-size: .85em; color: #555; margin-top: .6em; } code { font-size: .9em; }
    footer { position: absolute; right: 3vw; bottom: 2.5vh; font-size: .7em; color: #888; }
    @media print { html { scroll-snap-type: none; } @page { size: 297mm 167mm; margin: 0; } body { font-size: 17pt; }
      section { height: 167mm; break-after: page; } }
    </style></head><body>
    \(sections)
    <script>
    addEventListener("keydown", e => {
      const s = [...document.querySelectorAll("section")], here = Math.round(scrollY / innerHeight);
      const step = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1}[e.key];
      const to = e.key === "Home" ? 0 : e.key === "End" ? s.length - 1 : step ? here + step : -1;
      if (s[to]) { s[to].scrollIntoView(); e.preventDefault(); }
    });
    </script></body></html>

    """
  }
}

extension String {
  fileprivate func trimmingSuffix(_ characters: String) -> String {
    String(reversed().drop { characters.contains($0) || $0.isWhitespace }.reversed())
  }
}
