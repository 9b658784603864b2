import Foundation

/// A number in so many digits that count, with a comma between its thousands: `0.988`, `1,230,000`, `0.00000123`.
public func significant(_ value: Double, _ digits: Int) -> String {
  guard value != 0, value.isFinite else { return fixed(value, digits - 1) }
  var exponent = Int(log10(abs(value)).rounded(.down))
  let unit = pow(10, Double(exponent - digits + 1))
  if (abs(value) / unit).rounded() * unit >= pow(10, Double(exponent + 1)) { exponent += 1 }
  let after = digits - 1 - exponent
  if after >= 0 { return inGroups(fixed(value, after)) }
  let rounded = (value / pow(10, Double(-after))).rounded() * pow(10, Double(-after))
  return inGroups(fixed(rounded, 0))
}

/// A number as a power of ten, mantissa and exponent rounded together: 9.996 with two digits is `1.00 · 10¹`.
public func scientific(_ value: Double, _ digits: Int) -> String {
  guard value != 0, value.isFinite else { return fixed(value, digits) }
  var exponent = Int(log10(abs(value)).rounded(.down))
  let scale = pow(10, Double(digits))
  func mantissa() -> Double { (abs(value) / pow(10, Double(exponent)) * scale).rounded() / scale }
  if mantissa() >= 10 { exponent += 1 }
  if mantissa() < 1 { exponent -= 1 }
  let sign = value < 0 ? "−" : ""
  return sign + fixed(mantissa(), digits) + " · 10" + superscript(exponent)
}

/// A number as a picture shows it: about `digits` that count, no zeros at the end, very large and small ones as powers
/// of ten: `0.5`, `1,234`, `2.5·10⁻⁴`.
public func readable(_ x: Double, digits: Int = 3) -> String {
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
    return (x < 0 ? "−" : "") + (m == 1 ? power : trimmed(fixed(m, digits - 1)) + "·" + power)
  }
  let whole = Int(log10(size).rounded(.down)) + 1
  return inGroups(trimmed(fixed(x, max(0, digits - whole))))
}

/// A whole number as a picture shows it: `1,234`.
public func readable(_ x: Int) -> String { grouped(x) }

/// `-12` → `⁻¹²`
public func superscript(_ number: Int) -> String {
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  return (number < 0 ? "⁻" : "")
    + String(String(number.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } })
}

/// With a comma between the thousands of the whole part.
public func inGroups(_ number: String) -> String {
  let sign = number.hasPrefix("−") ? "−" : ""
  let parts = number.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
  guard let whole = parts.first, whole.allSatisfy(\.isNumber) else { return number }
  return sign + commas(in: String(whole)) + (parts.count == 2 ? "." + parts[1] : "")
}

/// Without the zeros at the end of the fraction.
private func trimmed(_ number: String) -> String {
  guard number.contains(".") else { return number }
  var text = number
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text == "−0" ? "0" : text
}
