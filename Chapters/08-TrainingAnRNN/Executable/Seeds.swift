import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Seeds: ChapterExperiment {
  static let name = "seeds"
  static let summary = "The same training from several seeds: how much of the result is chance."
  static let details = """
    The texts stay the same; the first weights and the order of the texts are drawn anew for each seed.

    EXAMPLES
      train-rnn seeds
      train-rnn seeds --seeds 10 --epochs 4
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  func prepare() throws { try options.texts.check(common) }

  func run(_ experiment: inout Experiment) throws {
    let sizes = options.sizes(
      common, quick: .init(training: 500, epochs: 2, seeds: 2),
      standard: .init(training: 2_000, epochs: 6, seeds: 3),
      full: .init(training: 4_000, epochs: 6, seeds: 5))
    let data = try options.load(common, sizes)
    let seeds = options.seeds(common, sizes)
    print("The article's RNN from several seeds, on \(describe(data))\n")

    var table = Table(
      "The same training from several seeds",
      columns: ["seed", "training loss", "validation loss", "test loss", "right"])
    var (runs, tests) = ([SentenceRun](), [Evaluation]())
    for seed in seeds {
      var settings = TrainingSettings.rnn
      (settings.epochs, settings.seed) = (sizes.epochs, seed)
      let run = try trained("seed \(seed)", settings, on: data)
      let test = run.model.evaluation(of: data.test, classCount: data.classes.count)
      let last = run.history.last!
      table.add(
        "\(seed)", fixed(last.training.loss, 4), fixed(last.validation!.loss, 4),
        fixed(test.loss, 4),
        percent(test.accuracy, 2))
      runs.append(run)
      tests.append(test)
    }
    let accuracy = Spread(tests.map(\.accuracy))
    func mean(_ value: (EpochRecord) -> Double) -> String {
      Spread(runs.map { value($0.history.last!) }).text(4)
    }
    table.add(
      "mean", mean { $0.training.loss }, mean { $0.validation!.loss },
      Spread(tests.map(\.loss)).text(4),
      accuracy.percentText(2))
    print("")
    experiment.show(table, note: "The last row: mean ± standard deviation of one run.")

    let x = (1...sizes.epochs).map(Double.init)
    func curves(_ value: (EpochRecord) -> Double) -> [[Double]] {
      runs.map { $0.history.map(value) }
    }
    try experiment.write(
      LineChart(
        title: "Texts told correctly, from several seeds",
        subtitle:
          "mean of \(seeds.count) seeds; the bands reach from the lowest run to the highest",
        x: Axis("epoch"), y: Axis("share", unit: "%"),
        series: [
          Series("training", x: x, runs: curves { $0.training.accuracy * 100 }),
          Series("validation", x: x, runs: curves { $0.validation!.accuracy * 100 }),
        ]), to: "learning-curves.svg", "accuracy, epoch by epoch")
    experiment.metrics["seeds"] = Double(seeds.count)
    experiment.metrics["epochs"] = Double(sizes.epochs)
    experiment.metrics["accuracy"] = accuracy.mean
    experiment.metrics["accuracy_deviation"] = accuracy.deviation
    experiment.metrics["accuracy_lowest"] = accuracy.values.min()
    experiment.metrics["accuracy_highest"] = accuracy.values.max()
    experiment.metrics["training_texts"] = Double(data.training.count)
    experiment.metrics["test_texts"] = Double(data.test.count)
    experiment.metrics["texts_per_second"] = Spread(runs.map(\.examplesPerSecond)).mean
  }
}
