import Engine
import Foundation

/// Draws circles, squares and triangles of random sizes in random places, 28×28, to have something to learn from.
func draw(into folder: String, count: Int = 200) throws {
  var random = RandomStream(seed: 7)
  let shapes: [(name: String, isInside: (_ x: Float, _ y: Float) -> Bool)] = [
    ("circle", { x, y in x * x + y * y < 1 }),
    ("square", { x, y in abs(x) < 0.9 && abs(y) < 0.9 }),
    ("triangle", { x, y in y < 0.9 && abs(x) < (y + 0.9) / 1.8 }),
  ]
  for shape in shapes {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/\(shape.name)", withIntermediateDirectories: true)
    for number in 1...count {
      let radius = random.uniform(4..<10)
      let (left, top) = (random.uniform(radius..<27 - radius), random.uniform(radius..<27 - radius))
      let pixels = (0..<28 * 28).map { place -> UInt8 in
        let (x, y) = (Float(place % 28) - left, Float(place / 28) - top)
        return shape.isInside(x / radius, y / radius) ? 0 : 255
      }
      try PNG(width: 28, height: 28, color: .gray, bytes: pixels).write(
        to: "\(folder)/\(shape.name)/\(number).png")
    }
  }
}
