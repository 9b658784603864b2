import Foundation

/// Makes blocks of a page's lines.
struct BlockParser {
  /// A line, or what is left of it inside a list or a quotation, and its number from 1.
  private struct Line {
    let number: Int
    let text: Substring

    var indentation: Int { text.prefix { $0 == " " }.count }
    var body: Substring { text.drop { $0 == " " } }
    var isBlank: Bool { text.allSatisfy(\.isWhitespace) }

    func dropping(_ count: Int) -> Line {
      Line(number: number, text: text.dropFirst(min(count, indentation)))
    }
  }

  /// How deep in lists and quotations we are.
  private var depth = 0
  /// Deeper than this nobody nests; a page that does, to spoil something, has paragraphs from here on.
  private static let greatestDepth = 32

  /// How often each anchor has been made on this page.
  private var anchors: [String: Int] = [:]

  mutating func blocks(of segments: [PageSegment], in lines: [String]) -> [Block] {
    var blocks: [Block] = []
    var between: [Line] = []
    func cut(_ range: Range<Int>) -> [Line] { range.map { Line(number: $0 + 1, text: lines[$0][...]) } }
    for segment in segments {
      switch segment {
      case .text(let range), .verbatim(let range): between += cut(range)
      case .marked(let marked):
        blocks += self.blocks(between)
        between = []
        let inner = self.blocks(cut(marked.content))
        blocks.append(
          Block(
            content: .marked(kind: marked.kind, request: marked.request, inner),
            lines: marked.lines.lowerBound + 1...marked.lines.upperBound))
      }
    }
    return blocks + self.blocks(between)
  }

  private mutating func blocks(_ lines: [Line]) -> [Block] {
    depth += 1
    defer { depth -= 1 }
    var blocks: [Block] = []
    var rest = lines[...]
    while let line = rest.first {
      if line.isBlank {
        rest.removeFirst()
        continue
      }
      let (content, count) = block(rest)
      blocks.append(
        Block(content: content, lines: line.number...rest[rest.startIndex + count - 1].number))
      rest = rest.dropFirst(count)
    }
    return blocks
  }

  /// The block that begins with the first line, and of how many lines it is.
  private mutating func block(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    let first = lines.first!
    if first.indentation >= 4 { return indentedCode(lines) }
    if let code = fencedCode(lines) { return code }
    if let heading = heading(first) { return (heading, 1) }
    if Self.isRule(first) { return (.rule, 1) }
    if Self.beginsHTML(first) { return html(lines) }
    if depth <= Self.greatestDepth {
      if first.body.hasPrefix(">") { return quotation(lines) }
      if Self.bullet(first) != nil { return list(lines) }
    }
    if let table = table(lines) { return table }
    return paragraph(lines)
  }

  // MARK: Code, headings, rules

  private func indentedCode(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    var code = Array(lines.prefix { $0.indentation >= 4 || $0.isBlank })
    while code.last?.isBlank == true { code.removeLast() }
    return (
      .code(Self.joined(code.map { $0.text.dropFirst(min(4, $0.text.count)) }), language: ""), code.count
    )
  }

  private func fencedCode(_ lines: ArraySlice<Line>) -> (Block.Content, Int)? {
    var fence = Fence()
    var count = 0
    for line in lines {
      fence.read(String(line.text))
      if !fence.isInside && !fence.wasInside { return nil }
      count += 1
      if fence.wasInside { break }
    }
    let first = lines.first!
    let language = first.body.drop { $0 == "`" || $0 == "~" }.trimmingCharacters(in: .whitespaces)
    let inside = lines.prefix(fence.wasInside ? count - 1 : count).dropFirst()
    let text = Self.joined(inside.map { $0.dropping(first.indentation).text })
    return (language == "math" ? .formula(text) : .code(text, language: language), count)
  }

  private static func joined(_ lines: [Substring]) -> String { lines.map { $0 + "\n" }.joined() }

  private mutating func heading(_ line: Line) -> Block.Content? {
    guard let (level, title) = Self.headingParts(line) else { return nil }
    let text = InlineParser.parse(title)
    return .heading(Heading(level: level, text: text, anchor: anchor(plainText(text))))
  }

  private static func headingParts(_ line: Line) -> (level: Int, title: Substring)? {
    guard line.body.first == "#",
      let match = line.body.wholeMatch(of: /(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*/)
    else { return nil }
    return (match.1.count, match.2)
  }

  /// Small letters, numbers, hyphens and underscores; what has occurred before gets a number.
  private mutating func anchor(_ title: String) -> String {
    let name = title.lowercased().compactMap { character -> Character? in
      if character == " " { return "-" }
      return character.isLetter || character.isNumber || character == "-" || character == "_"
        ? character : nil
    }
    let count = anchors[String(name), default: 0]
    anchors[String(name)] = count + 1
    return String(name) + (count == 0 ? "" : "-\(count)")
  }

  private static func isRule(_ line: Line) -> Bool {
    guard let mark = line.body.first, "-*_".contains(mark) else { return false }
    let marks = line.body.filter { $0 != " " }
    return marks.count >= 3 && marks.allSatisfy { $0 == mark }
  }

  // MARK: HTML

  private static func beginsHTML(_ line: Line) -> Bool {
    guard line.body.first == "<" else { return false }
    if line.body.hasPrefix("<!--") { return line.body.firstMatch(of: /^<!--(?:=|\s*\/)/) == nil }
    return line.body.firstMatch(
      of:
        /^<\/?(?:details|summary|div|p|table|tr|td|figure|figcaption|section|center|hr|ul|ol|li)(?:[ >\/]|$)/)
      != nil
  }

  private mutating func html(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    if lines.first!.body.hasPrefix("<!--") {
      let count = (lines.firstIndex { $0.text.contains("-->") } ?? lines.endIndex - 1) - lines.startIndex + 1
      return (.html(Self.joined(lines.prefix(count).map(\.text))), count)
    }
    let count = lines.prefix { !$0.isBlank }.count
    let text = Self.joined(lines.prefix(count).map(\.text))
    let ends = lines.dropFirst(count).firstIndex { $0.body.hasPrefix("</details>") }
    guard lines.first!.body.hasPrefix("<details"), !text.contains("</details>"), let ends else {
      return (.html(text), count)
    }
    let summary = text.firstMatch(of: /<summary>((?:.|\n)*?)<\/summary>/).map { String($0.1) } ?? ""
    let inner = blocks(Array(lines[(lines.startIndex + count)..<ends]))
    return (.details(summary: InlineParser.parse(summary), inner), ends - lines.startIndex + 1)
  }

  // MARK: Quotations and lists

  private mutating func quotation(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    let quoted = lines.prefix { $0.body.hasPrefix(">") }
    let inner = quoted.map { line in
      let text = line.body.dropFirst()
      return Line(number: line.number, text: text.hasPrefix(" ") ? text.dropFirst() : text)
    }
    return (.quotation(blocks(inner)), quoted.count)
  }

  /// The mark that begins an item of a list: its number, its sign, and how far in the text begins.
  private static func bullet(_ line: Line) -> (number: Int?, sign: Character, width: Int)? {
    guard line.indentation < 4, let first = line.body.first, first.isNumber || "-+*".contains(first),
      !isRule(line),
      let match = line.body.firstMatch(of: /^(?:([0-9]{1,9})([.)])|([-+*]))( {1,4})(?=\S)/)
    else { return nil }
    return (match.1.flatMap { Int($0) }, (match.2 ?? match.3!).first!, line.indentation + match.0.count)
  }

  private mutating func list(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    let start = Self.bullet(lines.first!)!
    var items: [[Block]] = []
    var rest = lines
    while let line = rest.first, let mark = Self.bullet(line), mark.sign == start.sign {
      var item = [Line(number: line.number, text: line.text.dropFirst(mark.width))]
      for next in rest.dropFirst() {
        guard next.isBlank || next.indentation >= mark.width else { break }
        item.append(next.dropping(mark.width))
      }
      let count = item.count
      while item.last?.isBlank == true { item.removeLast() }
      items.append(blocks(item))
      rest = rest.dropFirst(count)
    }
    // Blank lines after the last item are not the list's.
    var count = rest.startIndex - lines.startIndex
    while lines[lines.startIndex + count - 1].isBlank { count -= 1 }
    return (.list(PageList(start: start.number, items: items)), count)
  }

  // MARK: Tables and paragraphs

  private func table(_ lines: ArraySlice<Line>) -> (Block.Content, Int)? {
    guard lines.count >= 2, lines.first!.text.contains("|") else { return nil }
    let header = Self.cells(lines.first!.body)
    let rule = Self.cells(lines[lines.startIndex + 1].body)
    guard rule.count == header.count, rule.allSatisfy({ $0.wholeMatch(of: /:?-+:?/) != nil }) else {
      return nil
    }
    let rows = lines.dropFirst(2).prefix { !$0.isBlank && $0.text.contains("|") }
    let alignments = rule.map { cell -> PageTable.Alignment? in
      switch (cell.hasPrefix(":"), cell.hasSuffix(":")) {
      case (true, true): .center
      case (false, true): .right
      case (true, false): .left
      case (false, false): nil
      }
    }
    let table = PageTable(
      alignments: alignments, header: header.map { InlineParser.parse($0) },
      rows: rows.map { row in
        let cells = Self.cells(row.body).prefix(header.count).map { InlineParser.parse($0) }
        return cells + Array(repeating: [], count: header.count - cells.count)
      })
    return (.table(table), rows.count + 2)
  }

  /// The texts between the bars of a line; `\|` is a bar in a text.
  private static func cells(_ line: Substring) -> [String] {
    var cells = [""]
    var isEscaped = false
    for character in line.trimmingCharacters(in: .whitespaces) {
      if character == "|", isEscaped {
        cells[cells.count - 1].removeLast()
        cells[cells.count - 1].append("|")
      } else if character == "|" {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    if cells.count > 1, cells[0].isEmpty { cells.removeFirst() }
    if cells.count > 1, cells.last!.allSatisfy(\.isWhitespace) { cells.removeLast() }
    return cells.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private func paragraph(_ lines: ArraySlice<Line>) -> (Block.Content, Int) {
    var count = 1
    for line in lines.dropFirst() {
      if line.isBlank || line.body.hasPrefix(">") || Fence.opens(line.text) { break }
      if Self.beginsHTML(line) || Self.isRule(line) || Self.headingParts(line) != nil { break }
      // A list interrupts a paragraph, but a numbered one only with its first number.
      if let mark = Self.bullet(line), mark.number ?? 1 == 1 { break }
      count += 1
    }
    let text = lines.prefix(count).map { String($0.body) }.joined(separator: "\n")
    if text.hasPrefix("$$"),
      let match = text.trimmingCharacters(in: .whitespaces).wholeMatch(of: /\$\$((?:[^$]|\\\$)+)\$\$/)
    {
      return (.formula(String(match.1).trimmingCharacters(in: .whitespacesAndNewlines)), count)
    }
    return (.paragraph(InlineParser.parse(text.trimmingCharacters(in: .whitespaces))), count)
  }
}
