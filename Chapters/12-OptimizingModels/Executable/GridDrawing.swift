import Chapter12OptimizingModels
import Engine
import NumberText

/// The five numbers of section 12.4 on a grid of sixteen points.
func gridDrawing() -> Diagram {
  let numbers: [Float] = [-0.6, 0, 0.27, 0.8, 2.4]
  let form = PlainQuantization.affine(low: -0.6, high: 2.4, range: 0...15)
  func text(_ x: Float) -> String {
    x == x.rounded()
      ? fixed(Double(x), 0) : x * 10 == (x * 10).rounded() ? fixed(Double(x), 1) : fixed(Double(x), 2)
  }

  var drawing = Diagram(
    height: 236, title: "Numbers on a grid",
    description: """
      Two lines above each other. On the upper one lie five numbers as dots: \(numbers.map(text).joined(separator: ", ")). On the lower \
      one are 16 evenly spaced points, the whole numbers from 0 to 15, and below them what each stands for. From every dot an \
      arrow leads down to its nearest point: \(numbers.map { "\(form.wholeNumber($0))" }.joined(separator: ", ")). All arrows are upright \
      but the one of 0.27, which is orange and leans to the point that stands for \(text(form.rounded(0.27))). Zero has a point \
      of its own, number \(form.zeroPoint).
      """)
  let (upper, lower, left, right): (Float, Float, Float, Float) = (64, 140, 90, 690)
  func x(_ number: Float) -> Float { left + (right - left) * (number + 0.6) / 3 }
  drawing.line(Point(left - 10, upper), Point(right + 10, upper), .solid(.soft))
  drawing.line(Point(left - 10, lower), Point(right + 10, lower), .solid(.soft))
  drawing.text("x", Point(left - 26, upper), .end)
  drawing.text("q", Point(left - 26, lower + 22), .end)
  drawing.text("S(q − Z)", Point(left - 26, lower + 56), .end, tone: .soft, size: .small)
  for q in form.range {
    let number = form.number(q)
    drawing.line(Point(x(number), lower - 5), Point(x(number), lower + 5), .solid(.ink))
    let isUsed = numbers.contains { form.wholeNumber($0) == q }
    drawing.text("\(q)", Point(x(number), lower + 22), tone: isUsed ? .blue : .soft, bold: isUsed)
    drawing.text(
      text((number * 10).rounded() / 10), Point(x(number), lower + 56),
      tone: q == form.zeroPoint ? .ink : .soft,
      size: .small)
  }
  for number in numbers {
    let rounded = form.rounded(number)
    let isMoved = abs(rounded - number) > 1e-4
    let tone: Tone = isMoved ? .orange : .blue
    drawing.arrow(Point(x(number), upper + 6), Point(x(rounded), lower - 8), .solid(tone))
    drawing.dot(Point(x(number), upper), radius: 5, tone)
    drawing.text(text(number), Point(x(number), upper - 22), tone: tone)
  }
  drawing.text(
    "step S = \(text((form.scale * 10).rounded() / 10)), zero point Z = \(form.zeroPoint)", Point(390, 222),
    tone: .soft, size: .small)
  return drawing
}
