/// Holds a page to what `cmark-gfm` makes of it: code hosts show that, and then set its formulas.
///
/// Every block must be there once, with the text that `Page` reads. What differs has a reason, and most have one of
/// these: a line that begins with `<!--` opens a block of HTML, in which Markdown is shown as it is written; in
/// `$…$` a backslash before a comma goes away, and `_` and `*` become emphasis.
struct RenderingCheck {
  let page: Page
  let rendered: RenderedPage

  var problems: [BookProblem] {
    var problems: [BookProblem] = []
    var seen: Set<Int> = []
    for (expected, end) in leaves {
      let found = rendered.leaves.filter { (expected.line...end).contains($0.line) }
      seen.formUnion(found.map(\.line))
      if found == [expected] { continue }
      problems.append(problem(expected, found))
    }
    for leaf in rendered.leaves where !seen.contains(leaf.line) {
      problems.append(
        BookProblem(
          page.path, line: leaf.line,
          "this is shown as a \(leaf.kind) of its own: \(quoted(leaf.text.prefix(60)))",
          advice: "Leave an empty line between blocks, and indent what belongs to a list's item."))
    }
    return problems
  }

  private func problem(_ expected: RenderedPage.Leaf, _ found: [RenderedPage.Leaf]) -> BookProblem {
    if expected.kind != .html, let html = found.first(where: { $0.kind == .html }) {
      return BookProblem(
        page.path, line: html.line, "the text is split: this line is shown as it is written",
        advice: "A line that begins with <!-- opens a block of HTML. Let it begin with another word.")
    }
    guard found.count == 1, found[0].kind == expected.kind else {
      let kinds = found.map { "\($0.kind) on line \($0.line)" }.joined(separator: ", ")
      return BookProblem(
        page.path, line: expected.line,
        "this \(expected.kind) is shown in another way: \(kinds.isEmpty ? "not at all" : kinds)",
        advice: "Leave an empty line between blocks, and indent what belongs to a list's item.")
    }
    let formulas = formulas(from: expected.line).filter { expected.text.contains(singleSpaced("$\($0)$")) }
    if let formula = formulas.first(where: { !found[0].text.contains(singleSpaced("$\($0)$")) }) {
      let isEaten = formula.firstMatch(of: /\\[!-\/:-@\[-`{-~]/) != nil
      return BookProblem(
        page.path, line: expected.line,
        "the formula $\(formula)$ does not survive: "
          + (isEaten ? "a backslash is eaten" : "a part of it becomes emphasis"),
        advice: isEaten
          ? "Leave out \\, and \\; or write $`…`$, or a block ```math."
          : "Write $`…`$, or a block ```math.")
    }
    let common = expected.text.commonPrefix(with: found[0].text).count
    func shown(_ text: String) -> String { String(text.dropFirst(max(0, common - 20)).prefix(60)) }
    return BookProblem(
      page.path, line: expected.line, "this \(expected.kind) is shown with another text",
      advice: "meant: \(shown(expected.text))\nshown: \(shown(found[0].text))")
  }

  /// The formulas in running text of the block that begins on this line.
  private func formulas(from line: Int) -> [String] {
    page.allBlocks.filter { $0.lines.contains(line) && $0.inner.isEmpty }.flatMap(\.texts).joined()
      .flatMap(\.andInner)
      .compactMap { if case .formula(let formula) = $0 { formula } else { nil } }
  }

  /// The blocks that `cmark-gfm` should find, with the last line of each.
  private var leaves: [(RenderedPage.Leaf, end: Int)] {
    page.blocks.flatMap(leaves).filter { !$0.0.text.isEmpty || $0.0.kind == .rule }
  }

  private func leaves(of block: Block) -> [(RenderedPage.Leaf, end: Int)] {
    let (first, last) = (block.lines.lowerBound, block.lines.upperBound)
    func leaf(_ kind: RenderedPage.Leaf.Kind, _ text: String) -> [(RenderedPage.Leaf, end: Int)] {
      [(RenderedPage.Leaf(kind: kind, line: first, text: singleSpaced(text)), last)]
    }
    switch block.content {
    case .heading(let heading): return leaf(.heading, plainText(heading.text))
    case .paragraph(let text): return leaf(.paragraph, plainText(text))
    case .code(let code, _): return leaf(.code, code)
    case .formula(let formula):
      let isFenced = !page.line(first).contains("$$")
      return leaf(isFenced ? .code : .paragraph, isFenced ? formula : "$$\(formula)$$")
    case .rule: return leaf(.rule, "")
    case .html(let html): return leaf(.html, html)
    case .table(let table):
      return ([table.header] + table.rows).enumerated().map { index, cells in
        let line = first + (index == 0 ? 0 : index + 1)
        let text = cells.map { plainText($0) + " | " }.joined()
        return (RenderedPage.Leaf(kind: .row, line: line, text: singleSpaced(text)), line)
      }
    case .list, .quotation: return block.inner.flatMap(leaves)
    case .details(_, let blocks):
      let opening = (first..<(blocks.first?.lines.lowerBound ?? last)).map(page.line).joined(separator: " ")
      return leaf(.html, opening).map { ($0.0, first) } + blocks.flatMap(leaves)
        + [(RenderedPage.Leaf(kind: .html, line: last, text: singleSpaced(page.line(last))), last)]
    case .marked(_, _, let blocks):
      let end = (blocks.first?.lines.lowerBound ?? last) - 1
      let comment = (first...max(first, end)).map(page.line).joined(separator: " ")
      return leaf(.html, comment).map { ($0.0, first) } + blocks.flatMap(leaves)
        + [(RenderedPage.Leaf(kind: .html, line: last, text: singleSpaced(page.line(last))), last)]
    }
  }
}

extension Page {
  /// A line of the file, counted from 1.
  func line(_ number: Int) -> String { lines[number - 1] }
}
