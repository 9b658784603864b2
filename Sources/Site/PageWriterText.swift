import BookKit
import Foundation

/// Running text: what `PageWriter` makes of it.
extension PageWriter {
  /// - Parameters:
  ///   - links: Whether links may be made; not within a link or a heading.
  ///   - terms: Whether the first use of a term leads to the glossary.
  mutating func inlines(_ inlines: [Inline], links: Bool = true, terms: Bool = true) -> String {
    var html = ""
    for (index, inline) in inlines.enumerated() {
      let shown = self.inline(inline, links, terms && links)
      // A formula and the sign after it stay on one line.
      if case .formula(let tex) = inline, tex.count <= 24, index + 1 < inlines.count,
        case .text(let next) = inlines[index + 1],
        let sign = next.first, ".,;:?!)".contains(sign), edition != .forPandoc
      {
        html += "<span class=\"together\">\(shown)"
        isTogether = true
      } else {
        html += shown
      }
    }
    return html
  }

  private mutating func inline(_ inline: Inline, _ links: Bool, _ terms: Bool) -> String {
    switch inline {
    case .text(let text): return self.text(text, links, terms)
    case .code(let code):
      type.previous = "x"
      return "<code>\(escaped(code))</code>"
    case .formula(let tex):
      type.previous = "x"
      let shown = formula(Formula(tex, isDisplayed: false))
      // A browser breaks no formula: on a phone a long one scrolls by itself.
      return tex.count > 24 && edition != .forPandoc ? "<span class=\"long\">\(shown)</span>" : shown
    case .emphasis(let inner): return "<em>\(inlines(inner, links: links, terms: terms))</em>"
    case .strong(let inner): return "<strong>\(inlines(inner, links: links, terms: terms))</strong>"
    case .link(let inner, let target): return link(inner, target)
    case .image(let alternative, let source):
      return pictures[source]?.html(alternative: alternative, hasDark: edition == .page)
        ?? escaped(alternative)
    case .number(let shown, let request):
      type.previous = shown.last ?? "0"
      if edition == .forPandoc { return escaped(shown.replacing(" %", with: "\u{a0}%")) }
      return "<span class=\"measured\" title=\"measured: \(escaped(request))\">\(escaped(shown))</span>"
    case .comment: return ""
    case .lineBreak:
      type.previous = " "
      return "<br>\n"
    }
  }

  private mutating func text(_ text: String, _ links: Bool, _ terms: Bool) -> String {
    var text = text[...]
    var html = ""
    if isTogether {
      isTogether = false
      html = type.set(text.prefix(1)) + "</span>"
      text = text.dropFirst()
    }
    guard links else { return html + type.set(text) }
    for piece in NamedPlace.pieces(of: String(text), in: publication.places) {
      if let place = piece.place, place.anchor != labelBeingWritten.map(Places.anchor(of:)) {
        html += "<a href=\"\(reference(to: place.page, place.anchor))\">\(type.set(piece.text))</a>"
      } else if terms && edition == .page && page.name != "glossary" {
        html += withTerms(piece.text)
      } else {
        html += type.set(piece.text)
      }
    }
    return html
  }

  /// The text, with a link to the glossary where a term is used for the first time.
  private mutating func withTerms(_ text: Substring) -> String {
    var html = ""
    let linked = linkedTerms
    for piece in publication.glossary.pieces(of: text, where: { !linked.contains($0.name) }) {
      if let term = piece.term {
        linkedTerms.insert(term.name)
        html +=
          "<a class=\"term\" href=\"\(reference(to: "glossary", term.anchor))\">\(type.set(piece.text))</a>"
      } else {
        html += type.set(piece.text)
      }
    }
    return html
  }

  private mutating func link(_ text: [Inline], _ target: String) -> String {
    let shown = inlines(text, links: false)
    if target.firstMatch(of: /^[a-z]+:/) != nil { return "<a href=\"\(escaped(target))\">\(shown)</a>" }
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let anchor = parts.count == 2 ? parts[1] : ""
    let name =
      parts[0].isEmpty
      ? page.name : parts[0] == "README.md" ? "index" : String(parts[0].replacing(/\.md$/, with: ""))
    guard parts[0].isEmpty || parts[0].hasSuffix(".md"), publication.page(named: name) != nil else {
      // A file of the workbook that is no page: its name is all that can be given.
      let path = URL(filePath: "/Book/" + parts[0]).standardized.path.dropFirst()
      return "<span class=\"file\" title=\"in the workbook: \(escaped(String(path)))\">\(shown)</span>"
    }
    return "<a href=\"\(reference(to: name, anchor))\">\(shown)</a>"
  }

  /// What a link to a place in the book says, in this edition.
  func reference(to name: String, _ anchor: String) -> String {
    if edition != .page { return "#" + name + (anchor.isEmpty ? "" : "--" + escaped(anchor)) }
    if name == page.name { return "#" + (anchor.isEmpty ? "top" : escaped(anchor)) }
    return name + ".html" + (anchor.isEmpty ? "" : "#" + escaped(anchor))
  }
}
