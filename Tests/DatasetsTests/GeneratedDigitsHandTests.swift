import Foundation
import Tensors
import Testing

@testable import Datasets

/// The parts of which a generated digit is made.
@Suite struct GeneratedDigitsHandTests {
  typealias Hand = GeneratedDigits.Hand

  private func hand(_ stream: UInt64) -> Hand { Hand(random: RandomStream(seed: 3, stream: stream)) }

  @Test func everyWayToWriteADigitOccurs() {
    let ways = [4, 3, 4, 4, 4, 3, 4, 4, 4, 4]
    for digit in 0...9 {
      var seen = [Int](repeating: 0, count: ways[digit])
      for stream in 0..<500 as Range<UInt64> {
        var hand = hand(stream)
        seen[hand.write(digit)] += 1
      }
      #expect(seen.allSatisfy { $0 >= 10 }, "digit \(digit): \(seen)")
    }
  }

  @Test func variedNumbersHaveTheirMeanAndDeviation() {
    var hand = hand(0)
    let numbers = (0..<100_000).map { _ in Double(hand.vary(5, by: 2)) }
    let mean = numbers.reduce(0, +) / 100_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
    #expect(abs(mean - 5) < 0.03)
    #expect(abs(variance.squareRoot() - 2) < 0.02)
    #expect(numbers.allSatisfy { abs($0 - 5) < 5 })
  }

  @Test func theClocksHandPointsWhereSineAndCosineSay() {
    for step in -3000...3000 {
      let hour = Float(step) / 100
      let angle = Double(hour) * .pi / 6
      let place = GeneratedDigits.clockHand(hour)
      #expect(abs(Double(place.x) - sin(angle)) < 1e-5 && abs(Double(place.y) + cos(angle)) < 1e-5, "\(hour)")
    }
  }

  @Test func anArcRunsRoundItsEllipse() {
    var hand = hand(0)
    hand.arc(1, 2, 0.5, 0.25, from: 12, to: 0, closing: 2, isStart: true)
    #expect(hand.knots.count == 9)
    #expect(hand.knots.map(\.startsStroke) == [true] + [Bool](repeating: false, count: 8))
    // 12 o'clock, then against the clock: 9, 6, 3, and 12 again, twice as far out.
    let expected: [SIMD2<Float>] = [
      [1, 2 - 0.25], [1 - 0.5 * 1.25, 2], [1, 2 + 0.25 * 1.5], [1 + 0.5 * 1.75, 2], [1, 2 - 0.25 * 2],
    ]
    for (i, place) in expected.enumerated() {
      let difference = hand.knots[2 * i].place - place
      #expect(abs(difference.x) < 1e-5 && abs(difference.y) < 1e-5, "knot \(2 * i)")
    }
  }

  /// The lines of a stroke are joined; where a new stroke begins, the pen is lifted.
  @Test func linesFollowTheStrokes() {
    var wrong: [String] = []
    for digit in 0...9 {
      for stream in 0..<50 as Range<UInt64> {
        var hand = hand(stream)
        hand.write(digit)
        var lines: [GeneratedDigits.Line] = []
        hand.trace(into: &lines)
        let jumps = zip(lines, lines.dropFirst()).count { $0.to != $1.from }
        let isRight =
          jumps == hand.knots.count(where: \.startsStroke) - 1
          && lines.allSatisfy { $0.fromRadius > 0.01 && $0.toRadius > 0.01 && $0.fromRadius < 0.3 }
          // The pen comes by every knot.
          && hand.knots.allSatisfy { knot in lines.contains { $0.from == knot.place || $0.to == knot.place } }
        if !isRight { wrong.append("digit \(digit), stream \(stream)") }
      }
    }
    #expect(wrong == [])
  }

  /// The page looks only at the pixels near a line; here is every pixel with every line.
  @Test func inkIsWhereTheNearestLineSays() {
    var page = GeneratedDigits.Page()
    var worst = 0.0
    for stream in 0..<20 as Range<UInt64> {
      var hand = hand(stream)
      hand.write(Int(stream) % 10)
      page.lines = []
      hand.trace(into: &page.lines)
      page.ink(softness: 1.5, grain: 0, random: &hand.random)
      for y in 0..<20 {
        for x in 0..<20 {
          var depth = -Double.infinity
          for line in page.lines {
            let (ax, ay) = (Double(x) + 0.5 - Double(line.from.x), Double(y) + 0.5 - Double(line.from.y))
            let (bx, by) = (Double(line.to.x - line.from.x), Double(line.to.y - line.from.y))
            let t = min(1, max(0, (ax * bx + ay * by) / max(1e-6, bx * bx + by * by)))
            let radius = Double(line.fromRadius) + t * Double(line.toRadius - line.fromRadius)
            depth = max(depth, radius - hypot(ax - t * bx, ay - t * by))
          }
          let part = min(1, max(0, depth / 1.5 + 0.5))
          let expected = 255 * part * part * (3 - 2 * part)
          worst = max(worst, abs(Double(page.inks[y * 20 + x]) - expected))
        }
      }
    }
    // Half a step of rounding, and a little for Float.
    #expect(worst < 0.6)
  }

  @Test func grainMovesTheEdgeOnly() {
    var page = GeneratedDigits.Page()
    var random = RandomStream(seed: 5)
    page.lines = [.init(from: [0, 0], to: [0, 1], fromRadius: 0.25, toRadius: 0.25)]
    page.ink(softness: 1, grain: 0, random: &random)
    let smooth = page.inks
    page.lines = [.init(from: [0, 0], to: [0, 1], fromRadius: 0.25, toRadius: 0.25)]
    page.ink(softness: 1, grain: 0.2, random: &random)
    let rough = page.inks
    #expect(smooth != rough)
    // Deep in the ink and far from it nothing changes; at the edge, 0.2 pixels are at most 0.3 of full ink.
    for (a, b) in zip(smooth, rough) { #expect(abs(Int(a) - Int(b)) <= 77) }
    #expect((0..<20).allSatisfy { rough[$0] == smooth[$0] || smooth[$0] < 255 })
    #expect(rough[10 * 20 + 10] == 255 && rough[10 * 20] == 0)
  }
}
