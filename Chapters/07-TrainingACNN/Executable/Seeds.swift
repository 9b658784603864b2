import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Seeds: ChapterExperiment {
  static let name = "seeds"
  static let summary = "The same training from several seeds: how much of the result is chance."
  static let details = """
    Without files, 3,000 generated digits are learned from, three times each. The images stay the same; the first \
    weights, the order of the images and what augmentation does to them are drawn anew for each seed.

    EXAMPLES
      train-cnn seeds
      train-cnn seeds --seeds 10 --optimizer momentum
      train-cnn seeds --data ~/mnist --split 8000 --epochs 20 --augment all
      train-cnn seeds --test-data ~/mnist --test-skip 5000
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: TrainingOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From how many seeds to train (default: 4; with --quick 2).", valueName: "n"))
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, atLeast: 1)
  }

  /// Trains the same network on the same data from several seeds.
  func run(_ experiment: inout Experiment) throws {
    var data = try options.load(common).withValidation
    let isShort = options.files.data == nil && options.testData == nil
    // Few enough that several runs are done soon.
    if isShort { data = data.first(training: common.quick ? 1_000 : 3_000) }
    let count = seeds ?? (common.quick ? 2 : 4)
    print(
      """
      The article's CNN on \(data.source), from \(count) \(count == 1 ? "seed" : "seeds"): \
      \(grouped(data.training.count)) images to learn from, \
      \(grouped(data.test.count)) held out

      """)

    var table = Table(
      "The same training from several seeds",
      columns: ["seed", "epochs", "kept", "training loss", "validation loss", "test loss", "right"])
    var (runs, tests) = ([CNNRun](), [Evaluation]())
    for seed in common.seed..<common.seed + UInt64(count) {
      var settings = options.settings(common, for: data)
      if isShort && options.epochs == nil { settings.epochs = common.quick ? 1 : 3 }
      settings.seed = seed
      let progress = Progress(
        "seed \(seed)", total: settings.epochs * data.training.count, unit: "images")
      let run = CNNRun(settings, augmentation: options.augment, on: data)
      try run.finish { images in progress.update(images) }
      let test = evaluate(run.model, on: data.test)
      progress.finish("\(percent(test.accuracy, 2)) right")
      let kept = run.history[run.keptEpoch - 1]
      table.add(
        "\(seed)", "\(run.history.count)", "\(kept.epoch)", fixed(kept.training.loss, 4),
        fixed(kept.validation!.loss, 4), fixed(test.loss, 4), percent(test.accuracy, 2))
      runs.append(run)
      tests.append(test)
    }
    let accuracy = Spread(tests.map(\.accuracy))
    let loss = Spread(tests.map(\.loss))
    func mean(_ value: (EpochRecord) -> Double) -> String {
      Spread(runs.map { value($0.history[$0.keptEpoch - 1]) }).text(4)
    }
    table.add(
      "mean", "", "", mean(\.training.loss), mean(\.validation!.loss), loss.text(4), accuracy.percentText(2))
    print("")
    experiment.show(table, note: "The last row: mean ± standard deviation of one run.")

    // Runs that stopped early end sooner: the curves go as far as all of them do.
    let epochs = runs.map(\.history.count).min()!
    func curves(_ value: (EpochRecord) -> Double) -> [[Double]] {
      runs.map { $0.history.prefix(epochs).map(value) }
    }
    let x = (1...epochs).map(Double.init)
    let about = "mean of \(count) seeds; the bands reach from the lowest run to the highest"
    try experiment.write(
      LineChart(
        title: "Cross-entropy, from several seeds", subtitle: about, x: Axis("epoch"), y: Axis("loss"),
        series: [
          Series("training", x: x, runs: curves(\.training.loss)),
          Series("validation", x: x, runs: curves(\.validation!.loss)),
        ]), to: "loss-curves.svg", "loss, epoch by epoch")
    try experiment.write(
      LineChart(
        title: "Digits read correctly, from several seeds", subtitle: about, x: Axis("epoch"),
        y: Axis("share", unit: "%"),
        series: [
          Series("training", x: x, runs: curves { $0.training.accuracy * 100 }),
          Series("validation", x: x, runs: curves { $0.validation!.accuracy * 100 }),
        ]), to: "learning-curves.svg", "accuracy, epoch by epoch")

    experiment.metrics["seeds"] = Double(count)
    experiment.metrics["accuracy"] = accuracy.mean
    experiment.metrics["accuracy_deviation"] = accuracy.deviation
    experiment.metrics["accuracy_lowest"] = accuracy.values.min()
    experiment.metrics["accuracy_highest"] = accuracy.values.max()
    experiment.metrics["loss"] = loss.mean
    experiment.metrics["loss_deviation"] = loss.deviation
    experiment.metrics["epochs"] = Double(epochs)
    experiment.metrics["training_images"] = Double(data.training.count)
    experiment.metrics["test_images"] = Double(data.test.count)
    experiment.metrics["images_per_second"] = Spread(runs.map(\.examplesPerSecond)).mean
  }
}
