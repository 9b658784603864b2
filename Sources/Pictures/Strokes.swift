// Lines, discs and filled outlines with soft edges. `x` and `y` are continuous here: the pixel [3, 5] covers 3 to 4
// and 5 to 6, and its middle is (3.5, 5.5).

/// A place on a picture.
public struct Point: Sendable, Equatable {
  /// Pixels to the right and downwards, from the upper left corner of the picture.
  public var x, y: Float

  /// - Parameters:
  ///   - x: Pixels to the right.
  ///   - y: Pixels downwards.
  public init(_ x: Float, _ y: Float) {
    self.x = x
    self.y = y
  }
}

extension Canvas {
  /// Draws a line through `points`, with round ends and corners.
  ///
  /// A pixel is as dark as its middle is near: fully up to half a pixel inside the edge, not at all half a pixel
  /// outside. Where pieces meet, the nearest one counts, so no corner is darker than the line.
  public mutating func line(through points: [Point], width lineWidth: Float = 1, color: Color = .ink) {
    if points.isEmpty { return }
    let reach = lineWidth / 2 + 0.5
    var coverage: [Int: Float] = [:]
    for k in 0..<max(points.count - 1, 1) {
      let (a, b) = (points[k], points[min(k + 1, points.count - 1)])
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let squared = dx * dx + dy * dy
      let rows = pixels(min(a.y, b.y) - reach, max(a.y, b.y) + reach, limit: height)
      for y in rows {
        // The part of the segment that can reach this row; a long slanting line would else visit its whole box.
        var (low, high) = (min(a.x, b.x), max(a.x, b.x))
        if abs(dy) > 1 {
          let t0 = (Float(y) + 0.5 - reach - a.y) / dy
          let t1 = (Float(y) + 0.5 + reach - a.y) / dy
          let (x0, x1) = (a.x + dx * max(0, min(1, t0)), a.x + dx * max(0, min(1, t1)))
          (low, high) = (min(x0, x1), max(x0, x1))
        }
        for x in pixels(low - reach, high + reach, limit: width) {
          let (px, py) = (Float(x) + 0.5 - a.x, Float(y) + 0.5 - a.y)
          let t = squared > 0 ? max(0, min(1, (px * dx + py * dy) / squared)) : 0
          let (ex, ey) = (px - t * dx, py - t * dy)
          let value = reach - (ex * ex + ey * ey).squareRoot()
          if value > 0 { coverage[y * width + x] = max(coverage[y * width + x] ?? 0, min(value, 1)) }
        }
      }
    }
    for (i, value) in coverage { blend(i % width, i / width, color, value) }
  }

  /// Draws a filled disc.
  public mutating func disc(_ center: Point, radius: Float, color: Color) {
    line(through: [center], width: 2 * radius, color: color)
  }

  /// Fills the outline through `points`, its last point joined to the first.
  public mutating func fill(outline points: [Point], _ color: Color, opacity: Float = 1) {
    guard let first = points.first else { return }
    let (top, bottom) = points.reduce((first.y, first.y)) { (min($0.0, $1.y), max($0.1, $1.y)) }
    let samples = 4
    for y in pixels(top, bottom, limit: height) {
      var coverage = [Float](repeating: 0, count: width)
      for s in 0..<samples {
        let level = Float(y) + (Float(s) + 0.5) / Float(samples)
        var crossings: [Float] = []
        for k in 0..<points.count {
          let (a, b) = (points[k], points[(k + 1) % points.count])
          if (a.y <= level) != (b.y <= level) {
            crossings.append(a.x + (level - a.y) / (b.y - a.y) * (b.x - a.x))
          }
        }
        crossings.sort()
        for k in stride(from: 0, to: crossings.count - 1, by: 2) {
          let (low, high) = (max(crossings[k], 0), min(crossings[k + 1], Float(width)))
          for x in pixels(low, high, limit: width) {
            let part = min(high, Float(x + 1)) - max(low, Float(x))
            coverage[x] += max(0, part) / Float(samples)
          }
        }
      }
      for x in 0..<width where coverage[x] > 0 { blend(x, y, color, opacity * min(coverage[x], 1)) }
    }
  }

  /// The pixels that the stretch from `low` to `high` touches, those of 0 up to `limit`.
  private func pixels(_ low: Float, _ high: Float, limit: Int) -> Range<Int> {
    if !(low <= high) { return 0..<0 }
    let first = Int(max(0, min(Float(limit), low.rounded(.down))))
    let last = Int(max(0, min(Float(limit), high.rounded(.up))))
    return first..<max(first, last)
  }
}
