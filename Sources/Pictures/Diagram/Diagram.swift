import Formats

/// A drawing that explains: boxes, cells with numbers, arrows, braces and windows, as SVG for light and for dark pages.
///
/// Each word of the vocabulary draws one thing and says where it is, so that the next can begin there:
///
///     var drawing = Diagram(width: 320, height: 90, title: "A step", description: "An arrow leads from x to y.")
///     let x = drawing.box("x", Frame(20, 20, 60, 40), .blue)
///     let y = drawing.box("y", Frame(220, 20, 60, 40), .orange)
///     drawing.arrow(x.right, y.left, label: "× w")
///
/// Places are in the drawing's own units; it is made to be read at a width of up to 720 of them. In texts, `_` makes the
/// next letter, or what stands in braces, an index, and `^` a power: `h_{t−1}`, `W^T`.
///
/// - PyTorch: none.
/// - Book: the drawings of all chapters.
public struct Diagram: Sendable {
  /// How large letters are.
  public enum Size: Float, Sendable {
    /// For remarks.
    case small = 12.5
    /// For most.
    case body = 14
    /// For signs in circles, and headings.
    case large = 17
  }

  /// Which end of a text lies at its place.
  public typealias Anchor = Drawing.Anchor

  /// How the inside of a shape looks.
  public enum Fill: Sendable, Equatable {
    /// Nothing: what lies under it is seen.
    case none
    /// The pale colour of a tone.
    case tint(Tone)
    /// The strong colour of a tone, more or less transparent.
    case strong(Tone, Float)
  }

  /// How an edge or a line looks.
  public struct Stroke: Sendable, Equatable {
    /// The line's colour.
    public var tone: Tone
    /// The line's width.
    public var width: Float
    /// The lengths of ink and gap; none for a whole line.
    public var dash: [Float]

    /// A line of a tone.
    public init(_ tone: Tone, width: Float = 1.5, dash: [Float] = []) {
      (self.tone, self.width, self.dash) = (tone, width, dash)
    }

    /// A whole line.
    public static func solid(_ tone: Tone, width: Float = 1.5) -> Stroke { Stroke(tone, width: width) }

    /// A thin line of dashes.
    public static func dashed(_ tone: Tone, width: Float = 1.5) -> Stroke {
      Stroke(tone, width: width, dash: [5, 4])
    }
  }

  enum Element: Sendable {
    case rectangle(Frame, corner: Float, Fill, Stroke?)
    case circle(Point, radius: Float, Fill, Stroke?)
    /// A path in SVG's own words.
    case path(String, Fill, Stroke?)
    case text(String, Point, Anchor, Tone, Size, isBold: Bool)
  }

  /// The size of the whole.
  public var width, height: Float
  /// What the drawing is, in a few words.
  public var title: String
  /// What is to be seen in it, for those who do not see it: the caption need not be read with it.
  public var description: String
  private(set) var elements: [Element] = []

  /// An empty drawing.
  public init(width: Float = 720, height: Float, title: String, description: String) {
    (self.width, self.height, self.title, self.description) = (width, height, title, description)
  }

  mutating func add(_ element: Element) { elements.append(element) }

  // MARK: Words, boxes, windows

  /// A line of text, the middle of its capitals at the place. Lines below each other are parted by `\n`.
  @discardableResult
  public mutating func text(
    _ text: String, _ place: Point, _ anchor: Anchor = .middle, tone: Tone = .ink, size: Size = .body,
    bold: Bool = false
  ) -> Frame {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let step = size.rawValue * 1.3
    let top = place.y - step * Float(lines.count - 1) / 2
    var covered: Frame?
    for (k, line) in lines.enumerated() where !line.isEmpty {
      // Capitals of DejaVu Sans are 0.73 of the letters' size high.
      let baseline = Point(place.x, top + step * Float(k) + size.rawValue * 0.365)
      add(.text(line, baseline, anchor, tone, size, isBold: bold))
      let width = Markup(line).width(size, isBold: bold)
      let left = anchor == .start ? place.x : anchor == .middle ? place.x - width / 2 : place.x - width
      let frame = Frame(left, baseline.y - size.rawValue * 0.73, width, size.rawValue * 0.97)
      covered = covered.map { $0.union(frame) } ?? frame
    }
    return covered ?? Frame(place.x, place.y, 0, 0)
  }

  /// A box with a text in its middle.
  @discardableResult
  public mutating func box(
    _ label: String, _ frame: Frame, _ tone: Tone = .soft, size: Size = .body, bold: Bool = false,
    dashed: Bool = false, corner: Float = 6
  ) -> Frame {
    add(.rectangle(frame, corner: corner, .tint(tone), dashed ? .dashed(tone) : Stroke(tone)))
    text(label, frame.center, size: size, bold: bold)
    return frame
  }

  /// A rectangle without text.
  @discardableResult
  public mutating func rectangle(
    _ frame: Frame, _ fill: Fill = .none, _ stroke: Stroke? = nil, corner: Float = 0
  ) -> Frame {
    add(.rectangle(frame, corner: corner, fill, stroke))
    return frame
  }

  /// A window over cells: a strong edge, and a little colour.
  @discardableResult
  public mutating func window(_ frame: Frame, _ tone: Tone, dashed: Bool = false) -> Frame {
    let stroke = Stroke(tone, width: 3, dash: dashed ? [6, 4] : [])
    return rectangle(frame, .strong(tone, 0.16), stroke, corner: 2)
  }

  /// A circle with a sign in it: a neuron, or a node that calculates.
  @discardableResult
  public mutating func node(
    _ sign: String, _ center: Point, radius: Float = 18, _ tone: Tone = .soft, size: Size = .body
  ) -> Frame {
    add(.circle(center, radius: radius, .tint(tone), Stroke(tone)))
    text(sign, center, size: size)
    return Frame(center: center, 2 * radius, 2 * radius)
  }

  /// A small disc: a place on a line, or where a wire branches.
  public mutating func dot(_ center: Point, radius: Float = 3.5, _ tone: Tone = .ink) {
    add(.circle(center, radius: radius, .strong(tone, 1), nil))
  }
}
