import Foundation

/// Holds a page to what CONTRIBUTING.md says of numbers, captions and sources.
///
/// What a run has printed is left alone: tables, pictures and numbers that markers have filled in.
struct StyleCheck {
  let page: Page

  /// The figures and tables of the page that have a number.
  private var captions: [CaptionNumber] {
    page.allBlocks.compactMap { block in
      guard case .marked(_, let request, _) = block.content, let bar = request.firstIndex(of: "|") else {
        return nil
      }
      return CaptionNumber(request[bar...].dropFirst().drop(while: \.isWhitespace))
    }
  }

  var problems: [BookProblem] {
    let known = Set(captions.map(\.label))
    let chapters = Set(captions.map(\.chapter) + [page.chapter].compactMap { $0 })
    var problems: [BookProblem] = []
    var isReference = false
    for block in page.blocks.flatMap(typed) {
      func note(_ found: String, _ advice: String) {
        problems.append(BookProblem(page.path, line: block.lines.lowerBound, found, advice: advice))
      }
      if case .heading(let heading) = block.content, heading.level <= 2 {
        isReference = plainText(heading.text) == "References"
      }
      if isReference { continue }
      for inline in block.texts.joined().flatMap(\.andInner) {
        switch inline {
        case .text(let text):
          for number in ungrouped(text) where !(1900...2030).contains(Int(number) ?? 0) {
            note("\(number) has no comma", "Write numbers from 1,000 on with commas.")
          }
          for match in text.matches(of: /\[[0-9]+\]/) {
            note(
              "\(match.0) names a source by a number", "Name it by author and year: (Kingma and Ba, 2015).")
          }
          for match in text.matches(of: /\b(figure|table)s? ([0-9]+)\.([0-9]+)/.ignoresCase()) {
            let name = "\(match.1.lowercased()) \(match.2).\(match.3)"
            guard let chapter = Int(match.2), chapters.contains(chapter) else { continue }
            if !known.contains(name.capitalized + ".") {
              note("there is no \(name)", "Figures and tables are counted down the page.")
            }
          }
        case .formula(let formula):
          for number in ungrouped(formula) {
            note("\(number) has no comma", "In formulas write 1{,}000.")
          }
        default: break
        }
      }
    }
    return problems
  }

  /// The blocks that somebody has typed: not those that a marker holds.
  private func typed(_ block: Block) -> [Block] {
    if case .marked = block.content { return [] }
    return [block] + block.inner.flatMap(typed)
  }

  /// Whole numbers of four digits and more; not digits after a point, nor those of a name.
  private func ungrouped(_ text: String) -> [Substring] {
    var numbers: [Substring] = []
    var rest = text[...]
    while let begin = rest.firstIndex(where: \.isWholeNumber) {
      let number = text[begin...].prefix { $0.isWholeNumber }
      let before = text[..<begin].last
      let isPart = before.map { ".,-_#:".contains($0) || $0.isLetter } ?? false
      if number.count >= 4 && !isPart { numbers.append(number) }
      rest = text[number.endIndex...]
    }
    return numbers
  }
}
