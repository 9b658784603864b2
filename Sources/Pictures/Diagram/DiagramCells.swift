/// Cells in rows and columns, as they were drawn: where each of them is.
public struct CellGrid: Sendable {
  /// The whole.
  public let frame: Frame
  let cell: (width: Float, height: Float)

  /// One cell.
  public subscript(row: Int, column: Int) -> Frame { self[row...row, column...column] }

  /// Some rows and columns together.
  public subscript(rows: ClosedRange<Int>, columns: ClosedRange<Int>) -> Frame {
    Frame(
      frame.x + Float(columns.lowerBound) * cell.width, frame.y + Float(rows.lowerBound) * cell.height,
      Float(columns.count) * cell.width, Float(rows.count) * cell.height)
  }
}

extension Diagram {
  /// How much of a tone's strong colour a cell may have below a text: more, and the text is no longer legible.
  public static let deepest: Float = 0.45

  /// Cells with texts, row by row.
  ///
  /// - Parameters:
  ///   - rows: The texts; empty ones leave the cell empty.
  ///   - x: The left edge.
  ///   - y: The upper edge.
  ///   - cell: A cell's width and height.
  ///   - size: The texts' size.
  ///   - tone: The tone of a cell's ground and edge, by row and column.
  ///   - shade: How much of the tone's strong colour a cell has, from 0 to 1, by row and column; nil for its pale one.
  ///   - text: The tone of a cell's text, by row and column.
  ///   - heading: A text above.
  @discardableResult
  public mutating func cells(
    _ rows: [[String]], x: Float, y: Float, cell: (width: Float, height: Float) = (36, 32),
    size: Size = .body,
    tone: (Int, Int) -> Tone = { _, _ in .soft }, shade: ((Int, Int) -> Float?)? = nil,
    text: (Int, Int) -> Tone = { _, _ in .ink }, heading: String = ""
  ) -> CellGrid {
    let columns = rows.map(\.count).max() ?? 0
    let grid = CellGrid(
      frame: Frame(x, y, Float(columns) * cell.width, Float(rows.count) * cell.height), cell: cell)
    for (i, row) in rows.enumerated() {
      for (j, label) in row.enumerated() {
        let share = shade?(i, j)
        let fill =
          share.map { Fill.strong(tone(i, j), max(0, min(1, $0)) * Self.deepest) } ?? .tint(tone(i, j))
        rectangle(grid[i, j], fill, Stroke(.soft, width: 1))
        if !label.isEmpty { self.text(label, grid[i, j].center, tone: text(i, j), size: size) }
      }
    }
    if !heading.isEmpty { self.text(heading, grid.frame.top.moved(0, -14), tone: .soft, size: .small) }
    return grid
  }

  /// A row of cells that stand for numbers that are not shown: a vector.
  @discardableResult
  public mutating func vector(
    _ count: Int, x: Float, y: Float, cell: (width: Float, height: Float) = (14, 14), _ tone: Tone,
    upright: Bool = false
  ) -> CellGrid {
    let rows = upright ? [[String]](repeating: [""], count: count) : [[String](repeating: "", count: count)]
    return cells(rows, x: x, y: y, cell: cell, tone: { _, _ in tone })
  }
}
