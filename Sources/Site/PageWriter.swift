import BookKit
import Foundation

/// What is made of the pages.
enum Edition: Sendable {
  /// A page of the site.
  case page
  /// All pages as one, to print: names of headings begin with their page's, and nothing is folded.
  case whole
  /// All pages as one for pandoc, which packs the EPUB: formulas are left in TeX.
  case forPandoc
}

/// Writes a page's blocks as HTML.
struct PageWriter {
  let publication: Publication
  let page: SitePage
  let edition: Edition
  let formulas: Formulas?
  let pictures: [String: Picture]
  /// The figures of the page that somebody may touch, in order.
  private(set) var touched: [String] = []

  var linkedTerms: Set<String> = []
  var type = Typesetter()
  /// `Figure 2.1`, while its caption is written: it needs no link to itself.
  var labelBeingWritten: String?
  /// Whether a formula has been written that the sign after it belongs to.
  var isTogether = false
  /// The heading of the second level that was written last.
  private var section = ""
  /// Whether the page's question, its first paragraph, is still to come.
  private var isBeginning = false

  init(
    _ page: SitePage, of publication: Publication, as edition: Edition, formulas: Formulas?,
    pictures: [String: Picture]
  ) {
    (self.page, self.publication, self.edition) = (page, publication, edition)
    (self.formulas, self.pictures) = (formulas, pictures)
  }

  /// All of the page, from its title on.
  mutating func html() -> String { blocks(page.page.blocks) }

  // MARK: Blocks

  mutating func blocks(_ blocks: [Block]) -> String {
    var html = ""
    var i = 0
    while i < blocks.count {
      // Swift, and then the same in PyTorch: beside each other.
      if i + 1 < blocks.count, let swift = blocks[i].code, let python = blocks[i + 1].code,
        swift.language == "swift", python.language == "python"
      {
        html += "<div class=\"pair\">\n" + code(swift.text, "swift", caption: "Swift", file: swift.file)
        html += code(python.text, "python", caption: "PyTorch", file: nil) + "</div>\n"
        i += 2
      } else {
        html += block(blocks[i])
        i += 1
      }
    }
    return html
  }

  private mutating func block(_ block: Block) -> String {
    type.previous = " "
    switch block.content {
    case .heading(let heading): return self.heading(heading)
    case .paragraph(let text): return paragraph(text)
    case .list(let list): return self.list(list)
    case .table(let table): return scrolling(self.table(table), label: "table")
    case .code(let text, let language): return code(text, language, caption: nil, file: nil)
    case .formula(let tex):
      return "<div class=\"formula\">\(formula(Formula(tex, isDisplayed: true)))</div>\n"
    case .quotation(let blocks): return "<blockquote>\n\(self.blocks(blocks))</blockquote>\n"
    case .details(let summary, let blocks): return details(inlines(summary), self.blocks(blocks))
    case .rule: return "<hr>\n"
    case .html(let html): return html.hasPrefix("<!--") ? "" : html
    case .marked(let kind, _, let inner): return marked(kind, inner, block)
    }
  }

  private mutating func heading(_ heading: Heading) -> String {
    if heading.level == 2 { section = plainText(heading.text) }
    isBeginning = heading.level == 1
    let (number, _) = numbered(plainText(heading.text))
    var text = inlines(heading.text, links: false)
    if let number, text.hasPrefix(number + " ") {
      text = "<span class=\"number\">\(number)</span> " + text.dropFirst(number.count + 1)
    }
    let level = heading.level
    if level == 1, page.name == "index", edition == .page { text = escaped(Publication.title) }
    let id = anchor(heading.level == 1 ? "" : heading.anchor)
    guard edition == .page, level > 1 else { return "<h\(level) id=\"\(id)\">\(text)</h\(level)>\n" }
    return """
      <h\(level) id="\(id)">\(text)<a class="anchor" href="#\(id)" aria-label="Link to this section">#</a></h\(level)>

      """
  }

  private mutating func paragraph(_ text: [Inline]) -> String {
    var kind: String?
    if isBeginning {
      isBeginning = false
      if plainText(text).hasSuffix("?") { kind = "question" }
    }
    if case .strong(let bold)? = text.first, ["Try.", "Think."].contains(plainText(bold)) { kind = "try" }
    guard let kind else { return "<p>\(inlines(text))</p>\n" }
    // Pandoc keeps the classes of divisions, and drops those of paragraphs.
    if edition == .forPandoc { return "<div class=\"\(kind)\"><p>\(inlines(text))</p></div>\n" }
    return "<p class=\"\(kind)\">\(inlines(text))</p>\n"
  }

  private mutating func list(_ list: PageList) -> String {
    let tag = list.start == nil ? "ul" : "ol"
    let start = list.start.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
    let isGlossary = page.name == "glossary"
    var html = "<\(tag)\(start)\(isGlossary ? " class=\"terms\"" : "")>\n"
    for item in list.items {
      type.previous = " "
      let isTerm = isGlossary && edition == .page
      let id = isTerm ? Glossary.term(of: item).map { " id=\"\(anchor($0.anchor))\"" } ?? "" : ""
      html +=
        "<li\(id)>" + self.item(item, isQuestion: section == "To discuss" && list.start != nil) + "</li>\n"
    }
    return html + "</\(tag)>\n"
  }

  private mutating func item(_ blocks: [Block], isQuestion: Bool) -> String {
    guard blocks.count == 1, case .paragraph(let text) = blocks[0].content else { return self.blocks(blocks) }
    // A question with its answer in italics: the answer is folded.
    let shown = text.reversed().drop {
      if case .text(let text) = $0 { text.allSatisfy(\.isWhitespace) } else { false }
    }
    if isQuestion, shown.count > 1, case .emphasis(let answer)? = shown.first {
      let question = inlines(Array(shown.dropFirst().reversed()))
      type.previous = " "
      return "<p>\(question)</p>\n" + details("Answer", "<p>\(inlines(answer))</p>\n")
    }
    return inlines(text)
  }

  private func details(_ summary: String, _ contents: String) -> String {
    switch edition {
    case .page: "<details>\n<summary>\(summary)</summary>\n\(contents)</details>\n"
    case .whole: "<details open>\n<summary>\(summary)</summary>\n\(contents)</details>\n"
    case .forPandoc: "<div class=\"details\">\n<p><strong>\(summary)</strong></p>\n\(contents)</div>\n"
    }
  }

  // MARK: Tables

  private mutating func table(_ table: PageTable) -> String {
    func style(_ column: Int) -> String {
      table.alignments[column] == .right
        ? " class=\"right\"" : table.alignments[column] == .center ? " class=\"center\"" : ""
    }
    let isEmptyHead = table.header.allSatisfy { plainText($0).isEmpty }
    var html = "<table>\n"
    if !isEmptyHead {
      html += "<thead><tr>"
      for (column, cell) in table.header.enumerated() {
        let text = self.cell(cell)
        html += text.isEmpty ? "<td></td>" : "<th scope=\"col\"\(style(column))>\(text)</th>"
      }
      html += "</tr></thead>\n"
    }
    html += "<tbody>\n"
    for row in table.rows {
      let number = page.name == "exercises" ? row.exerciseNumber : nil
      let id = number.map { " id=\"\(anchor(Places.anchor(of: "exercise \($0)")))\"" } ?? ""
      // Pandoc keeps the names of spans, and drops those of rows.
      html += edition == .forPandoc ? "<tr>" : "<tr\(id)>"
      for (column, cell) in row.enumerated() {
        let isHead = column == 0 && table.alignments[0] != .right && row.count > 2
        let tag = isHead ? "th" : "td"
        let mark = edition == .forPandoc && column == 0 && !id.isEmpty ? "<span\(id)></span>" : ""
        html += "<\(tag)\(isHead ? " scope=\"row\"" : "")\(style(column))>\(mark)\(self.cell(cell))</\(tag)>"
      }
      html += "</tr>\n"
    }
    return html + "</tbody>\n</table>\n"
  }

  private mutating func cell(_ text: [Inline]) -> String {
    type.previous = " "
    return inlines(text, terms: false)
  }

  /// What may be wider than the page, in a box that scrolls by itself.
  private func scrolling(_ html: String, label: String) -> String {
    edition == .forPandoc
      ? html
      : "<div class=\"scroll\" role=\"region\" aria-label=\"\(escaped(label))\" tabindex=\"0\">\n\(html)</div>\n"
  }

  // MARK: What markers hold

  private mutating func marked(_ kind: String, _ inner: [Block], _ block: Block) -> String {
    if let figure = block.figure { return self.figure(figure, label: block.captionLabel) }
    if let code = block.code { return self.code(code.text, code.language, caption: nil, file: code.file) }
    // A table, with its caption before it.
    guard kind == "table", inner.count == 2, case .paragraph(let caption) = inner[0].content,
      case .table(let table) = inner[1].content
    else { return blocks(inner) }
    let id = block.captionLabel.map { " id=\"\(anchor(Places.anchor(of: $0)))\"" } ?? ""
    labelBeingWritten = block.captionLabel
    let shown = inlines(caption, terms: false)
    labelBeingWritten = nil
    let label = block.captionLabel ?? plainText(caption)
    if edition == .forPandoc {
      return "<div\(id)><p class=\"caption\">\(shown)</p>\n\(self.table(table))</div>\n"
    }
    return """
      <figure class="table"\(id)>
      <figcaption>\(shown)</figcaption>
      \(scrolling(self.table(table), label: label))</figure>

      """
  }

  private mutating func figure(_ figure: PageFigure, label: String?) -> String {
    let picture = pictures[figure.source]
    let name = figure.source.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? ""
    let isTouched = edition == .page && publication.touchScript(name) != nil
    if isTouched { touched.append(name) }
    // The caption is below the picture: those who hear the page need not hear it twice.
    let caption = plainText(figure.caption)
    let repeats =
      figure.alternative.filter { !$0.isWhitespace } == caption.filter { !"[]$*`\\ \n".contains($0) }
    let alternative =
      repeats ? [label, picture?.description].compactMap { $0 }.joined(separator: ": ") : figure.alternative
    labelBeingWritten = label
    var text = inlines(figure.caption, terms: false)
    labelBeingWritten = nil
    if let label, text.hasPrefix(label + ".") { text = "<b>\(label).</b>" + text.dropFirst(label.count + 1) }
    let id = label.map { " id=\"\(anchor(Places.anchor(of: $0)))\"" } ?? ""
    let kind = isTouched ? " class=\"touch\" data-touch=\"\(escaped(name))\"" : " class=\"picture\""
    var image =
      picture?.html(alternative: alternative.isEmpty ? caption : alternative, hasDark: edition == .page) ?? ""
    // By itself it can be made larger, on a phone above all.
    if edition == .page, !isTouched {
      image = "<a class=\"full\" href=\"\(escaped(figure.source))\">\(image)</a>"
    }
    let contents = "\(image)\n<figcaption>\(text)</figcaption>\n</figure>\n"
    // Pandoc drops a figure's name.
    return edition == .forPandoc
      ? "<div\(id)>\n<figure>\n\(contents)</div>\n" : "<figure\(kind)\(id)>\n\(contents)"
  }

  private func code(_ text: String, _ language: String, caption: String?, file: String?) -> String {
    let kind = language.isEmpty ? "plain" : language
    let html = Highlighter.html(text, language: language)
    if edition == .forPandoc { return "<pre class=\"\(kind)\"><code>\(escaped(text))</code></pre>\n" }
    let label = [caption, file].compactMap { $0 }
    let head =
      label.isEmpty
      ? "" : "<figcaption>\(label.map { "<span>\(escaped($0))</span>" }.joined(separator: " "))</figcaption>"
    return
      "<figure class=\"code\">\(head)<pre class=\"\(kind)\" tabindex=\"0\"><code>\(html)</code></pre></figure>\n"
  }

  func formula(_ formula: Formula) -> String {
    if edition == .forPandoc {
      let mode = formula.isDisplayed ? "; mode=display" : ""
      return "<script type=\"math/tex\(mode)\">\(formula.tex)</script>"
    }
    return formulas?[formula] ?? "<code>\(escaped(formula.tex))</code>"
  }

  /// The name of a place on this page, as links on other pages write it.
  func anchor(_ name: String) -> String {
    edition == .page ? (name.isEmpty ? "top" : name) : page.name + (name.isEmpty ? "" : "--" + name)
  }
}

extension Block {
  /// Code, typed or cut out of a file.
  fileprivate var code: (text: String, language: String, file: String?)? {
    switch content {
    case .code(let text, let language): (text, language, nil)
    case .marked("code", let request, let inner):
      if inner.count == 1, case .code(let text, let language) = inner[0].content {
        (text, language, request.split(separator: "|").first?.trimmingCharacters(in: .whitespaces))
      } else {
        nil
      }
    default: nil
    }
  }
}
