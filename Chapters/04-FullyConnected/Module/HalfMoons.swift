import Engine
import Foundation

/// Points on two half moons that lie into each other: no straight line parts them.
///
/// - Parameters:
///   - count: How many points; every second one belongs to class 1.
///   - noise: The deviation of their distance from the moon's line.
/// - Returns: The points, `[count, 2]`, and their classes.
/// - Book: section 4.6.
public func halfMoons(count: Int, noise: Double, from stream: inout RandomStream) -> (
  x: Matrix<Double>, t: [Int]
) {
  var x = Matrix<Double>(rows: count, columns: 2)
  for n in 0..<count {
    let angle = Double(stream.uniform()) * Double.pi
    let isSecond = n % 2 == 1
    // The upper moon around (−0.5, −0.25), the lower one turned by half a circle.
    let sign: Double = isSecond ? -1 : 1
    x[n, 0] = sign * (cos(angle) - 0.5) + noise * Double(stream.normal())
    x[n, 1] = sign * (sin(angle) - 0.25) + noise * Double(stream.normal())
  }
  return (x, (0..<count).map { $0 % 2 })
}
