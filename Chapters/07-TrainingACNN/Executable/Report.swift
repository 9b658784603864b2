import Chapter07TrainingACNN
import Engine
import Workbench

/// Everything that a training run leaves behind: pictures, weights and results.
struct Report {
  let run: TrainingRun
  let test: Evaluation
  var results: Results
  /// The files written, with what they show.
  private(set) var files: [(name: String, meaning: String)] = []

  init(run: TrainingRun, test: Evaluation, seed: UInt64) {
    self.run = run
    self.test = test
    results = Results(command: "train-cnn train", seed: seed)
  }

  /// The median epoch's speed: forward, backward and the optimiser's step, and a look at the validation part.
  var imagesPerSecond: Double {
    let rates = run.history.map { Double(run.data.training.count) / $0.seconds }.sorted()
    return rates.isEmpty ? .nan : rates[rates.count / 2]
  }

  /// Writes all files; `results.json` last, so that it is there only when the others are.
  mutating func write(to output: OutputFolder, seconds: () -> Double) throws {
    try drawFilters(output)
    try drawLearning(output)
    try drawTest(output)
    try run.model.writeWeights(to: output.file("weights.safetensors"))
    files.append(("weights.safetensors", "the weights, by PyTorch's names"))

    addMetrics()
    results.files = files.map(\.name)
    results.seconds = seconds()
    try results.write(to: output)
    files.append(("results.json", "every figure"))
  }

  private mutating func drawFilters(_ output: OutputFolder) throws {
    // A five shows strokes of all directions; the first one that was read correctly.
    let place = test.labels.indices.first { test.labels[$0] == 5 && test.predictions[$0] == 5 } ?? 0
    let image = run.data.test.batch(place..<place + 1).images
    let label = test.labels[place]
    let maps = run.model.featureMaps(Variable(image))
    for (name, maps, order) in [("conv1", maps.conv1, "First"), ("conv2", maps.conv2, "Second")] {
      try featureMapSheet(
        input: image, maps: maps, title: "\(order) convolution, \(name), after ReLU",
        subtitle: "a \(label) from the test part"
      ).writePNG(to: output.file("feature-maps-\(name).png"))
      files.append(
        (
          "feature-maps-\(name).png",
          "what each of the \(maps.shape[1]) filters \(name == "conv1" ? "sees in one digit" : "makes of that")"
        ))
    }
    try kernelSheet(run.model.conv1.weight.value, title: "The filters of the first convolution, conv1")
      .writePNG(to: output.file("kernels-conv1.png"))
    files.append(("kernels-conv1.png", "the filters it learned"))
    try kernelSheet(run.model.conv2.weight.value, title: "The filters of the second convolution, conv2")
      .writePNG(to: output.file("kernels-conv2.png"))
    files.append(("kernels-conv2.png", "the same of the second layer"))
  }

  private mutating func drawTest(_ output: OutputFolder) throws {
    try confusionMatrix(
      test.confusion, labels: (0..<test.classCount).map(String.init), title: "Digits of the test part"
    ).writePNG(to: output.file("confusion-matrix.png"))
    files.append(("confusion-matrix.png", "what was taken for what"))

    let worst = Array(test.mistakes.prefix(40))
    let captions = worst.map {
      "\(test.labels[$0]) → \(test.predictions[$0])  \(percent(Double(test.confidences[$0]), 0))"
    }
    let images = run.data.test.batch(worst).images
    try gallery(
      images, captions: captions, title: "Digits read wrongly",
      subtitle: "\(test.count - test.correct) of \(test.count); label → guess and how sure, the surest first"
    ).writePNG(to: output.file("mistakes.png"))
    files.append(("mistakes.png", "the digits it got wrong, with what it took them for"))
  }

  private mutating func drawLearning(_ output: OutputFolder) throws {
    let epochs = run.history.map { Double($0.epoch) }
    func chart(_ title: String, _ axis: Axis, training: [Double], validation: [Double]) -> LineChart {
      LineChart(
        title: title, x: Axis("epoch"), y: axis,
        series: [Series("training", x: epochs, y: training), Series("validation", x: epochs, y: validation)])
    }
    try chart(
      "Digits read correctly", Axis("share", unit: "%"),
      training: run.history.map { $0.trainingAccuracy * 100 },
      validation: run.history.map { $0.validationAccuracy * 100 }
    ).writeSVG(to: output.file("learning-curves.svg"))
    try chart(
      "Cross-entropy", Axis("loss"), training: run.history.map(\.trainingLoss),
      validation: run.history.map(\.validationLoss)
    ).writeSVG(to: output.file("loss-curves.svg"))
    files.append(("learning-curves.svg", "accuracy, epoch by epoch"))
    files.append(("loss-curves.svg", "loss, epoch by epoch"))
  }

  private mutating func addMetrics() {
    var table = Table(
      "Epoch by epoch",
      columns: ["epoch", "training loss", "right", "validation loss", "right", "seconds"])
    for record in run.history {
      table.add(
        "\(record.epoch)", fixed(record.trainingLoss, 4), percent(record.trainingAccuracy, 2),
        fixed(record.validationLoss, 4), percent(record.validationAccuracy, 2), fixed(record.seconds, 2))
    }
    results.tables = [table]
    results.metrics["accuracy"] = test.accuracy
    results.metrics["loss"] = test.loss
    results.metrics["test_images"] = Double(test.count)
    results.metrics["training_images"] = Double(run.data.training.count)
    results.metrics["validation_images"] = Double(run.data.validation.count)
    results.metrics["parameters"] = Double(run.model.parameterCount)
    results.metrics["epochs"] = Double(run.history.count)
    if let last = run.history.last {
      results.metrics["training_loss"] = last.trainingLoss
      results.metrics["training_accuracy"] = last.trainingAccuracy
      results.metrics["validation_loss"] = last.validationLoss
      results.metrics["validation_accuracy"] = last.validationAccuracy
    }
  }
}
