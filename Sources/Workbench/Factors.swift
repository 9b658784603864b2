import Foundation

/// A number that may be far from 1, for a table: `1.6·10⁻⁸` where it is, `0.630` or `12.34` where it is not.
public func power(_ x: Double) -> String {
  guard x > 0, x.isFinite else { return fixed(x, 0) }
  if x >= 0.01, x < 100 { return fixed(x, x < 1 ? 3 : 2) }
  var exponent = Int(log10(x).rounded(.down))
  var mantissa = (x / pow(10, Double(exponent)) * 10).rounded() / 10
  if mantissa >= 10 { (mantissa, exponent) = (1, exponent + 1) }
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  let raised = (exponent < 0 ? "⁻" : "") + String(String(abs(exponent)).map { digits[Int(String($0))!] })
  return "\(fixed(mantissa, 1))·10\(raised)"
}

/// The mean of positive numbers that differ by factors, `exp(mean of ln x)`.
public func geometricMean(_ values: [Double]) -> Double {
  exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
}
