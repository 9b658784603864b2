import NumberText
import Tensors

/// Bars whose lengths are sums: each consists of parts with a colour of their own, and the sum stands at its end.
///
/// - Book: chapter 11.
public struct StackedBarChart: Chart {
  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// What the bars measure.
  public var quantity: String
  /// The names of the parts; they take their colours in this order.
  public var parts: [String]
  /// Name and values of each bar, from the top: as many values as there are parts, none below 0.
  public var bars: [(name: String, values: [Double])]
  /// A line across all bars, with its name: what there is room for, say.
  public var limit: (name: String, value: Double)?
  /// Of the whole picture, in pixels.
  public var width = 760

  /// - Parameters:
  ///   - title: The heading.
  ///   - subtitle: A smaller line below it.
  ///   - quantity: What the bars measure, with its unit.
  ///   - parts: The names of the parts.
  ///   - bars: Name and values of each, from the top. Traps where there is not one value for each part, or one is below 0.
  ///   - limit: A line across all bars.
  public init(
    title: String, subtitle: String? = nil, quantity: String, parts: [String],
    bars: [(name: String, values: [Double])], limit: (name: String, value: Double)? = nil
  ) {
    for bar in bars where bar.values.count != parts.count || bar.values.contains(where: { !($0 >= 0) }) {
      trap("StackedBarChart: \(bar.name) has values \(bar.values) for \(parts.count) parts")
    }
    (self.title, self.subtitle, self.quantity) = (title, subtitle, quantity)
    (self.parts, self.bars, self.limit) = (parts, bars, limit)
  }

  public var drawing: Drawing {
    let (font, step, thickness) = (Font.body, 30, 20)
    var drawing = Drawing(width: width, height: 0, title: title)
    var y = drawing.addHeading(title, subtitle, width: width)
    let names = bars.map { font.truncated($0.name, to: width * 2 / 5) }
    let totals = bars.map { $0.values.reduce(0, +) }
    let numbers = totals.map { readable($0) }
    let left = margin + (names.map { font.width(of: $0) }.max() ?? 0) + 12
    let room = (numbers.map { font.width(of: $0) }.max() ?? 0) + 10
    let longest = max(totals.filter(\.isFinite).max() ?? 0, limit?.value ?? 0)
    let unit = longest > 0 ? Double(width - margin - room - left) / longest : 0
    func place(_ value: Double) -> Int { left + Int((value * unit).rounded()) }

    drawing.add(
      Drawing.Label(text: quantity, x: left, y: y + Font.small.capHeight, font: .small, color: .faintInk))
    if let limit {
      let right = place(limit.value) + Font.small.width(of: limit.name) / 2 > width - margin
      drawing.add(
        Drawing.Label(
          text: limit.name, x: right ? width - margin : place(limit.value), y: y + Font.small.capHeight,
          font: .small, color: .faintInk, anchor: right ? .end : .middle))
    }
    y += Font.small.lineHeight + 4
    let top = y
    for (i, bar) in bars.enumerated() {
      let baseline = y + (thickness + font.capHeight) / 2
      drawing.add(Drawing.Label(text: names[i], x: left - 12, y: baseline, anchor: .end))
      var sum = 0.0
      for (part, value) in bar.values.enumerated() {
        let (from, to) = (place(sum), place(sum + value))
        drawing.add(
          .fill(
            Box(x: from, y: y, width: to - from, height: thickness),
            Color.categories[part % Color.categories.count]))
        sum += value
      }
      drawing.add(Drawing.Label(text: numbers[i], x: place(sum) + 6, y: baseline))
      y += step
    }
    let bottom = y - step + thickness
    drawing.add(.fill(Box(x: left, y: top - 4, width: 1, height: bottom - top + 8), .rule))
    if let limit {
      let x = Float(place(limit.value)) + 0.5
      drawing.add(
        .line(
          [Point(x, Float(top - 4)), Point(x, Float(bottom + 4))], width: 1.5, color: .ink, dash: dashes))
    }
    y = bottom + 16
    // The legend: a swatch and a name for each part.
    var x = left
    for (part, name) in parts.enumerated() {
      let size = 14 + 6 + font.width(of: name)
      if x > left, x + size > width - margin { (x, y) = (left, y + font.lineHeight) }
      drawing.add(
        .fill(
          Box(x: x, y: y - 1, width: 14, height: 14), Color.categories[part % Color.categories.count]))
      drawing.add(Drawing.Label(text: name, x: x + 20, y: y + font.capHeight))
      x += size + 22
    }
    drawing.height = y + font.capHeight + margin
    return drawing
  }
}
