import Foundation
import NumberText

/// Bars from one zero line, each with its name on the left and its number at its end.
///
/// - Book: chapter 1.
public struct BarChart: Chart {
  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// What the bars measure.
  public var quantity: String
  /// Name and value of each bar, from the top.
  public var bars: [(name: String, value: Double)]
  /// Of the whole picture, in pixels.
  public var width = 760
  /// Whether equal lengths are equal factors. Then bars begin at the power of ten below the smallest, and numbers of 0
  /// and below have none.
  public var isLogarithmic = false
  /// What to compare all bars with: a dashed line across them, with its name below; nil for none.
  public var limit: (name: String, value: Double)?

  /// - Parameters:
  ///   - title: The heading.
  ///   - subtitle: A smaller line below it.
  ///   - quantity: What the bars measure, with its unit.
  ///   - bars: Name and value of each, from the top.
  public init(title: String, subtitle: String? = nil, quantity: String, bars: [(name: String, value: Double)])
  {
    self.title = title
    self.subtitle = subtitle
    self.quantity = quantity
    self.bars = bars
  }

  public var drawing: Drawing {
    let (font, step, thickness) = (Font.body, 28, 18)
    var drawing = Drawing(width: width, height: 0, title: title)
    var y = drawing.addHeading(title, subtitle, width: width)
    let names = bars.map { font.truncated($0.name, to: width / 3) }
    let numbers = bars.map { readable($0.value) }
    let left = margin + (names.map { font.width(of: $0) }.max() ?? 0) + 12
    let shown = (bars.map(\.value) + [limit?.value].compactMap { $0 }).filter {
      $0.isFinite && (!isLogarithmic || $0 > 0)
    }
    let begin = isLogarithmic ? pow(10, log10(shown.min() ?? 1).rounded(.down)) : 0
    /// How long a number's bar is, before it is scaled to the chart's width.
    func extent(_ value: Double) -> Double {
      if !value.isFinite || isLogarithmic && value <= 0 { return 0 }
      return isLogarithmic ? log10(value / begin) : value
    }
    let finite = shown.map(extent)
    let (low, high) = (min(finite.min() ?? 0, 0), max(finite.max() ?? 0, 0))
    // Numbers stand outside the bars: at the right of those to the right, at the left of the others.
    func room(_ isNegative: Bool) -> Int {
      let widths = zip(bars, numbers).map { ($0.value < 0) == isNegative ? font.width(of: $1) + 6 : 0 }
      return widths.max() ?? 0
    }
    let start = left + (low < 0 ? room(true) : 0)
    let space = Double(width - margin - room(false) - start)
    let unit = high > low ? space / (high - low) : 0
    let zero = start + Int((-low * unit).rounded())

    drawing.add(
      Drawing.Label(text: quantity, x: left, y: y + Font.small.capHeight, font: .small, color: .faintInk))
    y += Font.small.lineHeight + 2
    let top = y
    for (i, bar) in bars.enumerated() {
      let baseline = y + (thickness + font.capHeight) / 2
      drawing.add(Drawing.Label(text: names[i], x: left - 12, y: baseline, anchor: .end))
      let length = Int((abs(extent(bar.value)) * unit).rounded())
      let isNegative = bar.value < 0
      drawing.add(
        .fill(
          Box(x: isNegative ? zero - length : zero, y: y, width: length, height: thickness),
          Color.categories[0]))
      drawing.add(
        Drawing.Label(
          text: numbers[i], x: isNegative ? zero - length - 6 : zero + length + 6, y: baseline,
          anchor: isNegative ? .end : .start))
      y += step
    }
    if bars.isEmpty {
      drawing.add(Drawing.Label(text: "no bars", x: left, y: y + font.capHeight, color: .faintInk))
      y += step
    }
    drawing.add(.fill(Box(x: zero, y: top - 4, width: 1, height: y - top - step + thickness + 8), .rule))
    if let limit {
      let place = Float(zero) + Float(extent(limit.value) * unit)
      let bottom = y - step + thickness + 6
      drawing.add(
        .line(
          [Point(place, Float(top - 4)), Point(place, Float(bottom))], width: 1.5, color: Color.categories[1],
          dash: [5, 4]))
      drawing.add(
        Drawing.Label(
          text: "\(limit.name): \(readable(limit.value))", x: Int(place),
          y: bottom + 4 + Font.small.capHeight,
          font: .small, anchor: .end))
      y += Font.small.lineHeight + 8
    }
    drawing.height = y - step + thickness + margin
    return drawing
  }
}
