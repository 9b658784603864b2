import NumberText
import Tensors

/// How often each class was taken for which: row = true, column = predicted, the count in each cell.
///
/// A cell is the darker, the larger its share of the row: blue on the diagonal, orange for mistakes. The shade grows
/// with the root of the share, so that one mistake in a hundred is seen.
///
/// - Parameters:
///   - counts: `counts[t][p]` items of class `t` were taken for `p`.
///   - labels: The classes' names.
///   - title: What one sees; the first line.
///   - subtitle: More about it; how many were right is added.
///   - rowTitle: What the rows are.
///   - columnTitle: What the columns are.
/// - Returns: The matrix; its cells shrink when there are many classes, and below a readable size the counts go.
/// - Book: chapter 7.
public func confusionMatrix(
  _ counts: [[Int]], labels: [String], title: String = "Confusion matrix", subtitle: String? = nil,
  rowTitle: String = "true", columnTitle: String = "predicted"
) -> Canvas {
  confusionDrawing(
    counts, labels: labels, title: title, subtitle: subtitle, rowTitle: rowTitle, columnTitle: columnTitle
  ).canvas()
}

func confusionDrawing(
  _ counts: [[Int]], labels: [String], title: String, subtitle: String?, rowTitle: String, columnTitle: String
) -> Drawing {
  let n = labels.count
  if counts.count != n || counts.contains(where: { $0.count != n }) {
    trap(
      "confusionMatrix: \(n) labels and counts of \(counts.count) rows by \(counts.map(\.count).max() ?? 0)")
  }
  let totals = counts.map { $0.reduce(0, +) }
  let right = (0..<n).reduce(0) { $0 + counts[$1][$1] }
  let all = totals.reduce(0, +)
  // With a thousand and more, a tenth of a percent is several of them.
  let share =
    all >= 1_000 && right > 0 && right < all
    ? percent(Double(right) / Double(all), 2) : percent(right, of: all)
  let about = "\(readable(right)) of \(readable(all)) right: \(share)"

  let widest = counts.joined().map { Font.body.width(of: readable($0)) }.max() ?? 0
  let cell = max(6, min(max(48, widest + 10), 760 / max(n, 1)))
  let (height, hasCounts) = (min(cell, 44), widest + 4 <= cell)
  let labelFont = height >= 18 ? Font.body : Font.small
  let rowLabels = labels.map { labelFont.truncated($0, to: 140) }
  let labelWidth = rowLabels.map { labelFont.width(of: $0) }.max() ?? 0
  let areTurned = labelWidth > cell - 4
  let left = margin + Font.body.lineHeight + labelWidth + 12
  let side = Font.small.width(of: "100.0 %") + 10
  let width = max(left + max(n * cell + side, 466) + margin, 460)
  var drawing = Drawing(width: width, height: 0, title: title)
  var top = drawing.addHeading(title, joined(subtitle, about + "."), width: width)

  drawing.add(
    Drawing.Label(
      text: columnTitle + " →", x: left + n * cell / 2, y: top + Font.body.capHeight, color: .faintInk,
      anchor: .middle))
  top += Font.body.lineHeight + (areTurned ? labelWidth : labelFont.capHeight) + 10
  drawing.add(
    Drawing.Label(
      text: "← " + rowTitle, x: margin + Font.body.capHeight, y: top + n * height / 2, color: .faintInk,
      anchor: .middle, turned: true))
  if height >= Font.small.lineHeight, n > 0 {
    drawing.add(
      Drawing.Label(
        text: "right", x: left + n * cell + side, y: top - 8, font: .small, color: .faintInk, anchor: .end))
  }
  // Where cells are smaller than letters, names are left out evenly.
  let every = (labelFont.capHeight + 4 + height - 1) / height
  for i in stride(from: 0, to: n, by: every) {
    let x = left + i * cell + cell / 2
    let y = top + i * height + height / 2
    drawing.add(
      Drawing.Label(
        text: rowLabels[i], x: left - 8, y: y + labelFont.capHeight / 2, font: labelFont, anchor: .end))
    drawing.add(
      areTurned
        ? Drawing.Label(
          text: rowLabels[i], x: x + labelFont.capHeight / 2, y: top - 6, font: labelFont, turned: true)
        : Drawing.Label(text: rowLabels[i], x: x, y: top - 8, font: labelFont, anchor: .middle))
    if height >= Font.small.lineHeight {
      drawing.add(
        Drawing.Label(
          text: percent(counts[i][i], of: totals[i]), x: left + n * cell + side,
          y: y + Font.small.capHeight / 2,
          font: .small, color: .faintInk, anchor: .end))
    }
  }
  let gap = cell < 10 ? 0 : 1
  for t in 0..<n {
    for p in 0..<n {
      let share = totals[t] > 0 ? Float(counts[t][p]) / Float(totals[t]) : 0
      let color = (t == p ? ColorMap.blues : .oranges).color(share.squareRoot() * 0.9)
      let box = Box(x: left + p * cell, y: top + t * height, width: cell - gap, height: height - gap)
      drawing.add(.fill(box, counts[t][p] == 0 ? Color(0xF6F7F8) : color))
      if hasCounts, counts[t][p] != 0 || t == p {
        drawing.add(
          Drawing.Label(
            text: readable(counts[t][p]), x: box.x + box.width / 2,
            y: box.y + box.height / 2 + Font.body.capHeight / 2,
            color: counts[t][p] == 0 ? .faintInk : color.readableText, anchor: .middle))
      }
    }
  }
  let bottom = top + n * height + 16
  drawing.height = addShareLegend(&drawing, x: left, y: bottom) + margin
  return drawing
}

/// Draws the two bars that tell which shade means which share of the row, and returns where they end.
private func addShareLegend(_ drawing: inout Drawing, x: Int, y: Int) -> Int {
  let (font, width) = (Font.small, 132)
  var x = x
  for (name, map) in [("right", ColorMap.blues), ("wrong", .oranges)] {
    drawing.add(
      Drawing.Label(text: name, x: x, y: y + font.capHeight, font: font, color: .faintInk))
    let left = x + font.width(of: name) + 8
    var bar = Canvas(width: width, height: font.capHeight)
    for i in 0..<width {
      let t = Float(i) / Float(width - 1)
      bar.fill(Box(x: i, y: 0, width: 1, height: bar.height), map.color(t * 0.9))
    }
    drawing.add(.picture(bar, x: left, y: y))
    for (share, text) in [(Float(0.01), "1 %"), (0.25, "25 %"), (1, "100 %")] {
      let place = left + Int((share.squareRoot() * Float(width - 1)).rounded())
      drawing.add(.fill(Box(x: place, y: y + font.capHeight, width: 1, height: 3), .rule))
      drawing.add(
        Drawing.Label(
          text: text, x: place, y: y + 2 * font.capHeight + 7, font: font, color: .faintInk, anchor: .middle))
    }
    x = left + width + 36
  }
  drawing.add(
    Drawing.Label(text: "of the row", x: x - 8, y: y + font.capHeight, font: font, color: .faintInk))
  return y + 2 * font.capHeight + 7 + font.descent
}
