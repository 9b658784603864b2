/// What a figure consists of, laid out but not yet drawn: one layout for pixels and for SVG.
///
/// Later elements cover earlier ones. Places are pixels, from the upper left corner.
///
///     var drawing = Drawing(width: 200, height: 40, title: "one bar")
///     drawing.add(.fill(Box(x: 80, y: 10, width: 110, height: 20), .ink))
///     drawing.add(Drawing.Label(text: "digits", x: 72, y: 25, anchor: .end))
public struct Drawing: Sendable {
  /// Which part of a text lies at its place.
  public enum Anchor: String, Sendable {
    /// Its beginning: the text runs away from the place.
    case start
    /// Its middle.
    case middle
    /// Its end: the text runs up to the place.
    case end
  }

  /// A line of text.
  public struct Label: Sendable {
    /// What is written.
    public var text: String
    /// The pen's place on the baseline; `anchor` says which part of the text lies there.
    public var x, y: Int
    /// The letters' size and weight.
    public var font: Font
    /// The letters' colour.
    public var color: Color
    /// Which part of the text lies at `x`, or at `y` where it runs upwards.
    public var anchor: Anchor
    /// Whether the text runs upwards.
    public var turned: Bool

    /// A line of text at a place, in pixels from the upper left corner.
    public init(
      text: String, x: Int, y: Int, font: Font = .body, color: Color = .ink, anchor: Anchor = .start,
      turned: Bool = false
    ) {
      (self.text, self.x, self.y, self.font) = (text, x, y, font)
      (self.color, self.anchor, self.turned) = (color, anchor, turned)
    }

    /// Where the pen starts.
    var start: (x: Int, y: Int) {
      let width = font.width(of: text)
      let shift = anchor == .start ? 0 : anchor == .middle ? width / 2 : width
      return turned ? (x, y + shift) : (x - shift, y)
    }

    /// What the text covers: from the top of its capitals to the foot of its descenders.
    var box: Box {
      let (width, start) = (font.width(of: text), start)
      let (up, down) = (font.capHeight, font.descent)
      return turned
        ? Box(x: start.x - up, y: start.y - width, width: up + down, height: width)
        : Box(x: start.x, y: start.y - up, width: width, height: up + down)
    }
  }

  /// Something in the figure.
  public enum Element: Sendable {
    /// A box full of a colour.
    case fill(Box, Color)
    /// A box's edge, one pixel wide.
    case frame(Box, Color)
    /// Pixels, with their upper left corner at a place.
    case picture(Canvas, x: Int, y: Int)
    /// A line of text.
    case label(Label)
    /// A line through points; `dash` holds the lengths of ink and gap, or nothing for a whole line.
    case line([Point], width: Float, color: Color, dash: [Float])
    /// An area within points; an opacity of 1 covers what is beneath.
    case outline([Point], color: Color, opacity: Float)
    /// A filled circle around a point, its radius in pixels.
    case disc(Point, radius: Float, color: Color)
  }

  /// Pixels from left to right.
  public var width: Int
  /// Pixels from top to bottom.
  public var height: Int
  /// What the figure shows, for those who cannot see it.
  public var title: String
  /// What has been drawn, the lowest first.
  public private(set) var elements: [Element] = []

  /// An empty figure of this size in pixels.
  public init(width: Int, height: Int, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  /// Adds an element above all others.
  public mutating func add(_ element: Element) { elements.append(element) }

  /// Adds a text, unless it is empty.
  public mutating func add(_ label: Label) {
    if !label.text.isEmpty { elements.append(.label(label)) }
  }

  /// All texts, and all pictures and filled boxes: what the tests hold against each other.
  var labels: [Label] { elements.compactMap { if case .label(let label) = $0 { label } else { nil } } }
  var pictureBoxes: [Box] {
    elements.compactMap {
      if case .picture(let canvas, let x, let y) = $0 {
        Box(x: x, y: y, width: canvas.width, height: canvas.height)
      } else {
        nil
      }
    }
  }

  /// The figure in pixels, on white.
  public func canvas() -> Canvas {
    var canvas = Canvas(width: width, height: height)
    for element in elements {
      switch element {
      case .fill(let box, let color): canvas.fill(box, color)
      case .frame(let box, let color): canvas.frame(box, color)
      case .picture(let picture, let x, let y): canvas.draw(picture, x: x, y: y)
      case .label(let label):
        let start = label.start
        canvas.text(
          label.text, x: start.x, y: start.y, font: label.font, color: label.color, turned: label.turned)
      case .line(let points, let width, let color, let dash):
        for piece in dashed(points, dash) { canvas.line(through: piece, width: width, color: color) }
      case .outline(let points, let color, let opacity): canvas.fill(outline: points, color, opacity: opacity)
      case .disc(let center, let radius, let color): canvas.disc(center, radius: radius, color: color)
      }
    }
    return canvas
  }
}

/// The line cut into dashes: `dash` holds the lengths of ink and gap. Without them it stays whole.
func dashed(_ points: [Point], _ dash: [Float]) -> [[Point]] {
  guard dash.count == 2, dash[0] > 0, dash[1] > 0, points.count > 1 else { return [points] }
  var pieces: [[Point]] = []
  var piece = [points[0]]
  var (isInk, left) = (true, dash[0])
  for k in 1..<points.count {
    var a = points[k - 1]
    let b = points[k]
    while true {
      let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
      if !(length > left) {
        left -= length
        if isInk { piece.append(b) }
        break
      }
      a = Point(a.x + (b.x - a.x) * left / length, a.y + (b.y - a.y) * left / length)
      if isInk {
        pieces.append(piece + [a])
      } else {
        piece = [a]
      }
      isInk.toggle()
      left = dash[isInk ? 0 : 1]
    }
  }
  if isInk, piece.count > 1 { pieces.append(piece) }
  return pieces
}
