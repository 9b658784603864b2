extension GeneratedDigits.Hand {
  /// Notes the knots of a digit, written in one of the ways in which people write it.
  ///
  /// - Returns: Which way: its place in the list of ways at the digit's function.
  @discardableResult
  mutating func write(_ digit: Int) -> Int {
    switch digit {
    case 0: zero()
    case 1: one()
    case 2: two()
    case 3: three()
    case 4: four()
    case 5: five()
    case 6: six()
    case 7: seven()
    case 8: eight()
    default: nine()
    }
  }

  /// One of the ways, each as likely as its weight says.
  mutating func choose(_ weights: Float...) -> Int {
    var left = random.uniform() * weights.reduce(0, +)
    for (way, weight) in weights.enumerated() {
      if left < weight { return way }
      left -= weight
    }
    return weights.count - 1
  }
}
