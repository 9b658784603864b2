import NumberText
import Formats
import Foundation
import Workbench

/// How a number is printed in the running text.
///
/// | format | 0.98765 | 1234567 | 0.00000123 |
/// |---|---|---|---|
/// | `.2` digits after the point | 0.99 | 1234567.00 | 0.00 |
/// | `%1` a share as a percentage | 98.8 % | | |
/// | `p1` a share in percentage points | 98.8 | | |
/// | `,` whole, in groups of three | 1 | 1,234,567 | 0 |
/// | `e2` a power of ten | 9.88 · 10⁻¹ | 1.23 · 10⁶ | 1.23 · 10⁻⁶ |
/// | `g3` digits that count | 0.988 | 1,230,000 | 0.00000123 |
///
/// A plus sign before any of them writes the sign of positive numbers too. Minus signs are typographic.
struct NumberFormat: Equatable {
  enum Kind: Equatable {
    case fixed(Int)
    case percent(Int)
    case points(Int)
    case grouped
    case scientific(Int)
    case significant(Int)
  }

  static let forms =
    ".2 (digits after the point), %1 (percentage), p1 (percentage points), \",\" (groups of three), e2 (power of ten), g3 (digits that count)"

  let kind: Kind
  let isSigned: Bool

  /// - Returns: Nil when `text` is no format.
  init?(_ text: some StringProtocol) {
    isSigned = text.hasPrefix("+")
    let rest = isSigned ? text.dropFirst() : text[...]
    guard let first = rest.first else { return nil }
    if rest == "," {
      kind = .grouped
      return
    }
    let digits = rest.dropFirst()
    guard digits.allSatisfy({ ("0"..."9").contains($0) }), let count = Int(digits), count <= 12 else {
      return nil
    }
    switch first {
    case ".": kind = .fixed(count)
    case "%": kind = .percent(count)
    case "p": kind = .points(count)
    case "e": kind = .scientific(count)
    case "g" where count > 0: kind = .significant(count)
    default: return nil
    }
  }

  func text(_ value: Double) -> String {
    var text: String
    switch kind {
    case .fixed(let digits): text = fixed(value, digits)
    case .percent(let digits): text = percent(value, digits)
    case .points(let digits): text = fixed(value * 100, digits)
    case .grouped: text = inGroups(fixed(value, 0))
    case .scientific(let digits): text = scientific(value, digits)
    case .significant(let digits): text = significant(value, digits)
    }
    if isSigned, value > 0 { text = "+" + text }
    return text
  }
}
