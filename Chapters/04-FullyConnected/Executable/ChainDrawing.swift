import Chapter04FullyConnected
import Engine
import NumberText

/// The calculation of section 4.6 on the tape: values on the way forwards, gradients on the way back.
func chainDrawing() -> Diagram {
  let tape = Tape()
  let a = tape.input(3)
  let b = tape.input(2)
  let c = a + b
  let y = c * a
  tape.backward(from: y)
  func whole(_ x: Double) -> String { fixed(x, 0) }

  var drawing = Diagram(
    height: 300, title: "The chain rule on a graph",
    description: """
      Four boxes. From a = 3 and b = 2 blue arrows lead to c = a + b = \(whole(c.value)), and from c and a to y = c · a = \
      \(whole(y.value)). Beside each, a dashed orange arrow leads back, with the gradient at its beginning times the slope: \
      y passes \(whole(a.value)) to c and \(whole(c.value)) to a, c passes \(whole(c.gradient)) to a and to b. In the boxes stand the \
      gradients, 1 at y, \(whole(c.gradient)) at c, \(whole(a.gradient)) at a, the sum of two parts, and \(whole(b.gradient)) at b.
      """)
  func box(_ name: String, _ number: Number, _ place: Point) -> Frame {
    let frame = drawing.rectangle(
      Frame(center: place, 128, 72), .tint(.soft), .solid(.soft), corner: 6)
    drawing.text("\(name) = \(whole(number.value))", place.moved(0, -16), tone: .blue, bold: true)
    drawing.text("gradient \(whole(number.gradient))", place.moved(0, 16), tone: .orange)
    return frame
  }
  let boxA = box("a", a, Point(90, 76))
  let boxB = box("b", b, Point(90, 230))
  let boxC = box("c = a + b", c, Point(350, 190))
  let boxY = box("y = c · a", y, Point(624, 104))

  /// A pair of arrows, forwards and back, with what comes back along the second.
  func edge(_ from: Point, _ to: Point, _ passed: String, beside: (Float, Float)) {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = (dx * dx + dy * dy).squareRoot()
    let (nx, ny) = (-dy / length * 5, dx / length * 5)
    drawing.arrow(from.moved(-nx, -ny), to.moved(-nx, -ny), .solid(.blue))
    drawing.arrow(to.moved(nx, ny), from.moved(nx, ny), .dashed(.orange))
    let middle = Point((from.x + to.x) / 2, (from.y + to.y) / 2)
    drawing.text(passed, middle.moved(beside.0, beside.1), tone: .orange, size: .small)
  }
  func passes(_ end: Number, _ k: Int) -> String {
    let step = tape.steps[end.place]
    let slope = step.inputs[k].slope
    return "\(whole(step.gradient)) · \(whole(slope)) = \(whole(step.gradient * slope))"
  }
  edge(boxA.right.moved(3, -10), boxY.left.moved(-3, -12), passes(y, 1), beside: (0, 20))
  edge(boxC.right.moved(3, 0), boxY.left.moved(-3, 20), passes(y, 0), beside: (40, 14))
  edge(boxA.right.moved(3, 20), boxC.left.moved(-3, -18), passes(c, 0), beside: (-42, 12))
  edge(boxB.right.moved(3, 0), boxC.left.moved(-3, 18), passes(c, 1), beside: (4, 24))
  return drawing
}
