import Foundation

/// A number as a reader likes it: about `digits` significant ones, a true minus sign, a comma between thousands.
func readable(_ x: Double, digits: Int = 3) -> String {
  if x.isNaN { return "NaN" }
  if x.isInfinite { return x < 0 ? "−∞" : "∞" }
  if x == 0 { return "0" }
  let size = abs(x)
  if size < 1e-3 || size >= 1e7 {
    let exponent = Int(log10(size).rounded(.down))
    var mantissa = (size / pow(10, Double(exponent)) * pow(10, Double(digits - 1))).rounded()
    mantissa /= pow(10, Double(digits - 1))
    let (m, e) = mantissa >= 10 ? (mantissa / 10, exponent + 1) : (mantissa, exponent)
    let power = "10" + superscript(e)
    let text = m == 1 ? power : trimmed(String(format: "%.*f", digits - 1, m)) + "·" + power
    return (x < 0 ? "−" : "") + text
  }
  let whole = Int(log10(size).rounded(.down)) + 1
  return fixed(x, max(0, digits - whole), trimming: true)
}

/// A number with so many digits after the point.
func fixed(_ x: Double, _ digits: Int, trimming: Bool = false) -> String {
  var text = String(format: "%.*f", digits, abs(x))
  if trimming { text = trimmed(text) }
  let parts = text.split(separator: ".")
  text = thousands(String(parts[0])) + (parts.count > 1 ? "." + parts[1] : "")
  let isZero = !text.contains { $0 != "0" && $0 != "." }
  return (x < 0 && !isZero ? "−" : "") + text
}

/// A whole number with a comma between its thousands.
func readable(_ x: Int) -> String { (x < 0 ? "−" : "") + thousands(String(x.magnitude)) }

/// A share as a percentage: `98.1 %`, and never `100 %` or `0 %` unless it is all or nothing.
func percent(_ part: Int, of whole: Int) -> String {
  if whole == 0 { return "–" }
  let share = Double(part) / Double(whole) * 100
  if part == whole { return "100 %" }
  if part == 0 { return "0 %" }
  return fixed(max(0.1, min(99.9, share)), 1) + " %"
}

func superscript(_ x: Int) -> String {
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  return (x < 0 ? "⁻" : "") + String(String(x.magnitude).map { digits[Int($0.asciiValue!) - 48] })
}

private func thousands(_ digits: String) -> String {
  var text = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

private func trimmed(_ text: String) -> String {
  guard text.contains(".") else { return text }
  var text = text
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text
}
