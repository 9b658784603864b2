/// A whole number with a comma between its thousands: `4,999,871`.
public func grouped(_ number: some BinaryInteger) -> String {
  (number < 0 ? "−" : "") + commas(in: String(number.magnitude))
}

/// A number without its fraction, with a comma between its thousands: `12,345`.
public func grouped(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  return grouped(Int(value.rounded()))
}

/// A count and its noun: `1 byte`, `1,024 bytes`.
public func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// Digits with a comma before every third from the end.
func commas(in digits: String) -> String {
  var text = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}
