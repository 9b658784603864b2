import Chapter10ChoosingAModel
import Engine
import Foundation
import NumberText

/// A query and a key, rotated by their places: what counts is how far apart they are.
func rotaryDrawing() -> Diagram {
  let (query, key) = ([1.0, 0.0], [0.9, 0.45])
  let panels = [(t: 2, s: 1), (t: 5, s: 4), (t: 5, s: 1)]
  func turned(_ x: [Double], _ place: Int) -> [Double] { rotatedByPosition([x], first: place)[0] }
  func product(_ t: Int, _ s: Int) -> Double {
    zip(turned(query, t), turned(key, s)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  var drawing = Diagram(
    height: 286, title: "Rotary positions",
    description: """
      Three circles, each with a blue arrow, the query, and an orange one, the key, both from the middle. In the first, \
      the query is at place 2 and the key at place 1; in the second, at 5 and 4: both arrows point elsewhere, and the angle \
      between them and their product, \(fixed(product(2, 1), 2)), are the same. In the third, at places 5 and 1, the angle is another, and so is \
      the product, \(fixed(product(5, 1), 2)). Pale arrows show both before they are rotated.
      """)
  let radius: Float = 84
  for (k, (t, s)) in panels.enumerated() {
    let center = Point(124 + 236 * Float(k), 138)
    func end(_ x: [Double]) -> Point { center.moved(Float(x[0]) * radius, -Float(x[1]) * radius) }
    drawing.node("", center, radius: radius + 4, .soft)
    drawing.arrow(center, end(query), .dashed(.soft))
    drawing.arrow(center, end(key), .dashed(.soft))
    let (q, key) = (turned(query, t), turned(key, s))
    drawing.arrow(center, end(q), .init(.blue, width: 2.5))
    drawing.arrow(center, end(key), .init(.orange, width: 2.5))
    func label(_ text: String, _ x: [Double], _ tone: Tone) {
      let length = (x[0] * x[0] + x[1] * x[1]).squareRoot()
      let out = Double(1 + 20 / radius)
      drawing.text(text, end(x.map { $0 / length * out }), tone: tone)
    }
    label("q", q, .blue)
    label("k", key, .orange)
    drawing.text("q at place \(t), k at place \(s)", center.moved(0, -122), bold: false)
    drawing.text("product \(fixed(product(t, s), 2))", center.moved(0, 128), bold: true)
  }
  return drawing
}
