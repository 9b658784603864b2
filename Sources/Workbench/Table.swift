/// A table for people to read: columns that line up, numbers to the right.
public struct Table: Sendable, Codable, Equatable {
  /// The table's heading.
  public let title: String
  /// The columns' headings, from the left.
  public let columns: [String]
  /// The rows, each with one cell a column.
  public private(set) var rows: [[String]] = []

  /// A table without rows yet.
  public init(_ title: String, columns: [String]) {
    self.title = title
    self.columns = columns
  }

  /// Adds a row; traps when it has more or fewer cells than there are columns.
  public mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row; traps when it has more or fewer cells than there are columns.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }

  /// Column by column, whether it holds numbers, which stand to the right.
  public var isNumeric: [Bool] {
    columns.indices.map { c in
      rows.allSatisfy { $0[c].isEmpty || $0[c].first!.isNumber || "+-−±".contains($0[c].first!) }
    }
  }

  /// The table as lines of text.
  public var text: String {
    let widths = columns.indices.map { c in ([columns[c]] + rows.map { $0[c] }).map(\.count).max()! }
    let isNumeric = isNumeric
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { c in
        let space = String(repeating: " ", count: widths[c] - cells[c].count)
        return isNumeric[c] ? space + cells[c] : cells[c] + space
      }
      var line = "  " + padded.joined(separator: "   ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = "  " + widths.map { String(repeating: "─", count: $0) }.joined(separator: "───")
    return ([title, line(columns), rule] + rows.map(line)).joined(separator: "\n")
  }
}
