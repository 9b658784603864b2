import Engine

/// Two clouds of points that overlap a little.
///
/// Class 0 lies around (−1, −0.5), class 1 around (1, 0.5); each coordinate has a standard deviation of 1. The line
/// between the two is best where it crosses the middle at a right angle, and even it gets 13 of 100 points wrong:
/// half the distance between the centres is `√1.25`, and `Φ(−√1.25) = 0.132`.
///
/// - Parameters:
///   - count: How many points; every second one is of class 1.
///   - stream: Where the numbers come from.
/// - Returns: The points, and their classes, 0 or 1.
/// - Book: section 0.8.
public func twoClouds(count: Int, from stream: inout RandomStream) -> (x: [Place], t: [Int]) {
  let classes = (0..<count).map { $0 % 2 }
  let points = classes.map { t in
    let side: Double = t == 1 ? 1 : -1
    return Place(side + Double(stream.normal()), side / 2 + Double(stream.normal()))
  }
  return (points, classes)
}
