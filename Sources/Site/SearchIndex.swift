import BookKit
import Foundation

/// What the site's search looks through: every section of every page, as plain text.
struct SearchIndex {
  /// A section: the number of its page, the anchor, the heading, and the text.
  private struct Section: Encodable {
    let page: Int
    let anchor: String
    let heading: String
    var text: String

    func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      try list.encode(page)
      try list.encode(anchor)
      try list.encode(heading)
      try list.encode(text)
    }
  }

  private struct Index: Encodable {
    var pages: [[String]] = []
    var sections: [Section] = []
  }

  private let formulas: Formulas

  /// The index as a script: a page that was opened from the disk may load a script, but no other file.
  static func script(of publication: Publication, formulas: Formulas) throws -> String {
    let writer = SearchIndex(formulas: formulas)
    var index = Index()
    for (number, page) in publication.pages.enumerated() {
      index.pages.append([page.file, page.title])
      index.sections += writer.sections(of: page, number: number)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return "const bookIndex = " + String(decoding: try encoder.encode(index), as: UTF8.self) + ";\n"
  }

  private func sections(of page: SitePage, number: Int) -> [Section] {
    var sections = [Section(page: number, anchor: "", heading: page.title, text: "")]
    for block in page.page.allBlocks {
      if case .heading(let heading) = block.content {
        if heading.level > 1 {
          sections.append(
            Section(page: number, anchor: heading.anchor, heading: text(heading.text), text: ""))
        }
        continue
      }
      var texts = block.texts.map { self.text($0) }
      if case .code(let code, _) = block.content { texts = [code] }
      let words = texts.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if words.isEmpty { continue }
      sections[sections.count - 1].text += (sections[sections.count - 1].text.isEmpty ? "" : " ") + words
    }
    return sections
  }

  private func text(_ inlines: [Inline]) -> String {
    inlines.map { inline -> String in
      switch inline {
      case .text(let text), .code(let text), .number(let text, _): text
      case .formula(let tex): formulas.text(of: Formula(tex, isDisplayed: false))
      case .emphasis(let inner), .strong(let inner), .link(let inner, _): text(inner)
      case .image(let alternative, _): alternative
      case .comment: ""
      case .lineBreak: " "
      }
    }.joined()
  }
}
