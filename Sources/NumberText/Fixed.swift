// Numbers as people read them: in tables, on axes, in messages, in the book. Minus signs are typographic, thousands
// have a comma, and a percent sign stands apart. Whatever prints a number for a person prints it by these.

/// A number with a fixed count of digits after the point: `-1.005` with two is `−1.01`.
public func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e15 else { return "\(value)" }
  let sign = value < 0 && scaled > 0 ? "−" : ""
  let whole = String(Int(scaled))
  if digits == 0 { return sign + whole }
  let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
  return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
}

/// A share from 0 to 1 as a percentage: `98.7 %`.
public func percent(_ share: Double, _ digits: Int = 1) -> String { fixed(share * 100, digits) + " %" }

/// A share as a percentage: `98.1 %`, and never `100 %` or `0 %` unless it is all or nothing.
public func percent(_ part: Int, of whole: Int) -> String {
  if whole == 0 { return "–" }
  if part == whole { return "100 %" }
  if part == 0 { return "0 %" }
  return fixed(max(0.1, min(99.9, Double(part) / Double(whole) * 100)), 1) + " %"
}
