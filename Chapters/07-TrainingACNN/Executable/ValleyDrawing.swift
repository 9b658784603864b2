import Chapter07TrainingACNN
import Engine
import NumberText

/// Three optimisers on a long, narrow valley: where each stands after every step.
func valleyDrawing() -> Diagram {
  func loss(_ x: Double, _ y: Double) -> Double { 0.5 * (0.04 * x * x + 2 * y * y) }
  let (start, steps) = ([-4.5, 1.3], 30)
  func walk(_ optimizer: some OptimizerStep, learningRate: Double) -> [[Double]] {
    var (optimizer, w) = (optimizer, start)
    var places = [w]
    for _ in 0..<steps {
      optimizer.step(&w, [0.04 * w[0], 2 * w[1]], learningRate: learningRate)
      places.append(w)
    }
    return places
  }
  let walks: [(name: String, places: [[Double]], tone: Tone)] = [
    ("SGD, η = 0.8", walk(SGDStep(), learningRate: 0.8), .orange),
    ("momentum 0.8, η = 0.2", walk(MomentumStep(momentum: 0.8), learningRate: 0.2), .blue),
    ("Adam, η = 0.2", walk(AdamStep(), learningRate: 0.2), .green),
  ]
  let ends = walks.map { fixed(loss($0.places.last![0], $0.places.last![1]), 4) }

  var drawing = Diagram(
    height: 250, title: "Three optimisers on a valley",
    description: """
      The same long valley three times, drawn as ovals of equal loss around its lowest place, with a walk of \(steps) steps \
      from the same place on the left. SGD jumps from one side to the other, ever less, while it creeps along the floor. With \
      momentum the walk swings from side to side in wide curves and comes further along. Adam goes diagonally down to the \
      floor and as far as the lowest place, which it passes on one side. The losses at the end are \(ends.joined(separator: ", ")).
      """)
  for (k, (name, places, tone)) in walks.enumerated() {
    let frame = Frame(14 + 236 * Float(k), 46, 220, 160)
    drawing.text(name, frame.top.moved(0, -20), bold: true)
    let area = drawing.plot(frame, x: -5.2...2.2, y: -1.8...1.8)
    drawing.rectangle(frame, .none, .init(.soft, width: 1))
    drawing.contours(in: area, at: [0.01, 0.05, 0.15, 0.35, 0.7, 1.3, 2.2], .solid(.soft, width: 1), loss)
    drawing.walk(places.map { area.place($0[0], $0[1]) }, tone, radius: 2.5, width: 1.5)
    drawing.dot(area.place(0, 0), radius: 4, .ink)
    drawing.text("loss after \(steps) steps: \(ends[k])", frame.bottom.moved(0, 20), size: .small)
  }
  return drawing
}
