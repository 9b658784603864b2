/// A rectangle in a drawing, with the places that lines begin and end at; `y` counts downwards.
public struct Frame: Sendable, Equatable {
  /// The left and upper edge, and the size.
  public var x, y, width, height: Float

  /// A rectangle by its upper left corner and its size.
  public init(_ x: Float, _ y: Float, _ width: Float, _ height: Float) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// A rectangle by its centre and its size.
  public init(center: Point, _ width: Float, _ height: Float) {
    self.init(center.x - width / 2, center.y - height / 2, width, height)
  }

  /// The column of its right edge.
  public var maxX: Float { x + width }
  /// The row of its lower edge.
  public var maxY: Float { y + height }
  /// The middle.
  public var center: Point { Point(x + width / 2, y + height / 2) }
  /// The middle of the left edge.
  public var left: Point { Point(x, y + height / 2) }
  /// The middle of the right edge.
  public var right: Point { Point(maxX, y + height / 2) }
  /// The middle of the upper edge.
  public var top: Point { Point(x + width / 2, y) }
  /// The middle of the lower edge.
  public var bottom: Point { Point(x + width / 2, maxY) }

  /// The rectangle made smaller by `margin` on all sides, or larger where that is negative.
  public func inset(_ margin: Float) -> Frame {
    Frame(x + margin, y + margin, width - 2 * margin, height - 2 * margin)
  }

  /// The smallest rectangle around both.
  public func union(_ other: Frame) -> Frame {
    let (x, y) = (min(self.x, other.x), min(self.y, other.y))
    return Frame(x, y, max(maxX, other.maxX) - x, max(maxY, other.maxY) - y)
  }
}

extension Point {
  /// The place so far to the right and so far down.
  public func moved(_ right: Float, _ down: Float) -> Point { Point(x + right, y + down) }
}
