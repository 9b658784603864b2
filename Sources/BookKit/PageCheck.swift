import Foundation

extension Book {
  /// All that is checked: the pages, and how they are written.
  public var documents: [String] {
    pages
      + ["CONTRIBUTING.md"].filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
  }

  /// Whether `cmark-gfm` is installed, which the check of how pages are shown needs.
  public static var canRender: Bool { RenderedPage.findProgram() != nil }

  /// How to install it.
  public static let howToRender =
    "how pages are shown was not checked: cmark-gfm is missing. Install it: "
    + "apt-get install cmark-gfm, or brew install cmark-gfm"

  /// What would be seen on a code host and must not be: split text, damaged formulas, dead links, leftover markers;
  /// and on the book's pages, numbers, captions and sources in another style than theirs.
  ///
  /// - Throws: `BookProblem` when the page cannot be read, or `cmark-gfm` fails.
  public func check(_ path: String) throws -> [BookProblem] {
    let page = try read(path)
    var problems = lineProblems(page) + (try linkProblems(page))
    if pages.contains(path) && path.hasPrefix("Book/") {
      problems += StyleCheck(page: page).problems + CitationCheck(page: page).problems
    }
    if let program = RenderedPage.findProgram() {
      let rendered = try RenderedPage(file: root.appending(path: path), program: program)
      let known = Set(problems.compactMap(\.line))
      problems += RenderingCheck(page: page, rendered: rendered).problems.filter {
        !known.contains($0.line ?? 0)
      }
    }
    return problems.sorted { ($0.line ?? 0, $0.found) < ($1.line ?? 0, $1.found) }
  }

  // MARK: What can be seen without rendering

  private func lineProblems(_ page: Page) -> [BookProblem] {
    var problems: [BookProblem] = []
    func note(_ line: Int, _ found: String, _ advice: String) {
      problems.append(BookProblem(page.path, line: line, found, advice: advice))
    }
    for segment in page.segments {
      guard case .text(let range) = segment else { continue }
      for i in range
      where page.lines[i].contains("<!--")
        && page.lines[i].firstMatch(
          of: /^ *(?:(?:[-*+]|[0-9]+[.)]) +)?<!--(?:=|\s*\/)/) != nil
      {
        note(
          i + 1, "a line begins with a number's marker, and is shown as it is written",
          "Let it begin with another word: <!-- at its beginning opens a block of HTML.")
      }
    }
    for block in page.allBlocks {
      if case .formula(let formula) = block.content, page.lines[block.lines.lowerBound - 1].contains("$$"),
        formula.contains(/\\[!-\/:-@\[-`{-~]/)
      {
        note(
          block.lines.lowerBound, "a backslash in a formula is eaten: \(quoted(formula.prefix(60)))",
          "Write it in a block ```math.")
      }
      if case .html(let html) = block.content, html.hasPrefix("<!--"),
        let end = html.firstRange(of: "-->"), html[end.upperBound...].contains(where: { !$0.isWhitespace })
      {
        note(
          block.lines.lowerBound, "the text is split: the rest of this line is shown as it is written",
          "A line that begins with <!-- opens a block of HTML. Let the remark have a line of its own.")
      }
      for text in block.texts.joined().flatMap(\.andInner) {
        if case .formula(let formula) = text, formula.contains("\n") {
          note(
            block.lines.lowerBound, "a formula goes over two lines: \(quoted(formula.prefix(60)))",
            "Let it stand on one line, or in a block ```math.")
        }
        if case .text(let text) = text, text.contains(/<!--|-->|\{=/) {
          note(
            block.lines.lowerBound, "a part of a marker is shown: \(quoted(text.prefix(60)))",
            "Mend the marker.")
        }
      }
    }
    return problems
  }

  // MARK: Links

  private func linkProblems(_ page: Page) throws -> [BookProblem] {
    var problems: [BookProblem] = []
    for block in page.allBlocks {
      for target in block.texts.joined().flatMap(\.andInner).compactMap(\.target) {
        if let problem = problem(of: target, on: page) {
          problems.append(
            BookProblem(page.path, line: block.lines.lowerBound, problem.found, advice: problem.advice))
        }
      }
    }
    return problems
  }

  private func problem(of target: String, on page: Page) -> MarkerProblem? {
    if target.firstMatch(of: /^[a-z]+:/) != nil { return nil }  // another site
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let folder = URL(filePath: "/" + page.path).deletingLastPathComponent()
    let path =
      parts[0].isEmpty ? page.path : String(folder.appending(path: parts[0]).standardized.path.dropFirst())
    guard FileManager.default.fileExists(atPath: root.appending(path: path).path) else {
      return MarkerProblem("the link \(target) leads nowhere", "There is no \(path).")
    }
    guard parts.count == 2 else { return nil }
    guard path.hasSuffix(".md"), let other = path == page.path ? page : try? read(path) else {
      return MarkerProblem("the link \(target) leads nowhere", "\(path) has no headings.")
    }
    let anchors = other.headings.map(\.anchor)
    if anchors.contains(parts[1]) { return nil }
    return MarkerProblem(
      "the link \(target) leads nowhere", nearest(to: parts[1], among: anchors, call: "headings in \(path)"))
  }
}

extension Inline {
  /// Where a link leads, or the picture's file.
  fileprivate var target: String? {
    switch self {
    case .link(_, let target), .image(_, let target): target
    default: nil
    }
  }
}
