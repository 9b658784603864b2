import Chapter12OptimizingModels
import Engine
import NumberText

/// The product of section 12.7: floats become whole numbers, whole numbers are multiplied, and the sum becomes a float.
func productDrawing() -> Diagram {
  let input = PlainQuantization(scale: 0.1, zeroPoint: 2, range: 0...255)
  let weight = PlainQuantization(scale: 0.2, zeroPoint: 0, range: -127...127)
  let (x, w): ([Float], [Float]) = ([0.8, 0.2], [0.6, -1])
  let (qx, qw) = (x.map(input.wholeNumber), w.map(weight.wholeNumber))
  let sum = integerProduct([qx], zeroPoint: input.zeroPoint, [qw], zeroPoint: 0)[0][0]
  let result = input.scale * weight.scale * Float(sum)
  let exact = zip(x, w).reduce(0) { $0 + $1.0 * $1.1 }
  func text(_ x: Float, _ digits: Int = 1) -> String { fixed(Double(x), digits) }

  var drawing = Diagram(
    height: 250, title: "A product of whole numbers",
    description: """
      Two rows of boxes. Above, the inputs \(x.map { text($0) }.joined(separator: " and ")) become the whole numbers \
      \(qx.map(String.init).joined(separator: " and ")); below, the weights \(w.map { text($0) }.joined(separator: " and ")) become \
      \(qw.map { "\($0)".replacing("-", with: "−") }.joined(separator: " and ")). Both lead into a box that multiplies them and adds up \
      to \(sum), in 32 bits. An arrow with both scales leads from there to the result, \(text(result, 2)). The part with whole numbers is \
      shaded; only its two ends have floats. The product of the floats is \(text(exact, 2)), too.
      """)
  drawing.rectangle(Frame(200, 30, 334, 180), .strong(.green, 0.1), .dashed(.green), corner: 10)
  drawing.text("whole numbers", Point(362, 14), tone: .green, size: .small)
  drawing.text("floats", Point(84, 14), tone: .blue, size: .small)
  drawing.text("floats", Point(638, 14), tone: .blue, size: .small)
  func row(_ y: Float, _ floats: [Float], _ whole: [Int], _ name: String, _ step: String) -> CellGrid {
    let left = drawing.cells(
      [floats.map { text($0) }], x: 36, y: y - 18, cell: (48, 36), tone: { _, _ in .blue })
    drawing.text(name, left.frame.left.moved(-9, 0), .end)
    let right = drawing.cells(
      [whole.map { "\($0)".replacing("-", with: "−") }], x: 228, y: y - 18, cell: (48, 36),
      tone: { _, _ in .green })
    drawing.arrow(left.frame.right.moved(6, 0), right.frame.left.moved(-6, 0))
    drawing.text(step, Point(168, y - 12), size: .small)
    return right
  }
  let a = row(76, x, qx, "x", "round")
  let b = row(166, w, qw, "w", "round")
  drawing.text("q_x, with Z = \(input.zeroPoint)", a.frame.bottom.moved(0, 15), tone: .soft, size: .small)
  drawing.text("q_w", b.frame.bottom.moved(0, 15), tone: .soft, size: .small)
  let box = drawing.box(
    "Σ (q_x − Z) q_w\n= \(sum)", Frame(center: Point(450, 121), 138, 62), .green)
  drawing.route([a.frame.right.moved(6, 0), Point(420, 76), Point(420, box.y)], .solid(.green))
  drawing.route([b.frame.right.moved(6, 0), Point(420, 166), Point(420, box.maxY)], .solid(.green))
  let end = drawing.box(text(result, 2), Frame(center: Point(660, 121), 70, 40), .blue)
  drawing.arrow(box.right.moved(3, 0), end.left.moved(-3, 0), label: "× S_x S_w", side: 14)
  drawing.text("as with floats: \(text(exact, 2))", Point(632, 166), tone: .soft, size: .small)
  drawing.text(
    "S_x = \(text(input.scale)), S_w = \(text(weight.scale)); sums in 32 bits, products of 8 by 8 bits",
    Point(362, 232), tone: .soft, size: .small)
  return drawing
}
