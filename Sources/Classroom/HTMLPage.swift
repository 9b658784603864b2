import Foundation

/// A page that needs nothing but itself: no scripts, no fonts, no pictures from elsewhere; to be read on paper as well.
enum HTMLPage {
  static func page(_ title: String, _ body: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    <title>\(escaped(title))</title>
    <style>
    :root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #c0392b; --some: #b26a00; --soft: #8881; }
    @media (prefers-color-scheme: dark) { :root { --good: #5dc878; --bad: #ff8a7a; --some: #f0b050; } }
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.5rem; margin-bottom: .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; }
    table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .7rem; text-align: left; }
    th { border-bottom: 2px solid var(--line); } td { border-bottom: 1px solid var(--line); }
    td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
    pre { background: var(--soft); padding: .6rem .8rem; overflow-x: auto; font: 13px/1.4 ui-monospace, monospace; }
    .good { color: var(--good); } .bad { color: var(--bad); } .some { color: var(--some); } .faint { opacity: .7; }
    .advice, .comment { border-left: 4px solid var(--some); padding: .2rem .8rem; margin: .6rem 0; white-space: pre-wrap; }
    .comment { border-color: #3b82c4; } ul.checks { list-style: none; padding: 0; margin: .4rem 0; }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } img { max-width: 100%; }
    @media (max-width: 40rem) { .pair { grid-template-columns: 1fr; } }
    </style></head><body>
    \(body)
    </body></html>

    """
  }

  /// Text that stands for itself in a page, whatever it holds. Signs that turn the direction of writing are shown.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func table(_ head: [String], numbersFrom first: Int, _ rows: [[String]]) -> String {
    func cells(_ row: [String], _ tag: String) -> String {
      row.enumerated().map { "<\(tag)\($0 >= first ? " class=\"n\"" : "")>\($1)</\(tag)>" }.joined()
    }
    return "<table><thead><tr>\(cells(head, "th"))</tr></thead><tbody>\n"
      + rows.map { "<tr>\(cells($0, "td"))</tr>\n" }.joined() + "</tbody></table>"
  }
}
