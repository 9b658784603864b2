import Foundation

/// How a number went while an answer ran, such as the loss, step by step.
public struct Curve: Sendable {
  /// What it is, such as "the loss on digits that it never saw".
  public let name: String
  /// The number at each step, of the answer that is checked.
  public let yours: [Double]
  /// The same of an answer without faults; empty where there is none.
  public let expected: [Double]

  /// A curve of as many steps as there are numbers.
  public init(_ name: String, yours: [Double], expected: [Double] = []) {
    (self.name, self.yours, self.expected) = (name, yours, expected)
  }
}

extension Curve {
  /// The curve in characters: `●` yours, `·` expected, and where both meet, yours.
  ///
  /// Each column shows the mean of the steps that fall into it, so that a noisy curve can be read. A curve of yours that
  /// goes far beyond the expected one is cut off, and `▲` or `▼` stand at the edge; what is not finite is not drawn, and
  /// the first line says so.
  ///
  /// - Parameters:
  ///   - width: The columns between the axes.
  ///   - height: The rows.
  func chart(width: Int = 56, height: Int = 9) -> [String] {
    let steps = max(yours.count, expected.count)
    let columns = min(width, steps)
    let (mine, others) = (Self.means(yours, columns, of: steps), Self.means(expected, columns, of: steps))
    guard let (low, high) = Self.ends(mine.compactMap(\.self), others.compactMap(\.self)), columns > 1 else {
      return ["\(name): nothing to draw"]
    }
    var rows = [[Character]](repeating: [Character](repeating: " ", count: columns), count: height)
    for (points, mark) in [(others, Character("·")), (mine, Character("●"))] {
      for (column, point) in points.enumerated() {
        guard let point else { continue }
        let inside = min(max(point, low), high)
        let row = height - 1 - Int(((inside - low) / (high - low) * Double(height - 1)).rounded())
        rows[row][column] = point > high ? "▲" : point < low ? "▼" : mark
      }
    }
    let labels = (0..<height).map { row in
      row.isMultiple(of: 4) ? Self.label(high - (high - low) * Double(row) / Double(height - 1)) : ""
    }
    let margin = labels.map(\.count).max() ?? 0
    let lost = yours.count { !$0.isFinite }
    let legend =
      "\(name):  ● yours" + (expected.isEmpty ? "" : "  · expected")
      + (lost > 0 ? "  (\(lost) of yours are not finite)" : "")
    return [legend]
      + zip(labels, rows).map { label, row in
        let line = label.paddedLeft(to: margin) + " ┤" + String(row)
        return String(line.reversed().drop { $0 == " " }.reversed())
      } + [
        String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: columns),
        String(repeating: " ", count: margin + 2) + "1" + "\(steps)".paddedLeft(to: columns - 1),
      ]
  }

  /// The ends of the axis: all of the expected curve, and of the other as much as leaves that one readable.
  private static func ends(_ mine: [Double], _ others: [Double]) -> (low: Double, high: Double)? {
    // A number whose distance from another is not finite cannot be placed.
    let all = (mine + others).map { min(max($0, -1e300), 1e300) }
    guard var low = all.min(), var high = all.max() else { return nil }
    if let least = others.min(), let most = others.max(), most > least {
      let room = 1.5 * (most - least)
      (low, high) = (max(low, least - room), min(high, most + room))
    }
    return high > low ? (low, high) : (low - 0.5, high + 0.5)
  }

  /// The mean of the finite numbers in each column; nil where there are none.
  private static func means(_ numbers: [Double], _ columns: Int, of steps: Int) -> [Double?] {
    (0..<columns).map { column in
      let range = (column * steps / columns..<(column + 1) * steps / columns).clamped(to: 0..<numbers.count)
      let part = numbers[range].filter(\.isFinite)
      return part.isEmpty ? nil : part.reduce(0) { $0 + $1 / Double(part.count) }
    }
  }

  private static func label(_ number: Double) -> String {
    String(format: "%.3g", number).replacingOccurrences(of: "-", with: "−")
  }
}
