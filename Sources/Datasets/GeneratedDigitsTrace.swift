extension GeneratedDigits {
  /// A short straight piece of the pen's way; the pen's radius changes evenly from one end to the other.
  struct Line {
    var from: Point
    var to: Point
    var fromRadius: Float
    var toRadius: Float
  }
}

extension GeneratedDigits.Hand {
  typealias Point = GeneratedDigits.Point
  typealias Line = GeneratedDigits.Line

  /// Moves the pen through the knots: in this hand's slant and proportions, and not quite where it wanted to go.
  mutating func trace(into lines: inout [Line]) {
    wander()
    pose()
    // Most pens are thin, a few are very thick.
    let weight = vary(0, by: 1)
    let radius = min(max(0.04, 0.068 + 0.019 * weight + 0.004 * weight * weight), 0.13)
    // A broad nib writes thin lines where it moves along its edge.
    let nib = GeneratedDigits.clockHand(vary(1.5, by: 0.8))
    let breadth = abs(vary(0, by: 0.16))
    var first = 0
    while first < knots.count - 1 {
      // A run of knots from one corner to the next, without a sharp turn between.
      if knots[first + 1].startsStroke {
        first += 1
        continue
      }
      var last = first + 1
      while last < knots.count - 1, !knots[last].isCorner, !knots[last + 1].startsStroke { last += 1 }
      curve(first...last, into: &lines) { direction in
        let across = abs(direction.x * nib.y - direction.y * nib.x)
        return radius * (1 + breadth * (across - 0.6))
      }
      first = last
    }
    press(&lines)
  }

  /// Lets the pressure on the pen drift along the way, and the paper roughen the line.
  private mutating func press(_ lines: inout [Line]) {
    let unsteadiness = abs(vary(0, by: 0.14))
    let roughness = abs(vary(0.06, by: 0.03))
    var pressure = min(max(vary(0, by: unsteadiness), -0.4), 0.4)
    var rough: Float = 0
    for i in lines.indices {
      lines[i].fromRadius *= 1 + pressure + rough
      pressure = min(max(vary(0.94 * pressure, by: 0.25 * unsteadiness), -0.4), 0.4)
      rough = vary(0, by: roughness)
      lines[i].toRadius *= 1 + pressure + rough
    }
  }

  /// Moves every knot a little; neighbours are moved alike, as a hand does.
  private mutating func wander() {
    let amount = abs(vary(0.012, by: 0.008))
    let drift = abs(vary(0.022, by: 0.01))
    var common = Point(vary(0, by: drift), vary(0, by: drift))
    for i in knots.indices {
      let step = Point(vary(0, by: drift), vary(0, by: drift))
      common = common * 0.75 + step * 0.66
      knots[i].place += common + Point(vary(0, by: amount), vary(0, by: amount))
    }
  }

  /// Slant, rotation, proportions, and a gentle bend of the whole sheet.
  private mutating func pose() {
    let slant = vary(0.05, by: 0.21)
    let wide = max(0.7, vary(1.1, by: 0.15))
    // A rotation by twice the angle of this tangent, without a sine.
    let tangent = vary(0, by: 0.045)
    let cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
    let sine = 2 * tangent / (1 + tangent * tangent)
    let (uxx, uxy, uyy) = (bend(), bend(), bend())
    let (vxx, vxy, vyy) = (bend(), bend(), bend())
    for i in knots.indices {
      let x = (knots[i].place.x - 0.3) * wide
      let y = knots[i].place.y - 0.5
      let u = x + uxx * x * x + uxy * x * y + uyy * y * y - slant * y
      let v = y + vxx * x * x + vxy * x * y + vyy * y * y
      knots[i].place = Point(cosine * u - sine * v, sine * u + cosine * v)
    }
  }

  private mutating func bend() -> Float { vary(0, by: 0.18) }

  /// A smooth curve through the knots of a run: cubic pieces whose directions at a knot are those of the parabola
  /// through it and its two neighbours.
  private func curve(_ run: ClosedRange<Int>, into lines: inout [Line], radius: (Point) -> Float) {
    func place(_ i: Int) -> Point { knots[i].place }
    func distance(_ i: Int) -> Float { max(1e-3, length(place(i + 1) - place(i))) }
    /// The derivative by the way's length.
    func direction(_ i: Int) -> Point {
      if i == run.lowerBound || i == run.upperBound {
        let near = i == run.lowerBound ? i : i - 1
        let straight = (place(near + 1) - place(near)) / distance(near)
        if run.count == 2 { return straight }
        return straight * 1.5 - direction(i == run.lowerBound ? i + 1 : i - 1) * 0.5
      }
      let before = distance(i - 1)
      let after = distance(i)
      let slopeBefore = (place(i) - place(i - 1)) / before
      let slopeAfter = (place(i + 1) - place(i)) / after
      return (slopeBefore * after + slopeAfter * before) / (before + after)
    }
    for i in run.dropLast() {
      let span = distance(i)
      let (p, q) = (place(i), place(i + 1))
      let (a, b) = (direction(i) * span, direction(i + 1) * span)
      let steps = max(1, Int((span * 16).rounded(.up)))
      var previous = p
      for step in 1...steps {
        let t = Float(step) / Float(steps)
        let s = 1 - t
        let next = p * (s * s * (1 + 2 * t)) + a * (t * s * s) + q * (t * t * (3 - 2 * t)) - b * (t * t * s)
        let move = next - previous
        let width = radius(move / max(1e-6, length(move)))
        lines.append(Line(from: previous, to: next, fromRadius: width, toRadius: width))
        previous = next
      }
    }
  }

  private func length(_ v: Point) -> Float { (v.x * v.x + v.y * v.y).squareRoot() }
}
