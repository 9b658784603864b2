import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Augmentations: ChapterExperiment {
  static let name = "augmentation"
  static let summary = "Few images, changed at random in every epoch: what that is worth."
  static let details = """
    EXAMPLES
      train-cnn augmentation
      train-cnn augmentation --images 300 --epochs 30
      train-cnn augmentation --data ~/mnist --split 8000 --images 1000
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  /// Trains on few images with each way to change them, from several seeds.
  func run(_ experiment: inout Experiment) throws {
    let isShort = experiment.isPartOfAll && !common.full
    let sizes = options.sizes(
      common, usual: .init(images: isShort ? 300 : 500, epochs: 12, seeds: isShort ? 2 : 3),
      quick: .init(images: 200, epochs: 2, seeds: 2, heldOut: 200))
    let data = try options.load(common, sizes)
    print(
      """
      Augmentation on \(data.source): \(sizes.epochs) \(sizes.epochs == 1 ? "epoch" : "epochs") of \
      \(grouped(data.training.count)) images, \(sizes.seeds) \(sizes.seeds == 1 ? "seed" : "seeds")

      """)
    try experiment.write(
      augmentedDigits(data.training, seed: common.seed), to: "augmented-digits.png",
      "the same digits, changed in each way")

    let choices = AugmentationChoice.allCases
    let perRun = sizes.epochs * data.training.count
    let progress = Progress("augmentation", total: choices.count * sizes.seeds * perRun, unit: "images")
    var seen = 0
    var table = Table(
      "What each change of the images is worth",
      columns: ["augmentation", "training loss", "validation loss", "test loss", "right", "images/s"])
    var curves: [Series] = []
    for choice in choices {
      var (runs, tests) = ([CNNRun](), [Evaluation]())
      for seed in common.seed..<common.seed + UInt64(sizes.seeds) {
        var settings = TrainingSettings.cnn
        (settings.epochs, settings.seed) = (sizes.epochs, seed)
        // Small batches, so that few images make enough steps.
        settings.batchSize = 16
        let run = CNNRun(settings, augmentation: choice, on: data)
        try run.finish { progress.update(seen + $0, note: choice.rawValue) }
        seen += perRun
        runs.append(run)
        tests.append(evaluate(run.model, on: data.test))
      }
      let accuracy = Spread(tests.map(\.accuracy))
      let loss = Spread(tests.map(\.loss))
      let speed = Spread(runs.map(\.examplesPerSecond))
      table.add(
        choice.rawValue, Spread(runs.map { $0.history.last!.training.loss }).text(4),
        Spread(runs.map { $0.history.last!.validation!.loss }).text(4), loss.text(4), accuracy.percentText(2),
        grouped(speed.mean))
      curves.append(
        Series(
          choice.rawValue, x: (1...sizes.epochs).map(Double.init),
          runs: runs.map { $0.history.map(\.validation!.loss) }))
      experiment.metrics["\(choice.rawValue)_accuracy"] = accuracy.mean
      experiment.metrics["\(choice.rawValue)_accuracy_deviation"] = accuracy.deviation
      experiment.metrics["\(choice.rawValue)_loss"] = loss.mean
      experiment.metrics["\(choice.rawValue)_loss_deviation"] = loss.deviation
      experiment.metrics["\(choice.rawValue)_training_loss"] =
        Spread(runs.map { $0.history.last!.training.loss }).mean
      experiment.metrics["\(choice.rawValue)_images_per_second"] = speed.mean
    }
    progress.finish()
    experiment.show(
      table, note: "Mean ± standard deviation over \(sizes.seeds) seeds, at the end of the last epoch.")
    experiment.metrics["seeds"] = Double(sizes.seeds)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["training_images"] = Double(data.training.count)
    experiment.metrics["test_images"] = Double(data.test.count)
    try experiment.write(
      LineChart(
        title: "Validation loss with each augmentation",
        subtitle: "mean of \(sizes.seeds) seeds; the bands reach from the lowest run to the highest",
        x: Axis("epoch"), y: Axis("loss", isLogarithmic: true), series: curves), to: "validation-loss.svg",
      "the loss on unchanged images, epoch by epoch")
  }
}

/// A few digits as they are, and below them after each change.
private func augmentedDigits(_ part: ImagePart, seed: UInt64) -> Canvas {
  let places = Array(0..<min(8, part.count))
  let (images, _) = part.batch(places)
  var rows: [Tensor] = []
  var captions: [String] = []
  for choice in AugmentationChoice.allCases {
    rows.append(
      choice.make(seed: seed)?(images, examples: places.map { part.indices[$0] }, epoch: 1) ?? images)
    captions += places.map { _ in choice.rawValue }
  }
  return gallery(
    Tensor(rows.flatMap(\.scalars), shape: [rows.count * places.count] + images.shape.dropFirst()),
    captions: captions, title: "The same digits, changed at random",
    subtitle: "every epoch changes them in another way", range: 0...1)
}
