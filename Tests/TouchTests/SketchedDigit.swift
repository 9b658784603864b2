import Foundation

/// A digit drawn with straight strokes on paper of 280×280, as somebody with a mouse would.
struct SketchedDigit {
  let digit: Int
  /// Points, stroke by stroke.
  let strokes: [[[Double]]]

  /// Two of each digit, in different places and sizes.
  static let all: [SketchedDigit] = [
    SketchedDigit(0, [arc(140, 140, 60, 90, from: 0, to: 360)]),
    SketchedDigit(0, [arc(110, 150, 42, 70, from: -40, to: 330)]),
    SketchedDigit(1, [[[140, 50], [140, 230]]]),
    SketchedDigit(1, [[[110, 100], [150, 55], [145, 235]]]),
    SketchedDigit(2, [arc(140, 100, 52, 50, from: 200, to: 380) + [[85, 225], [205, 225]]]),
    SketchedDigit(2, [arc(130, 90, 45, 42, from: 190, to: 390) + [[80, 200], [190, 195]]]),
    SketchedDigit(3, [arc(130, 95, 50, 45, from: 210, to: 440) + arc(130, 185, 56, 48, from: -80, to: 150)]),
    SketchedDigit(3, [arc(150, 80, 40, 35, from: 200, to: 450) + arc(150, 155, 48, 42, from: -90, to: 140)]),
    SketchedDigit(4, [[[150, 50], [80, 160], [215, 160]], [[175, 90], [175, 235]]]),
    SketchedDigit(4, [[[95, 60], [90, 140], [190, 140]], [[180, 55], [175, 230]]]),
    SketchedDigit(5, [[[195, 60], [105, 60], [98, 130]] + arc(138, 175, 54, 50, from: -120, to: 140)]),
    SketchedDigit(
      5, [[[110, 70], [104, 130]] + arc(136, 165, 46, 44, from: -120, to: 145), [[110, 70], [180, 66]]]),
    SketchedDigit(6, [[[175, 50], [115, 110]] + arc(140, 180, 46, 46, from: 190, to: -170)]),
    SketchedDigit(6, [[[150, 45], [100, 130]] + arc(136, 185, 40, 38, from: 185, to: -175)]),
    SketchedDigit(7, [[[75, 60], [205, 60], [130, 235]]]),
    SketchedDigit(7, [[[80, 75], [190, 70], [140, 220]], [[120, 145], [190, 142]]]),
    SketchedDigit(8, [arc(140, 95, 42, 40, from: 90, to: 450) + arc(140, 183, 50, 48, from: -90, to: 270)]),
    SketchedDigit(8, [arc(130, 100, 34, 36, from: 90, to: 450) + arc(130, 176, 42, 40, from: -90, to: 270)]),
    SketchedDigit(9, [arc(135, 105, 44, 46, from: 0, to: -360) + [[178, 130], [165, 235]]]),
    SketchedDigit(9, [arc(140, 100, 38, 40, from: 20, to: -340) + [[176, 110], [174, 225]]]),
  ]

  private init(_ digit: Int, _ strokes: [[[Double]]]) { (self.digit, self.strokes) = (digit, strokes) }

  /// Points on an ellipse; degrees from the right, clockwise.
  private static func arc(
    _ x: Double, _ y: Double, _ radiusX: Double, _ radiusY: Double, from: Double, to: Double
  ) -> [[Double]] {
    (0...24).map { step in
      let angle = (from + (to - from) * Double(step) / 24) * .pi / 180
      return [x + radiusX * cos(angle), y + radiusY * sin(angle)]
    }
  }

  /// The paper with the strokes of a round pen: 280×280 bytes, 255 where there is ink.
  func ink(pen: Double) -> [UInt8] {
    var ink = [UInt8](repeating: 0, count: 280 * 280)
    for points in strokes {
      for (a, b) in zip(points, points.dropFirst()) {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1])
        for y in max(0, Int(min(a[1], b[1]) - pen))..<min(280, Int(max(a[1], b[1]) + pen)) {
          for x in max(0, Int(min(a[0], b[0]) - pen))..<min(280, Int(max(a[0], b[0]) + pen)) {
            let (px, py) = (Double(x) + 0.5 - a[0], Double(y) + 0.5 - a[1])
            let t = min(1, max(0, (px * dx + py * dy) / max(1e-9, dx * dx + dy * dy)))
            let distance = hypot(px - t * dx, py - t * dy)
            let amount = min(1, max(0, pen / 2 - distance + 0.5))
            ink[y * 280 + x] = max(ink[y * 280 + x], UInt8(amount * 255))
          }
        }
      }
    }
    return ink
  }
}
