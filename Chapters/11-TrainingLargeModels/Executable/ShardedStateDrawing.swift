import Chapter11TrainingLargeModels
import Engine
import NumberText

/// What each of four copies keeps of parameters, gradients and the optimiser's memory, by the stages of ZeRO.
func shardedStateDrawing() -> Diagram {
  let devices = 4
  let whole = ZeROMemory(parameters: 1, devices: devices, stage: 0)
  let stages = (0...3).map { ZeROMemory(parameters: 1, devices: devices, stage: $0) }
  func bytes(_ x: Double) -> String { x == x.rounded() ? fixed(x, 0) : fixed(x, 1) }

  var drawing = Diagram(
    height: 320, title: "Copies that share their state",
    description: """
      Four groups of four columns; a column is what one copy keeps, a small part at the top for parameters, an equal one for \
      gradients, and a part six times as high for the optimiser. Without ZeRO all columns are full. In stage 1 each column \
      has another quarter of the optimiser's part, and the rest is an empty frame; in stage 2 also of the gradients, in \
      stage 3 of all. Below stand the bytes for each parameter: \(stages.map { bytes($0.total) }.joined(separator: ", ")).
      """)
  let (unit, width): (Float, Float) = (11, 26)
  let top: Float = 62
  let names = ["no ZeRO", "stage 1", "stage 2", "stage 3"]
  for (k, stage) in stages.enumerated() {
    let left = 116 + 154 * Float(k)
    for device in 0..<devices {
      let x = left + Float(device) * (width + 4)
      var y = top
      let parts: [(kept: Double, of: Double, tone: Tone)] = [
        (stage.parameters, whole.parameters, .blue), (stage.gradients, whole.gradients, .orange),
        (stage.optimizer, whole.optimizer, .green),
      ]
      for (kept, of, tone) in parts {
        let height = Float(of) * unit
        drawing.rectangle(Frame(x, y, width, height), .none, .init(.soft, width: 1, dash: [2, 3]))
        let part = height * Float(kept / of)
        let place = kept < of ? y + part * Float(device) : y
        drawing.rectangle(Frame(x, place, width, part), .strong(tone, 0.8))
        y += height + 5
      }
    }
    let middle = left + 2 * width + 6
    drawing.text(names[k], Point(middle, 28), bold: true)
    drawing.text("\(bytes(stage.total)) bytes", Point(middle, 272))
  }
  var y = top
  for (name, of, tone) in [
    ("parameters", whole.parameters, Tone.blue), ("gradients", whole.gradients, .orange),
    ("optimiser", whole.optimizer, .green),
  ] {
    let height = Float(of) * unit
    drawing.text(name, Point(102, y + height / 2), .end, tone: tone)
    y += height + 5
  }
  drawing.text("on each of 4 copies, for each parameter", Point(360, 300), tone: .soft, size: .small)
  return drawing
}
