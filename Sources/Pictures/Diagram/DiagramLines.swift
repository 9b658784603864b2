import Foundation

extension Diagram {
  /// A line through places.
  public mutating func line(_ points: [Point], _ stroke: Stroke = Stroke(.ink)) {
    add(.path(path(points), .none, stroke))
  }

  /// A straight line.
  public mutating func line(_ from: Point, _ to: Point, _ stroke: Stroke = Stroke(.ink)) {
    line([from, to], stroke)
  }

  /// An area within places.
  public mutating func area(_ points: [Point], _ fill: Fill, _ stroke: Stroke? = nil) {
    add(.path(path(points) + "Z", fill, stroke))
  }

  /// An arrow with its tip at `to`. A `bend` lets it run in a curve: the share of its length by which its middle lies to the
  /// left of the straight way, or to the right where it is negative. The label stands beside the middle, `side` units above
  /// it.
  public mutating func arrow(
    _ from: Point, _ to: Point, _ stroke: Stroke = Stroke(.ink), bend: Float = 0, label: String = "",
    side: Float = 11, size: Size = .small
  ) {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    // Twice the bend at the control point puts the curve's middle where it should be.
    let control = Point(from.x + dx / 2 + dy * bend * 2, from.y + dy / 2 - dx * bend * 2)
    let middle = Point(from.x + dx / 2 + dy * bend, from.y + dy / 2 - dx * bend)
    let shaft = shortened(to, from: bend == 0 ? from : control, by: 7)
    let way =
      bend == 0
      ? path([from, shaft]) : "M\(pair(from))Q\(pair(control)) \(pair(shaft))"
    add(.path(way, .none, stroke))
    head(at: to, from: bend == 0 ? from : control, stroke)
    if !label.isEmpty {
      text(label, middle.moved(0, -side), tone: stroke.tone == .soft ? .soft : stroke.tone, size: size)
    }
  }

  /// An arrow along straight pieces with rounded corners, its tip at the last place.
  public mutating func route(
    _ points: [Point], _ stroke: Stroke = Stroke(.ink), corner: Float = 8, head: Bool = true
  ) {
    guard points.count > 1 else { return }
    let last = points.count - 1
    let end = head ? shortened(points[last], from: points[last - 1], by: 7) : points[last]
    var way = "M" + pair(points[0])
    for k in 1..<max(last, 1) {
      let before = shortened(points[k], from: points[k - 1], by: corner)
      let after = shortened(points[k], from: k + 1 == last ? end : points[k + 1], by: corner)
      way += "L\(pair(before))Q\(pair(points[k])) \(pair(after))"
    }
    way += "L" + pair(end)
    add(.path(way, .none, stroke))
    if head { self.head(at: points[last], from: points[last - 1], stroke) }
  }

  /// A brace from one place to another, its tip and its label on the left of the way from the first to the second.
  public mutating func brace(
    _ from: Point, _ to: Point, _ label: String, tone: Tone = .soft, depth: Float = 9, size: Size = .small
  ) {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = max((dx * dx + dy * dy).squareRoot(), 1)
    let (ux, uy) = (dx / length, dy / length)
    // To the left of the way, with y counting downwards.
    let (nx, ny) = (uy, -ux)
    func place(_ along: Float, _ out: Float) -> Point {
      Point(from.x + ux * along + nx * out, from.y + uy * along + ny * out)
    }
    let (half, bow) = (length / 2, min(depth, length / 4))
    let way =
      "M\(pair(from))Q\(pair(place(0, bow / 2))) \(pair(place(bow, bow / 2)))"
      + "L\(pair(place(half - bow, bow / 2)))Q\(pair(place(half, bow / 2))) \(pair(place(half, bow)))"
      + "Q\(pair(place(half, bow / 2))) \(pair(place(half + bow, bow / 2)))"
      + "L\(pair(place(length - bow, bow / 2)))Q\(pair(place(length, bow / 2))) \(pair(to))"
    add(.path(way, .none, Stroke(tone)))
    let anchor: Anchor = abs(ny) > abs(nx) ? .middle : nx > 0 ? .start : .end
    let out = anchor == .middle ? bow + size.rawValue * 0.75 : bow + 5
    text(label, place(half, out), anchor, tone: tone, size: size)
  }

  // MARK: Pieces

  private mutating func head(at tip: Point, from: Point, _ stroke: Stroke) {
    let (dx, dy) = (tip.x - from.x, tip.y - from.y)
    let length = max((dx * dx + dy * dy).squareRoot(), 1e-3)
    let (ux, uy) = (dx / length, dy / length)
    let (long, wide) = (8 + stroke.width, 3 + stroke.width)
    let base = Point(tip.x - ux * long, tip.y - uy * long)
    area(
      [tip, Point(base.x - uy * wide, base.y + ux * wide), Point(base.x + uy * wide, base.y - ux * wide)],
      .strong(stroke.tone, 1))
  }

  /// The place `distance` before `to`, coming from `from`.
  private func shortened(_ to: Point, from: Point, by distance: Float) -> Point {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = (dx * dx + dy * dy).squareRoot()
    if length <= distance { return from }
    return Point(to.x - dx / length * distance, to.y - dy / length * distance)
  }

  private func pair(_ point: Point) -> String { "\(short(point.x)),\(short(point.y))" }

  private func path(_ points: [Point]) -> String {
    points.enumerated().map { ($0.offset == 0 ? "M" : "L") + pair($0.element) }.joined()
  }
}
