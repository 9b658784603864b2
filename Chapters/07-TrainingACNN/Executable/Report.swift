import Chapter07TrainingACNN
import Engine
import Workbench

/// Draws what a run learned, and keeps its weights and its figures.
func report(_ run: CNNRun, _ test: Evaluation, on part: ImagePart, to experiment: inout Experiment) throws {
  try drawFilters(run, test, part, &experiment)
  try experiment.drawLearning(run, metricTitle: "Digits read correctly")
  try drawTest(test, part, &experiment)
  keepFigures(run, test, &experiment)
}

private func drawFilters(
  _ run: CNNRun, _ test: Evaluation, _ part: ImagePart, _ experiment: inout Experiment
) throws {
  // A five shows strokes of all directions; the first one that was read correctly.
  let place = test.labels.indices.first { test.labels[$0] == 5 && test.predictions[$0] == 5 } ?? 0
  let image = part.batch(place..<place + 1).images
  let maps = run.model.featureMaps(Variable(image))
  for (name, maps, order) in [("conv1", maps.conv1, "First"), ("conv2", maps.conv2, "Second")] {
    try experiment.write(
      featureMapSheet(
        input: image, maps: maps, title: "\(order) convolution, \(name), after ReLU",
        subtitle: "a \(test.labels[place]) from the test part"),
      to: "feature-maps-\(name).png",
      "what each of the \(maps.shape[1]) filters \(name == "conv1" ? "sees in one digit" : "makes of that")")
  }
  try experiment.write(
    kernelSheet(run.model.conv1.weight.value, title: "The filters of the first convolution, conv1"),
    to: "kernels-conv1.png", "the filters it learned")
  try experiment.write(
    kernelSheet(run.model.conv2.weight.value, title: "The filters of the second convolution, conv2"),
    to: "kernels-conv2.png", "the same of the second layer")
}

private func drawTest(_ test: Evaluation, _ part: ImagePart, _ experiment: inout Experiment) throws {
  try experiment.write(
    confusionMatrix(
      test.confusion, labels: (0..<test.classCount).map(String.init), title: "Digits of the test part"),
    to: "confusion-matrix.png", "what was taken for what")
  let worst = Array(test.mistakes.prefix(40))
  let captions = worst.map {
    "\(test.labels[$0]) → \(test.predictions[$0])  \(percent(Double(test.confidences[$0]), 0))"
  }
  try experiment.write(
    gallery(
      part.batch(worst).images, captions: captions, title: "Digits read wrongly",
      subtitle: "\(test.count - test.correct) of \(test.count); label → guess and how sure, the surest first"),
    to: "mistakes.png", "the digits it got wrong, with what it took them for")
}

private func keepFigures(_ run: CNNRun, _ test: Evaluation, _ experiment: inout Experiment) {
  var classes = Table("Digit by digit", columns: ["digit", "images", "right", "most often taken for"])
  for (digit, row) in test.confusion.enumerated() {
    let count = row.reduce(0, +)
    let other = row.indices.filter { $0 != digit && row[$0] > 0 }.max { (row[$0], $1) < (row[$1], $0) }
    classes.add(
      "\(digit)", "\(count)", count == 0 ? "" : percent(Double(row[digit]) / Double(count)),
      other.map { "\($0), \(row[$0]) times" } ?? "")
  }
  experiment.keep(classes)
  experiment.keepTraining(run)
  experiment.metrics["accuracy"] = test.accuracy
  experiment.metrics["loss"] = test.loss
  experiment.metrics["mistakes"] = Double(test.count - test.correct)
  experiment.metrics["test_images"] = Double(test.count)
  experiment.metrics["training_images"] = Double(run.task.exampleCount)
  experiment.metrics["validation_images"] = Double(run.task.validationCount)
  experiment.metrics["images_per_second"] = run.examplesPerSecond
}
