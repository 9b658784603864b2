extension GeneratedDigits {
  /// What one image is drawn on, used again for the next.
  struct Page {
    static let box = 20
    /// Room around the box, so that soft edges need no care.
    static let margin = 4

    var knots: [Knot] = []
    var lines: [Line] = []
    /// How much of each pixel is inked, from 0 to 1; the box with its margin.
    private(set) var coverage = [Float](repeating: 0, count: pixels)

    /// Fits the lines into the box, proportions kept, and inks them.
    ///
    /// - Parameter softness: How many pixels wide the edge of a stroke is.
    mutating func ink(softness: Float) {
      fit()
      for i in coverage.indices { coverage[i] = 0 }
      let sharpness = 1 / softness
      let lines = lines
      coverage.withUnsafeMutableBufferPointer { coverage in
        for line in lines { Self.ink(line, sharpness: sharpness, on: coverage) }
      }
    }

    /// Moves and scales the lines so that their ink just fills the longer side of the box, and is in the middle of
    /// the other.
    private mutating func fit() {
      var low = Point(repeating: .infinity)
      var high = Point(repeating: -.infinity)
      for line in lines {
        let radius = max(line.fromRadius, line.toRadius)
        low = pointwiseMin(low, pointwiseMin(line.from, line.to) - radius)
        high = pointwiseMax(high, pointwiseMax(line.from, line.to) + radius)
      }
      let size = high - low
      let scale = Float(Self.box) / max(size.x, size.y)
      let offset = Point(repeating: Float(side) / 2) - (low + high) * (scale / 2)
      for i in lines.indices {
        lines[i].from = lines[i].from * scale + offset
        lines[i].to = lines[i].to * scale + offset
        lines[i].fromRadius *= scale
        lines[i].toRadius *= scale
      }
    }

    /// Inks every pixel as far as the pen's disc covers it on its way along one line.
    private static func ink(_ line: Line, sharpness: Float, on coverage: UnsafeMutableBufferPointer<Float>) {
      let reach = max(line.fromRadius, line.toRadius) + 0.5 / sharpness + 0.5
      let low = pointwiseMin(line.from, line.to) - reach
      let high = pointwiseMax(line.from, line.to) + reach
      let (x0, x1) = (max(0, Int(low.x)), min(side - 1, Int(high.x)))
      let (y0, y1) = (max(0, Int(low.y)), min(side - 1, Int(high.y)))
      if x0 > x1 || y0 > y1 { return }
      let way = line.to - line.from
      let perSquare = 1 / max(1e-6, way.x * way.x + way.y * way.y)
      for y in y0...y1 {
        let dy = Float(y) + 0.5 - line.from.y
        for x in x0...x1 {
          let dx = Float(x) + 0.5 - line.from.x
          let t = min(1, max(0, (dx * way.x + dy * way.y) * perSquare))
          let (ex, ey) = (dx - t * way.x, dy - t * way.y)
          let radius = line.fromRadius + t * (line.toRadius - line.fromRadius)
          let distance = (ex * ex + ey * ey).squareRoot()
          let part = min(1, max(0, (radius - distance) * sharpness + 0.5))
          let soft = part * part * (3 - 2 * part)
          let i = y * side + x
          if soft > coverage[i] { coverage[i] = soft }
        }
      }
    }

    /// Writes the image, moved by whole pixels so that the centre of mass of its ink is in the middle.
    func copyCentred(to image: UnsafeMutablePointer<UInt8>) {
      let side = GeneratedDigits.side
      var (mass, massX, massY) = (Float(0), Float(0), Float(0))
      for y in 0..<side {
        for x in 0..<side {
          let ink = coverage[y * side + x]
          mass += ink
          massX += ink * (Float(x) + 0.5)
          massY += ink * (Float(y) + 0.5)
        }
      }
      let middle = Float(side) / 2
      let shiftX = Int((middle - massX / mass).rounded())
      let shiftY = Int((middle - massY / mass).rounded())
      for y in 0..<side {
        for x in 0..<side {
          let (fromX, fromY) = (x - shiftX, y - shiftY)
          let inside = fromX >= 0 && fromX < side && fromY >= 0 && fromY < side
          image[y * side + x] = inside ? UInt8(coverage[fromY * side + fromX] * 255 + 0.5) : 0
        }
      }
    }
  }
}
