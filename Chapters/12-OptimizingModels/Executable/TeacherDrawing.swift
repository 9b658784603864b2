import Chapter12OptimizingModels
import Engine
import NumberText

/// A teacher's probabilities at two temperatures, and the student that learns from the softer ones.
func teacherDrawing() -> Diagram {
  let classes = ["7", "9", "4"]
  let teacher = [6.0, 2.0, 0.0]
  let student = [2.0, 1.5, 1.0]
  let temperature = 4.0
  let hard = softTargets(teacher, temperature: 1)
  let soft = softTargets(teacher, temperature: temperature)
  let softStudent = softTargets(student, temperature: temperature)
  let loss = softTargetLoss(student: student, teacher: teacher, temperature: temperature).loss
  func list(_ x: [Double]) -> String { x.map { fixed($0, 2) }.joined(separator: ", ") }

  var drawing = Diagram(
    height: 290, title: "A teacher and a student",
    description: """
      A picture of a 7 goes to two networks, a large box, the teacher, above, and a small one, the student, below. From the \
      teacher come bars for the classes 7, 9 and 4: at temperature 1 \(list(hard)), nearly all in the first bar; at \
      temperature \(fixed(temperature, 0)) \(list(soft)). From the student come flatter bars at the same temperature, \
      \(list(softStudent)). Between the soft bars of both stands the loss, \(fixed(loss, 2)), with an orange arrow back to the student.
      """)
  func bars(_ shares: [Double], x: Float, y: Float, tone: Tone, name: String) -> Frame {
    let frame = Frame(x, y, 124, 84)
    drawing.text(name, frame.top.moved(0, -13), tone: .soft, size: .small)
    for (k, share) in shares.enumerated() {
      let (left, height) = (x + 6 + 40 * Float(k), 62 * Float(share))
      drawing.rectangle(Frame(left, y + 64 - height, 32, max(height, 1)), .strong(tone, 0.65), .solid(tone))
      drawing.text(classes[k], Point(left + 16, y + 76), tone: .soft, size: .small)
    }
    drawing.line(Point(x, y + 64), Point(x + 124, y + 64), .solid(.soft))
    return frame
  }
  let image = drawing.box("image\nof a 7", Frame(20, 112, 76, 56), .soft)
  let large = drawing.box("teacher", Frame(142, 30, 120, 76), .blue)
  let small = drawing.box("student", Frame(162, 204, 80, 44), .orange)
  drawing.route([image.top, Point(58, 68), large.left])
  drawing.route([image.bottom, Point(58, 226), small.left])
  let first = bars(hard, x: 300, y: 34, tone: .blue, name: "T = 1")
  let second = bars(soft, x: 478, y: 34, tone: .blue, name: "T = \(fixed(temperature, 0))")
  let third = bars(softStudent, x: 478, y: 192, tone: .orange, name: "T = \(fixed(temperature, 0))")
  drawing.arrow(large.right, Point(first.x - 4, 68))
  drawing.arrow(Point(first.maxX + 6, 68), Point(second.x - 6, 68), label: "soften", side: 12)
  drawing.arrow(small.right, Point(third.x - 6, 226))
  let box = drawing.box("loss\n\(fixed(loss, 2))", Frame(630, 122, 74, 50), .purple)
  drawing.route([Point(second.maxX + 6, 84), Point(667, 84), box.top], .solid(.blue))
  drawing.route([Point(third.maxX + 6, 226), Point(667, 226), box.bottom], .solid(.orange))
  drawing.route([box.left, Point(202, 147), small.top], .dashed(.orange))
  drawing.text("gradient, to the student alone", Point(400, 160), tone: .orange, size: .small)
  return drawing
}
