import Tensors

extension GeneratedDigits {
  typealias Point = SIMD2<Float>

  /// A place that the pen passes, smoothly or turning sharply.
  struct Knot {
    var place: Point
    var isCorner = false
    /// Whether the pen is put down here.
    var startsStroke = false
  }

  /// Somebody's hand: it decides by chance, and notes the knots that the pen is to pass.
  ///
  /// A digit is about one high: `y` is 0 at its top and 1 at its foot, `x` grows to the right from 0.
  struct Hand {
    var random: RandomStream
    var knots: [Knot] = []

    init(random: RandomStream) {
      self.random = random
      knots.reserveCapacity(64)
    }

    // MARK: Chance

    /// A number near `mean`, the nearer the likelier, and never beyond 2.5 deviations: few hands are extreme.
    ///
    /// The sum of two 24-bit numbers: whole numbers, so it is the same on every machine.
    mutating func vary(_ mean: Float, by deviation: Float) -> Float {
      let bits = random.next()
      let sum = Int(bits >> 40) + Int(bits & 0xFF_FFFF) - 0xFF_FFFF
      // Two numbers that are uniform on 0..<2²⁴ have the deviation 2²⁴ √(2/12).
      return mean + deviation * (Float(sum) * (0x1p-24 * 2.449_489_7))
    }

    mutating func chance(_ probability: Float) -> Bool { random.uniform() < probability }

    // MARK: Strokes

    /// Puts the pen down.
    mutating func start(_ x: Float, _ y: Float) {
      knots.append(Knot(place: Point(x, y), isCorner: true, startsStroke: true))
    }

    /// On to a place, smoothly.
    mutating func through(_ x: Float, _ y: Float) { knots.append(Knot(place: Point(x, y))) }

    /// On to a place where the pen stops or turns sharply.
    mutating func corner(_ x: Float, _ y: Float) { knots.append(Knot(place: Point(x, y), isCorner: true)) }

    /// On along an ellipse; the angles are hours on a clock's face: 12 is at the top, 3 on the right, and `to` less
    /// than `from` goes against the clock.
    ///
    /// - Parameters:
    ///   - closing: What the radius has grown to in the end: more than 1 spirals out, less spirals in.
    ///   - tilt: How far the ellipse leans to the right, as a part of its height.
    mutating func arc(
      _ x: Float, _ y: Float, _ radiusX: Float, _ radiusY: Float, from: Float, to: Float, closing: Float = 1,
      tilt: Float = 0, isStart: Bool = false
    ) {
      let steps = max(2, Int((abs(to - from) * (1 / 1.5)).rounded(.up)))
      for step in 0...steps {
        let part = Float(step) / Float(steps)
        let direction = clockHand(from + (to - from) * part)
        let growth = 1 + (closing - 1) * part
        let rise = -direction.y * radiusY * growth
        let place = Point(x + direction.x * radiusX * growth + tilt * rise, y - rise)
        let isFirst = isStart && step == 0
        knots.append(Knot(place: place, isCorner: isFirst, startsStroke: isFirst))
      }
    }
  }

  /// Where the hand of a clock points at `hour`, with `y` downwards; good to 1e-6.
  ///
  /// Polynomials, because the system's sine differs in its last bit from machine to machine.
  static func clockHand(_ hour: Float) -> Point {
    let quarters = (hour * (1 / 3)).rounded()
    let angle = (hour - 3 * quarters) * (.pi / 6)  // at most an eighth of a turn from a quarter hour
    let square = angle * angle
    let sine = angle * (1 - square * (1 / 6 - square * (1 / 120 - square * (1 / 5040))))
    let cosine = 1 - square * (1 / 2 - square * (1 / 24 - square * (1 / 720)))
    switch Int(quarters) & 3 {
    case 0: return Point(sine, -cosine)
    case 1: return Point(cosine, sine)
    case 2: return Point(-sine, cosine)
    default: return Point(-cosine, -sine)
    }
  }
}
