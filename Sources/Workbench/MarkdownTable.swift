extension Table {
  /// The table in Markdown, with numeric columns to the right, and columns that line up in the raw text.
  public var markdownLines: [String] {
    let cells = ([columns] + rows).map { $0.map(Self.escaped) }
    let widths = columns.indices.map { c in max(3, cells.map { $0[c].count }.max()!) }
    func line(_ cells: [String]) -> String {
      "| "
        + cells.indices.map { c in
          let space = String(repeating: " ", count: widths[c] - cells[c].count)
          return isNumeric[c] ? space + cells[c] : cells[c] + space
        }.joined(separator: " | ") + " |"
    }
    let rule = columns.indices.map { c in
      isNumeric[c]
        ? String(repeating: "-", count: widths[c] + 1) + ":" : String(repeating: "-", count: widths[c] + 2)
    }
    return [line(cells[0]), "|" + rule.joined(separator: "|") + "|"] + cells.dropFirst().map(line)
  }

  /// A cell as Markdown shows it: what means something there is escaped, and a minus sign is one.
  private static func escaped(_ cell: String) -> String {
    var text = ""
    var previous: Character = " "
    let characters = Array(cell)
    for (i, character) in characters.enumerated() {
      let next = i + 1 < characters.count ? characters[i + 1] : " "
      switch character {
      case "|", "*", "$", "\\": text += "\\\(character)"
      case "<" where next.isLetter || next == "/" || next == "!": text += "\\<"
      case "-" where next.isNumber && !(previous.isLetter || previous.isNumber): text += "−"
      case "\n": text += " "
      default: text.append(character)
      }
      previous = character
    }
    return text
  }
}
