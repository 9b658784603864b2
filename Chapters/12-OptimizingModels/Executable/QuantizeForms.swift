import Chapter07TrainingACNN
import Engine
import Workbench

extension Quantize {
  /// Ways to choose the scales, for weights and for inputs, on the article's CNN.
  func showForms(_ models: TrainedModels, _ images: Tensor, _ experiment: inout Experiment) throws {
    let float = models.accuracy(models.cnn)
    experiment.metrics["cnn.float32_accuracy"] = float
    var table = Table(
      "The article's CNN in eight bits, without training again",
      columns: ["weights", "scales", "inputs", "read correctly", "points", "answers changed"])
    let answers = predictions(models.cnn, models)
    table.add("32 bits", "", "32 bits", percent(float, 2), "", "")

    let calibration = Calibration(of: models.cnn)
    calibration.watch { _ = models.cnn(Variable(images)).value }
    func add(
      _ name: String, _ form: WeightForm, _ inputName: String, _ inputs: [String: Quantization], key: String
    ) throws {
      let model = try models.copyOfCNN()
      try model.roundWeights(form, inputs: inputs)
      let accuracy = models.accuracy(model)
      let changed = zip(predictions(model, models), answers).count { $0 != $1 }
      table.add(
        form.scheme == .symmetric ? "symmetric" : "affine", name, inputName, percent(accuracy, 2),
        (accuracy < float ? "−" : "+") + fixed(abs(accuracy - float) * 100, 2), grouped(changed))
      experiment.metrics["forms.\(key).accuracy"] = accuracy
      experiment.metrics["forms.\(key).changed"] = Double(changed)
    }
    for (scheme, key) in [(Quantization.Scheme.symmetric, "symmetric"), (.affine, "affine")] {
      try add(
        "one for the layer", WeightForm(scheme, perChannel: false), "as they come", [:],
        key: "\(key)_tensor")
      try add("one for each row", WeightForm(scheme), "as they come", [:], key: "\(key)_channel")
    }
    for (name, fit, key) in [
      ("range", Quantization.Fit.range, "range"),
      ("99.99 % of the numbers", .percentile(0.9999), "percentile"),
      ("99 % of the numbers", .percentile(0.99), "percentile_99"),
      ("least square error", .leastError, "error"),
    ] {
      try add(
        "one for each row", WeightForm(), "fixed: " + name, calibration.inputs(fit: fit), key: "fixed_\(key)")
    }
    experiment.show(
      table,
      note:
        "points: percentage points beside 32 bits; answers changed: of \(grouped(models.digits.test.count)) test images; "
        + "fixed scales were measured on \(grouped(images.shape[0])) images")
    experiment.metrics["calibration_images"] = Double(images.shape[0])
    experiment.metrics["test_images"] = Double(models.digits.test.count)
    try drawRanges(models, calibration, &experiment)
  }

  private func predictions(_ model: CNN, _ models: TrainedModels) -> [Int] {
    evaluate(model, on: models.digits.test).predictions
  }

  /// What goes into the last layer but one, and where each rule cuts it off.
  private func drawRanges(
    _ models: TrainedModels, _ calibration: Calibration, _ experiment: inout Experiment
  ) throws {
    let name = "fc1.weight"
    guard let sample = calibration.sample(name) else { return }
    let fits: [(String, Quantization.Fit)] = [
      ("the whole range", .range), ("least square error", .leastError), ("99.99 %", .percentile(0.9999)),
      ("99 %", .percentile(0.99)),
    ]
    // Zeros, most of what ReLU leaves, would hide all others.
    let numbers = sample.scalars.filter { $0 > 0 }.map { Double($0) }
    let most = numbers.max() ?? 1
    var rows: [(name: String, panels: [HistogramSheet.Panel])] = []
    for (label, fit) in fits {
      let form = calibration.inputs(fit: fit)[name]!
      let end = Double(form.scales[0]) * 255
      let left = numbers.map { min($0, end) }
      let cut = numbers.count { $0 > end }
      rows.append(
        (
          label,
          [
            HistogramSheet.Panel(
              left, over: 0...most, bins: 90,
              note: "up to \(fixed(end, 2)); cut off: \(percent(Double(cut) / Double(numbers.count), 2))")
          ]
        ))
      experiment.metrics["range.\(label.replacing(" ", with: "_"))"] = end
    }
    try experiment.write(
      HistogramSheet(
        title: "What goes into the article's first linear layer, and where it is cut off",
        subtitle: "what was cut off stands in the last bar",
        axis: Axis("number", range: 0...most), columns: ["inputs above 0"], rows: rows, tallest: 0.08),
      to: "ranges.svg", "inputs of a layer, by calibration")
  }
}
