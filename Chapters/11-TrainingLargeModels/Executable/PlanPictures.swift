import Chapter01BigAndSmall
import Chapter11TrainingLargeModels
import Engine
import Workbench

extension Plan {
  /// The pictures of section 11.6.
  func drawPlanning(_ experiment: inout Experiment) throws {
    let state = ["parameters", "gradients", "optimiser"]
    let stages = (0...3).map { stage in
      let memory = ZeROMemory(parameters: 7.5e9, devices: 64, stage: stage)
      return (
        name: stage == 0 ? "every device keeps all" : "stage \(stage)",
        values: [memory.parameters, memory.gradients, memory.optimizer].map { $0 / 1e9 }
      )
    }
    try experiment.write(
      StackedBarChart(
        title: "What copies of a model can share",
        subtitle: "7.5 billion parameters, 64 copies, Adam with 16-bit numbers.",
        quantity: "GB on each device", parts: state, bars: stages, limit: ("an A100's 80 GB", 80)),
      to: "zero.svg", "memory of a device under ZeRO's stages")

    let one = ActivationBytes(of: TransformerShape(of: .gpt3)!, sequences: 1, hasDropout: true)
    let gib = 96 / Double(1 << 30)
    let rows: [(String, [Double])] = [
      ("one device a block", [one.whole, one.cut, one.scores]),
      ("tensor parallel, 8 devices", [one.whole, one.cut / 8, one.scores / 8]),
      ("sequence parallel too", [one.whole / 8, one.cut / 8, one.scores / 8]),
      ("and scores computed again", [one.whole / 8, one.cut / 8, 0]),
    ]
    try experiment.write(
      StackedBarChart(
        title: "What GPT-3 keeps of one sequence for its way back",
        subtitle: "All 96 blocks, on each device.",
        quantity: "GiB",
        parts: ["inputs of norms and products, masks", "inside attention and perceptron", "scores"],
        bars: rows.map { ($0.0, $0.1.map { $0 * gib }) }),
      to: "activations.svg", "activations of GPT-3 under tensor and sequence parallelism and recomputation")

    try experiment.write(
      PipelinePicture(stages: 4, microbatches: 8), to: "pipeline.svg", "which stage works when, in two orders"
    )
    try experiment.write(
      TensorPicture(), to: "tensor.svg", "a perceptron's two products on two devices")
    try experiment.write(
      DirectionsPicture(tensor: 2, pipeline: 3, data: 2), to: "directions.svg",
      "twelve devices in three directions")
    for order in PipelineSchedule.Order.allCases {
      let schedule = PipelineSchedule(stages: 4, microbatches: 8, order: order)
      let key = order == .allForward ? "all_forward" : "one_and_one"
      experiment.metrics["pipeline.\(key)_bubble"] = schedule.bubble
      experiment.metrics["pipeline.\(key)_waiting"] = Double(schedule.waiting(in: 0))
    }
  }

  /// What more stages leave on a device.
  func drawFit(_ request: PlanOptions.Request, _ experiment: inout Experiment) throws {
    let device = request.cluster.device
    let tensor =
      (1...device.perNode).last { request.shape.heads % $0 == 0 && request.shape.keyHeads % $0 == 0 } ?? 1
    let bars = (1...request.shape.layers).compactMap { pipeline -> (name: String, values: [Double])? in
      guard
        let plan = try? ParallelPlan(
          request.shape, devices: request.cluster.devices, tensor: tensor, pipeline: pipeline, zero: 1,
          cutsSequence: tensor > 1, recomputation: .selective, batch: request.batch)
      else { return nil }
      let memory = PlannedMemory(
        request.model.description, request.shape, plan, hasDropout: request.model.hasDropout)
      return (
        "\(pipeline) \(pipeline == 1 ? "stage" : "stages") × \(plan.data)",
        [
          memory.state.parameters, memory.state.gradients, memory.state.optimizer, memory.activations,
          memory.working,
        ].map { $0 / 1e9 }
      )
    }
    if bars.isEmpty { return }
    try experiment.write(
      StackedBarChart(
        title: "What more stages leave on a device",
        subtitle:
          "\(request.model.name) on \(grouped(request.cluster.devices)) devices, \(tensor) for each block; stages × "
          + "copies. ZeRO stage 1, scores computed again.",
        quantity: "GB on the fullest device",
        parts: ["parameters", "gradients", "optimiser", "activations", "for a moment"], bars: bars,
        limit: ("\(fixed(device.memory / 1e9, 0)) GB", device.memory / 1e9)),
      to: "memory.svg", "memory of a device against the number of stages")
  }
}

/// Which stage works when: a row for each stage, a box for each piece of work.
struct PipelinePicture: Chart {
  let stages, microbatches: Int

  private func color(isBack: Bool) -> Color {
    Color.categories[isBack ? 1 : 0].mixed(with: .white, isBack ? 0.15 : 0.1)
  }

  var drawing: Drawing {
    let width = 760
    var drawing = Drawing(width: width, height: 0, title: "A pipeline of \(stages) stages")
    var y = drawing.addHeading(
      "A pipeline of \(stages) stages",
      "\(microbatches) microbatches; the way back takes twice as long. Gaps are waiting.",
      width: width)
    let (left, right, row) = (110, width - 24, 26)
    for (order, name) in [
      (PipelineSchedule.Order.allForward, "all forward, then all back"),
      (.oneForwardOneBack, "one forward, one back"),
    ] {
      let schedule = PipelineSchedule(stages: stages, microbatches: microbatches, order: order)
      let unit = Double(right - left) / schedule.end
      let waiting = schedule.waiting(in: 0)
      drawing.add(
        Drawing.Label(
          text:
            "\(name): waits \(percent(schedule.bubble, 0)) of its work; stage 1 keeps \(waiting) microbatches at most",
          x: 24, y: y + Font.body.capHeight))
      y += Font.body.lineHeight + 4
      for (stage, works) in schedule.stages.enumerated() {
        drawing.add(
          Drawing.Label(
            text: "stage \(stage + 1)", x: left - 12, y: y + (row - 4 + Font.small.capHeight) / 2,
            font: .small,
            anchor: .end))
        for work in works {
          let (from, to) = (left + Int(work.start * unit), left + Int(work.end * unit))
          let color = color(isBack: work.isBack)
          let box = Box(x: from, y: y, width: to - from - 1, height: row - 4)
          drawing.add(.fill(box, color))
          drawing.add(
            Drawing.Label(
              text: "\(work.microbatch + 1)", x: (from + to) / 2, y: y + (row - 4 + Font.small.capHeight) / 2,
              font: .small, color: color.readableText, anchor: .middle))
        }
        y += row
      }
      y += 16
    }
    for (i, name) in ["forward", "back"].enumerated() {
      drawing.add(.fill(Box(x: left + i * 120, y: y - 4, width: 14, height: 14), color(isBack: i == 1)))
      drawing.add(Drawing.Label(text: name, x: left + i * 120 + 20, y: y - 4 + Font.body.capHeight + 2))
    }
    drawing.height = y + 30
    return drawing
  }
}

/// A perceptron's two products, each cut in two: columns first, then rows.
struct TensorPicture: Chart {
  var drawing: Drawing {
    let width = 760
    let title = "One perceptron on two devices"
    var drawing = Drawing(width: width, height: 0, title: title)
    let top = drawing.addHeading(
      title,
      "The first matrix is cut into columns, the second into rows: one sum at the end is all that is sent.",
      width: width)
    let colors = [Color.categories[0], Color.categories[2]]
    func box(_ x: Int, _ y: Int, _ w: Int, _ h: Int, _ color: Color, _ text: String, _ drawing: inout Drawing)
    {
      let light = color.mixed(with: .white, 0.75)
      drawing.add(.fill(Box(x: x, y: y, width: w, height: h), light))
      drawing.add(.frame(Box(x: x, y: y, width: w, height: h), color))
      drawing.add(
        Drawing.Label(
          text: text, x: x + w / 2, y: y + (h + Font.body.capHeight) / 2, color: .ink, anchor: .middle))
    }
    func text(_ text: String, _ x: Int, _ y: Int, _ drawing: inout Drawing) {
      drawing.add(
        Drawing.Label(text: text, x: x, y: y + Font.body.capHeight / 2, color: .faintInk, anchor: .middle))
    }
    for device in 0..<2 {
      let y = top + 24 + device * 130
      let middle = y + 40
      drawing.add(
        Drawing.Label(text: "device \(device + 1)", x: 24, y: y - 8, font: .small, color: .faintInk))
      box(24, y + 10, 90, 60, .rule, "X", &drawing)
      text("×", 128, middle, &drawing)
      box(142, y, 60, 80, colors[device], "A\(device + 1)", &drawing)
      text("→ GELU →", 246, middle, &drawing)
      box(290, y + 10, 60, 60, colors[device], "H\(device + 1)", &drawing)
      text("×", 364, middle, &drawing)
      box(378, y + 20, 90, 40, colors[device], "B\(device + 1)", &drawing)
      text("=", 486, middle, &drawing)
      box(502, y + 10, 90, 60, colors[device], "Y\(device + 1)", &drawing)
      drawing.add(
        .line(
          [Point(596, Float(middle)), Point(640, Float(top + 24 + 105))], width: 1.5, color: .rule, dash: []))
    }
    let y = top + 24 + 75
    box(642, y, 94, 60, .rule, "Y1 + Y2", &drawing)
    drawing.add(
      Drawing.Label(
        text: "all-reduce", x: 689, y: y - 8, font: .small, color: .faintInk, anchor: .middle))
    drawing.height = top + 24 + 130 + 80 + 30
    return drawing
  }
}

/// Devices in three directions: copies, stages, and those that share a block.
struct DirectionsPicture: Chart {
  let tensor, pipeline, data: Int

  var drawing: Drawing {
    let width = 760
    let title = "\(tensor * pipeline * data) devices in three directions"
    var drawing = Drawing(width: width, height: 0, title: title)
    let top = drawing.addHeading(
      title,
      "tensor \(tensor) × pipeline \(pipeline) × \(data) copies: devices of one name hold the same weights.",
      width: width)
    let (cell, gap) = (84, 10)
    let stage = tensor * (cell - 2) + 12
    let left = 110
    for copy in 0..<data {
      let y = top + 20 + copy * 130
      drawing.add(
        Drawing.Label(text: "copy \(copy + 1)", x: left - 14, y: y + 40, anchor: .end))
      for s in 0..<pipeline {
        let x = left + s * (stage + 30)
        drawing.add(.frame(Box(x: x, y: y, width: stage, height: 74), .rule))
        if copy == 0 {
          drawing.add(
            Drawing.Label(
              text: "stage \(s + 1)", x: x + stage / 2, y: y - 8, font: .small, color: .faintInk,
              anchor: .middle))
        }
        for t in 0..<tensor {
          let color = Color.categories[s % 5].mixed(with: .white, t % 2 == 0 ? 0.25 : 0.55)
          let box = Box(x: x + 10 + t * (cell - 2), y: y + 10, width: cell - gap, height: 54)
          drawing.add(.fill(box, color))
          drawing.add(
            Drawing.Label(
              text: "W\(s + 1)\(["a", "b", "c", "d"][t % 4])", x: box.x + box.width / 2, y: y + 42,
              color: color.readableText, anchor: .middle))
        }
        if s + 1 < pipeline {
          let (from, to) = (Float(x + stage + 4), Float(x + stage + 26))
          let middle = Float(y + 37)
          drawing.add(.line([Point(from, middle), Point(to, middle)], width: 2, color: .faintInk, dash: []))
          drawing.add(
            .line(
              [Point(to - 6, middle - 5), Point(to, middle), Point(to - 6, middle + 5)], width: 2,
              color: .faintInk, dash: []))
        }
        if copy + 1 < data {
          let column = Float(x + stage / 2)
          drawing.add(
            .line(
              [Point(column, Float(y + 78)), Point(column, Float(y + 126))], width: 2, color: .faintInk,
              dash: [4, 4]))
        }
      }
    }
    let y = top + 20 + data * 130 - 40
    drawing.add(
      Drawing.Label(
        text:
          "→ activations, stage to stage      - - gradients, summed among copies      side by side: sums within every block",
        x: 24, y: y + Font.small.capHeight, font: .small, color: .faintInk))
    drawing.height = y + 36
    return drawing
  }
}
