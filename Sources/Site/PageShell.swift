import BookKit

/// What stands around a page's text: title, sidebar, breadcrumbs, previous and next.
struct PageShell {
  let publication: Publication

  private static let icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cg fill='%230b6a8f'%3E"
    + "%3Crect x='1' y='1' width='6' height='6' rx='1'/%3E%3Crect x='9' y='9' width='6' height='6' rx='1'/%3E%3C/g%3E"
    + "%3Cg fill='%237bb7d0'%3E%3Crect x='9' y='1' width='6' height='6' rx='1'/%3E%3Crect x='1' y='9' width='6' height='6' rx='1'/%3E"
    + "%3C/g%3E%3C/svg%3E"

  /// Before anything is drawn: whether the reader has chosen light or dark, and that scripts work.
  private static let early =
    "document.documentElement.classList.add('js');try{const t=localStorage.getItem('theme');"
    + "if(t)document.documentElement.dataset.theme=t}catch{}"

  func head(title: String, scripts: [String] = [], styles: [String] = [], isPaged: Bool = true) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="\(isPaged ? "light dark" : "light")">
    <title>\(escaped(title))</title>
    <link rel="icon" href="\(Self.icon)">
    \((["assets/book.css"] + styles).map { "<link rel=\"stylesheet\" href=\"\(escaped($0))\">" }.joined(separator: "\n"))
    \(isPaged ? "<script>\(Self.early)</script>" : "")
    \(scripts.map { "<script src=\"\(escaped($0))\" defer></script>" }.joined(separator: "\n"))
    </head>
    """
  }

  /// A page of the site.
  func html(_ page: SitePage, text: String, scripts: [String], styles: [String]) -> String {
    let index = publication.pages.firstIndex { $0.name == page.name } ?? 0
    let previous = index > 0 ? publication.pages[index - 1] : nil
    let next = index + 1 < publication.pages.count ? publication.pages[index + 1] : nil
    let title = page.name == "index" ? Publication.title : "\(page.title) · \(Publication.title)"
    return """
      \(head(title: title, scripts: ["assets/book.js"] + scripts, styles: styles))
      <body data-previous="\(previous?.file ?? "")" data-next="\(next?.file ?? "")">
      <a class="skip" href="#main">Skip to the text</a>
      <header class="bar">
      <a id="menu" class="tool" href="#sidebar" aria-label="Contents" aria-controls="sidebar"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 5h14M3 10h14M3 15h14"/></svg></a>
      <a class="home" href="index.html">\(Publication.title)</a>
      <div class="tools">
      <button id="open-search" type="button"><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="8.5" cy="8.5" r="5"/><path d="M12.5 12.5L17 17"/></svg><span>Search</span><kbd>/</kbd></button>
      <button id="theme" class="tool" type="button" aria-label="Light or dark"><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="6.5"/><path class="half" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/></svg></button>
      <button id="open-keys" class="tool" type="button" aria-label="Keys" title="Keys (?)">?</button>
      </div>
      </header>
      <nav id="sidebar" aria-label="Contents of the book">
      \(contents(around: page))
      <p class="aside"><a href="print.html">The whole book on one page</a></p>
      </nav>
      <main id="main" tabindex="-1">
      \(breadcrumbs(page))
      \(sections(of: page))
      <article>
      \(text)</article>
      \(turning(previous, next))
      </main>
      </body>
      </html>

      """
  }

  // MARK: Navigation

  private func contents(around current: SitePage) -> String {
    func line(_ page: SitePage) -> String {
      let isCurrent = page.name == current.name
      let (number, text) = page.numberedTitle
      let label = (number.map { "<span class=\"number\">\($0)</span> " } ?? "") + escaped(text)
      let link = "<a href=\"\(page.file)\"\(isCurrent ? " aria-current=\"page\"" : "")>\(label)</a>"
      return "<li>\(link)\(isCurrent ? sectionList(of: page, class: "sections") : "")</li>"
    }
    var html = "<ul>\n\(line(publication.pages[0]))\n</ul>\n"
    for part in publication.parts {
      html +=
        "<h2>\(escaped(part.title))</h2>\n<ul>\n\(part.pages.map(line).joined(separator: "\n"))\n</ul>\n"
    }
    return html
  }

  private func sectionList(of page: SitePage, class kind: String) -> String {
    let sections = page.sections
    if sections.isEmpty { return "" }
    let items = sections.map { heading in
      let (number, text) = numbered(plainText(heading.text))
      let label = (number.map { "<span class=\"number\">\($0)</span> " } ?? "") + escaped(text)
      return "<li><a href=\"#\(escaped(heading.anchor))\">\(label)</a></li>"
    }
    let areLetters = sections.allSatisfy { plainText($0.text).count == 1 }
    return
      "\n<ul class=\"\(kind)\(areLetters ? " letters" : "")\">\n\(items.joined(separator: "\n"))\n</ul>\n"
  }

  /// The page's contents at its beginning, where there is no room for the sidebar.
  private func sections(of page: SitePage) -> String {
    let list = sectionList(of: page, class: "list")
    if list.isEmpty { return "" }
    return
      "<details class=\"on-this-page\"><summary>On this page</summary><nav aria-label=\"On this page\">\(list)</nav></details>"
  }

  private func breadcrumbs(_ page: SitePage) -> String {
    if page.name == "index" { return "" }
    let part = page.part.isEmpty ? "" : "<li>\(escaped(page.part))</li>"
    return """
      <nav class="crumbs" aria-label="Where you are"><ol><li><a href="index.html">\(Publication.title)</a></li>\(part)\
      <li aria-current="page">\(escaped(page.title))</li></ol></nav>
      """
  }

  private func turning(_ previous: SitePage?, _ next: SitePage?) -> String {
    func link(_ page: SitePage?, _ rel: String, _ word: String) -> String {
      page.map { "<a rel=\"\(rel)\" href=\"\($0.file)\"><span>\(word)</span> \(escaped($0.title))</a>" }
        ?? "<span></span>"
    }
    return """
      <nav class="turn" aria-label="Previous and next page">\(link(previous, "prev", "Previous"))\(link(next, "next", "Next"))</nav>
      """
  }
}
