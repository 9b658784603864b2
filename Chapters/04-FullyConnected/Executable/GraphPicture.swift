import Chapter04FullyConnected
import Engine
import Workbench

/// A calculation as a graph, from the inputs on the left to the end on the right: in each box a value and, below it, a
/// gradient; on each line the slope.
///
/// Boxes stand in the column behind the last of their inputs; what no step made stands right before its first use.
func graphPicture(_ steps: [Tape.Step], names: [Int: String], title: String, subtitle: String) -> Canvas {
  let layout = GraphLayout(steps)
  let (margin, top, box) = (24, 84, (width: 84, height: 58))
  let (stepX, stepY) = (136, 78)
  var canvas = Canvas(
    width: 2 * margin + (layout.columns - 1) * stepX + box.width,
    height: top + (layout.rows - 1) * stepY + box.height + margin)
  canvas.text(title, x: margin, y: 40, font: .title)
  canvas.text(subtitle, x: margin, y: 62, font: .body, color: .faintInk)
  func corner(_ place: Int) -> (x: Int, y: Int) {
    (margin + layout.column[place] * stepX, top + Int((layout.row[place] * Double(stepY)).rounded()))
  }

  for (place, step) in steps.enumerated() {
    for (k, input) in step.inputs.enumerated() {
      let (from, to) = (corner(input.place), corner(place))
      let entry = to.y + box.height * (k + 1) / (step.inputs.count + 1)
      let start = Point(Float(from.x + box.width), Float(from.y + box.height / 2) + 0.5)
      let end = Point(Float(to.x), Float(entry) + 0.5)
      canvas.line(through: [start, end], width: 1.5, color: .rule)
      canvas.disc(end, radius: 2.5, color: .rule)
      // On a white ground in the middle of the line.
      let text = fixed(input.slope, 2)
      let font = Font.small
      let (x, y) = (
        Int((start.x + end.x) / 2) - font.width(of: text) / 2, Int((start.y + end.y) / 2) + font.capHeight / 2
      )
      canvas.fill(
        Box(x: x - 2, y: y - font.capHeight - 2, width: font.width(of: text) + 4, height: font.capHeight + 4),
        .white)
      canvas.text(text, x: x, y: y, font: font, color: .faintInk)
    }
  }
  for (place, step) in steps.enumerated() {
    let (x, y) = corner(place)
    canvas.fill(
      Box(x: x, y: y, width: box.width, height: box.height), step.inputs.isEmpty ? Color(0xEEF3F8) : .white)
    canvas.frame(Box(x: x, y: y, width: box.width, height: box.height), .rule)
    let name = [names[place], step.inputs.isEmpty ? nil : "\(step.op)"].compactMap { $0 }.joined(
      separator: " = ")
    for (line, (text, color)) in [
      (name, Color.ink), (fixed(step.value, 3), Color.categories[0]),
      (fixed(step.gradient, 3), Color.categories[1]),
    ].enumerated() {
      let font = Font.body
      canvas.text(
        text, x: x + (box.width - font.width(of: text)) / 2, y: y + 16 + 18 * line, font: font, color: color)
    }
  }
  return canvas
}

/// Where the boxes of a graph stand.
private struct GraphLayout {
  private(set) var column: [Int]
  private(set) var row: [Double]
  var columns: Int { (column.max() ?? 0) + 1 }
  var rows: Int { Int((row.max() ?? 0).rounded(.up)) + 1 }

  init(_ steps: [Tape.Step]) {
    column = steps.map { _ in 0 }
    row = steps.map { _ in 0 }
    var users: [[Int]] = steps.map { _ in [] }
    for (place, step) in steps.enumerated() {
      for input in step.inputs {
        column[place] = max(column[place], column[input.place] + 1)
        users[input.place].append(place)
      }
    }
    for (place, step) in steps.enumerated() where step.inputs.isEmpty {
      column[place] = max(0, (users[place].map { column[$0] }.min() ?? 1) - 1)
    }

    // From the right to the left: each beside what it goes into, a first input above a second.
    let mostRows = Dictionary(grouping: column) { $0 }.map(\.value.count).max() ?? 1
    for c in (0..<columns).reversed() {
      let members = steps.indices.filter { column[$0] == c }
      func wanted(_ place: Int) -> Double {
        let places = users[place].flatMap { user in
          let inputs = steps[user].inputs
          return inputs.indices.filter { inputs[$0].place == place }.map {
            row[user] + (Double($0) - Double(inputs.count - 1) / 2) / 2
          }
        }
        return places.isEmpty ? Double(mostRows - 1) / 2 : places.reduce(0, +) / Double(places.count)
      }
      let ordered = members.sorted { (wanted($0), $0) < (wanted($1), $1) }
      let middle = ordered.map(wanted).reduce(0, +) / Double(max(ordered.count, 1))
      let first = middle - Double(ordered.count - 1) / 2
      let low = max(0, min(first, Double(mostRows - ordered.count)))
      for (k, place) in ordered.enumerated() { row[place] = low + Double(k) }
    }
  }
}
