import Tensors

/// Histograms side by side on one scale, in rows and columns: the activations of several layers (columns) under several
/// rules (rows), say.
///
/// All panels share the ends of the horizontal axis, the width of the bins and the height of a bar. What lies outside
/// the ends, or is not finite, is left out. A bar that would be taller than its panel is cut, with a gap as a sign.
///
/// - Book: chapter 4.
public struct HistogramSheet: Chart {
  /// One histogram: how large a share of its values falls into each bin.
  public struct Panel: Sendable, Equatable {
    /// From the low end to the high one. They sum to 1, less what lies outside.
    public var shares: [Double]
    /// A few words in the panel's corner, or none.
    public var note: String

    /// Counts `values`, all of them: what is not finite or lies outside counts as left out.
    public init(
      _ values: some Collection<Double>, over range: ClosedRange<Double>, bins: Int, note: String = ""
    ) {
      if bins < 1 || !(range.lowerBound < range.upperBound) {
        trap("HistogramSheet: \(bins) bins from \(range.lowerBound) to \(range.upperBound)")
      }
      var counts = [Int](repeating: 0, count: bins)
      let size = range.upperBound - range.lowerBound
      for x in values where range.contains(x) {
        counts[min(bins - 1, Int((x - range.lowerBound) / size * Double(bins)))] += 1
      }
      shares = counts.map { Double($0) / Double(max(values.count, 1)) }
      self.note = note
    }
  }

  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// What the values are, and the ends that the panels were counted with.
  public var axis: Axis
  /// The columns' names, from the left.
  public var columns: [String]
  /// Each row's name and its histograms, one for each column.
  public var rows: [(name: String, panels: [Panel])]
  /// The share that fills a panel; without it, the largest of all.
  public var tallest: Double?
  /// Of the whole picture, in pixels.
  public var width = 940
  /// Of one histogram, in pixels.
  public var panelHeight = 78

  /// Traps when a row has more or fewer panels than there are columns, or when the axis has no range.
  public init(
    title: String, subtitle: String? = nil, axis: Axis, columns: [String],
    rows: [(name: String, panels: [Panel])], tallest: Double? = nil
  ) {
    if let row = rows.first(where: { $0.panels.count != columns.count }) {
      trap("HistogramSheet: \(row.panels.count) panels in the row \(row.name) for \(columns.count) columns")
    }
    if axis.range == nil { trap("HistogramSheet: the axis \(axis.title) needs a range") }
    self.title = title
    self.subtitle = subtitle
    self.axis = axis
    self.columns = columns
    self.rows = rows
    self.tallest = tallest
  }

  public var drawing: Drawing {
    let (font, small, gap) = (Font.body, Font.small, 12)
    var drawing = Drawing(width: width, height: 0, title: title)
    let top = drawing.addHeading(title, subtitle, width: width)
    let names = rows.map { font.wrapped($0.name, to: 150) }
    let left = margin + (names.joined().map { font.width(of: $0) }.max() ?? 0) + 14
    let count = max(columns.count, 1)
    let panelWidth = (width - margin - left - (count - 1) * gap) / count
    let ruler = Ruler(axis, for: [], count: max(3, panelWidth / 45), isTight: true)
    let largest = rows.flatMap(\.panels).flatMap(\.shares).max() ?? 0
    let hasNotes = rows.contains { $0.panels.contains { !$0.note.isEmpty } }
    let noteHeight = hasNotes ? small.lineHeight + 2 : 0
    let full = tallest ?? (largest > 0 ? largest : 1)

    for (k, column) in columns.enumerated() {
      drawing.add(
        Drawing.Label(
          text: font.truncated(column, to: panelWidth), x: left + k * (panelWidth + gap) + panelWidth / 2,
          y: top + font.capHeight, font: font, anchor: .middle))
    }
    var y = top + font.lineHeight + 2
    for (row, lines) in zip(rows, names) {
      let nameTop = y + noteHeight + (panelHeight - noteHeight - lines.count * font.lineHeight) / 2
      for (k, line) in lines.enumerated() {
        drawing.add(
          Drawing.Label(
            text: line, x: left - 14, y: nameTop + k * font.lineHeight + font.capHeight, font: font,
            anchor: .end))
      }
      for (k, panel) in row.panels.enumerated() {
        let box = Box(
          x: left + k * (panelWidth + gap), y: y + noteHeight, width: panelWidth,
          height: panelHeight - noteHeight)
        add(panel, to: &drawing, in: box, ruler, full: full)
      }
      y += panelHeight + gap
    }
    y -= gap

    // The scale once under each column: it is the same for all.
    for k in columns.indices {
      let box = (left: left + k * (panelWidth + gap), right: left + k * (panelWidth + gap) + panelWidth)
      var free = Int.min
      for (tick, label) in zip(ruler.ticks, ruler.labels) {
        let x = box.left + Int((ruler.place(tick) * Double(panelWidth)).rounded())
        drawing.add(.fill(Box(x: x, y: y, width: 1, height: 4), .rule))
        // Those at the ends stand inside: the next panel is near.
        let start = max(box.left, min(x - small.width(of: label) / 2, box.right - small.width(of: label)))
        if start < free { continue }
        drawing.add(Drawing.Label(text: label, x: start, y: y + 8 + small.capHeight, font: small))
        free = start + small.width(of: label) + 6
      }
    }
    y += 8 + small.lineHeight + 6
    drawing.add(
      Drawing.Label(
        text: axis.heading, x: left + (width - margin - left) / 2, y: y + font.capHeight, font: font,
        color: .faintInk, anchor: .middle))
    drawing.height = y + font.capHeight + font.descent + margin
    return drawing
  }

  private func add(_ panel: Panel, to drawing: inout Drawing, in box: Box, _ ruler: Ruler, full: Double) {
    if let range = axis.range, range.contains(0), range.lowerBound < 0 {
      let zero = box.x + Int((ruler.place(0) * Double(box.width)).rounded())
      drawing.add(.fill(Box(x: zero, y: box.y, width: 1, height: box.height), .faintRule))
    }
    let bins = panel.shares.count
    for (i, share) in panel.shares.enumerated() where share > 0 {
      let (from, to) = (box.x + i * box.width / bins, box.x + (i + 1) * box.width / bins)
      let isCut = share > full * 1.001
      // At least one pixel, so that a single value is seen beside thousands.
      let height = isCut ? box.height : max(1, Int((share / full * Double(box.height)).rounded()))
      drawing.add(
        .fill(
          Box(x: from, y: box.bottom - height, width: max(1, to - from), height: height), Color.categories[0])
      )
      if isCut { drawing.add(.fill(Box(x: from, y: box.y + 6, width: max(1, to - from), height: 3), .white)) }
    }
    drawing.add(.fill(Box(x: box.x, y: box.bottom, width: box.width, height: 1), .rule))
    if !panel.note.isEmpty {
      drawing.add(
        Drawing.Label(
          text: Font.small.truncated(panel.note, to: box.width), x: box.right - 1,
          y: box.y - 4, font: .small, color: .faintInk, anchor: .end))
    }
  }
}
