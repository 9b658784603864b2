/// A sum of products, written out: "1·1 + 2·0 + 4·0 + 5·(−1) = −4".
public func sumOfProducts(_ factors: [(Float, Float)]) -> String {
  let shown = factors.count <= 12 ? factors[...] : factors[..<10]
  let terms = shown.enumerated().map { index, pair in
    "\(factor(pair.0, isFirst: index == 0))·\(factor(pair.1, isFirst: false))"
  }
  let rest = shown.count < factors.count ? ["… (\(factors.count) products)"] : []
  let sum = factors.reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
  return (terms + rest).joined(separator: " + ") + " = " + sum.shortText
}

/// The sum of whole numbers that come from an answer, and may be anything: where it does not fit into an `Int`, the
/// largest or the smallest one.
public func saturatingSum(_ numbers: some Sequence<Int>) -> Int {
  numbers.reduce(0) { sum, number in
    let (result, overflows) = sum.addingReportingOverflow(number)
    return overflows ? (number > 0 ? .max : .min) : result
  }
}

/// A number as a factor; a negative one in brackets where it follows a sign.
private func factor(_ number: Float, isFirst: Bool) -> String {
  let text = Double(number).shortText
  return number < 0 && !isFirst ? "(\(text))" : text
}

/// A number as it stands in a message: at most five figures, and a real minus sign.
public func written(_ number: Float) -> String { Double(number).shortText }
