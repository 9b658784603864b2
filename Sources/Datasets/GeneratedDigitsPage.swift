import Tensors

extension GeneratedDigits {
  /// What one image is drawn on, used again for the next.
  struct Page {
    /// The width and the height of the box into which digits are fitted, and the room around it.
    static let box = 20
    static let margin = 4

    var lines: [Line] = []
    /// How deep in the ink the middle of each pixel of the box lies, in pixels; negative on paper.
    private var depths = [Float](repeating: 0, count: box * box)
    /// The ink of each pixel of the box, from 0 to 255.
    private(set) var inks = [UInt8](repeating: 0, count: box * box)

    /// Fits the lines into the box, proportions kept, and inks them.
    ///
    /// - Parameters:
    ///   - softness: How many pixels wide the edge of a stroke is.
    ///   - grain: How far, in pixels, the paper's roughness moves the edge at most.
    mutating func ink(softness: Float, grain: Float, random: inout RandomStream) {
      fit()
      for i in depths.indices { depths[i] = -100 }
      depths.withUnsafeMutableBufferPointer { depths in
        for line in lines { Self.sink(line, reach: softness, into: depths) }
      }
      let sharpness = 1 / softness
      let scale = grain * (2 / 255)
      var noise: UInt64 = 0
      for i in depths.indices {
        if i % 8 == 0 { noise = random.next() }
        let depth = depths[i] + Float(Int(noise & 0xFF)) * scale - grain
        noise >>= 8
        let part = min(1, max(0, depth * sharpness + 0.5))
        // Smooth at both ends.
        inks[i] = UInt8(part * part * (3 - 2 * part) * 255 + 0.5)
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
      let scale = (Float(Self.box) - 0.6) / max(size.x, size.y)
      let offset = Point(repeating: Float(Self.box) / 2) - (low + high) * (scale / 2)
      for i in lines.indices {
        lines[i].from = lines[i].from * scale + offset
        lines[i].to = lines[i].to * scale + offset
        lines[i].fromRadius *= scale
        lines[i].toRadius *= scale
      }
    }

    /// Notes for every pixel near a line how deep in its ink it lies: the radius of the pen at the line's nearest
    /// point, less the distance from there.
    private static func sink(_ line: Line, reach: Float, into depths: UnsafeMutableBufferPointer<Float>) {
      let reach = max(line.fromRadius, line.toRadius) + reach
      let low = pointwiseMin(line.from, line.to) - reach
      let high = pointwiseMax(line.from, line.to) + reach
      let (x0, x1) = (max(0, Int(low.x)), min(box - 1, Int(high.x)))
      let (y0, y1) = (max(0, Int(low.y)), min(box - 1, Int(high.y)))
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
          let depth = radius - (ex * ex + ey * ey).squareRoot()
          let i = y * box + x
          if depth > depths[i] { depths[i] = depth }
        }
      }
    }

    /// Writes the image: the box, moved by whole pixels so that the centre of mass of its ink is in the middle.
    func copyCentred(to image: UnsafeMutablePointer<UInt8>) { Self.copyCentred(inks, to: image) }

    /// Writes an image of 28×28: the 20×20 `inks`, moved by whole pixels so that their centre of mass is in the middle.
    static func copyCentred(_ inks: [UInt8], to image: UnsafeMutablePointer<UInt8>) {
      // Whole numbers, so that the order of adding does not matter.
      var (mass, massX, massY) = (0, 0, 0)
      for y in 0..<box {
        for x in 0..<box {
          let ink = Int(inks[y * box + x])
          mass += ink
          massX += ink * (2 * x + 1)
          massY += ink * (2 * y + 1)
        }
      }
      let left = start(centreOfMass: Float(massX) / Float(2 * mass))
      let top = start(centreOfMass: Float(massY) / Float(2 * mass))
      image.update(repeating: 0, count: pixels)
      inks.withUnsafeBufferPointer { inks in
        for y in 0..<box {
          (image + (top + y) * side + left).update(from: inks.baseAddress! + y * box, count: box)
        }
      }
    }

    /// Where the box begins in the image, so that its centre of mass is in the image's middle.
    private static func start(centreOfMass: Float) -> Int {
      min(2 * margin, max(0, Int((Float(side) / 2 - centreOfMass).rounded())))
    }
  }
}
